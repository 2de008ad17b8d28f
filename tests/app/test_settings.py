"""The environment, read once, with defaults that work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.settings import (
    DAY,
    DEFAULT_MAX_AGE_DAYS,
    DEFAULT_MODELS,
    DEFAULT_QUOTA_MIB,
    MIB,
    read_settings,
)
from parity.project import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _unread() -> Iterator[None]:
    read_settings.cache_clear()
    yield
    read_settings.cache_clear()


def test_models_are_a_list_without_blanks_and_doubles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids and inference profiles, in the order given."""
    monkeypatch.setenv("BEDROCK_MODEL_IDS", " a:0, us.b:0,,a:0 ")
    assert read_settings().model_ids == ("a:0", "us.b:0")


@pytest.mark.parametrize("given", ["", " , "])
def test_empty_list_of_models_means_the_default(
    monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    """A page without any model would be of no use."""
    monkeypatch.setenv("BEDROCK_MODEL_IDS", given)
    assert read_settings().model_ids == tuple(DEFAULT_MODELS.split(","))


def test_sessions_are_kept_for_30_days_and_64_mib(monkeypatch: pytest.MonkeyPatch) -> None:
    """By default, and where a variable is empty as Compose leaves it."""
    monkeypatch.setenv("SESSION_MAX_AGE_DAYS", "")
    settings = read_settings()
    assert (settings.session_max_age, settings.session_quota) == (30 * DAY, 64 * MIB)


def test_docs_tell_what_a_task_keeps_that_is_told_nothing() -> None:
    """Age and quota; that the local stack is told the same are two facts of `parity check`."""
    docs = " ".join((ROOT / "docs" / "cloud.md").read_text().split())
    said = (
        f"{DEFAULT_MAX_AGE_DAYS} days after its last use, and keeps up to {DEFAULT_QUOTA_MIB} MiB"
    )
    assert said in docs


def test_age_and_quota_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """In days and MiB, with fractions; 0 days keep a session for ever."""
    monkeypatch.setenv("SESSION_MAX_AGE_DAYS", " 0 ")
    monkeypatch.setenv("SESSION_QUOTA_MIB", "0.5")
    settings = read_settings()
    assert (settings.session_max_age, settings.session_quota) == (0, MIB // 2)


@pytest.mark.parametrize("given", ["thirty", "-1", "nan", "inf", "1e9", "1,5"])
def test_a_wrong_age_ends_the_start(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    """Rather than expire what should be kept; the message names the variable and its value."""
    monkeypatch.setenv("SESSION_MAX_AGE_DAYS", given)
    with pytest.raises(ValueError, match=f"SESSION_MAX_AGE_DAYS must be a number.*{given}"):
        read_settings()
