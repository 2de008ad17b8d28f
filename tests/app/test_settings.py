"""The environment, read once, with defaults that work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.settings import DEFAULT_MODELS, read_settings

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
