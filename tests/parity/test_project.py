"""Settings come from options, the environment and .env, in that order, and are checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from parity.errors import UsageError
from parity.project import ROOT, env_file, read_settings

NAMES = (
    "COMPOSE_PROJECT_NAME",
    "PORT",
    "HTTPS_PORT",
    "BEDROCK_PORT",
    "REPLICAS",
    "STICKINESS",
    "DATA_FOLDER",
)


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_tracked_env_file_is_valid_and_keeps_the_data_in_the_checkout() -> None:
    """The defaults need no environment at all."""
    settings = read_settings()
    assert settings.project == "parity-kit"
    assert settings.url == f"http://localhost:{settings.port}"
    assert settings.data == ROOT / "data"
    assert len({settings.port, settings.https_port, settings.bedrock_port}) == 3


def test_environment_wins_over_env_file_and_options_win_over_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One order of precedence for every value."""
    monkeypatch.setenv("REPLICAS", "4")
    assert read_settings().replicas == 4
    assert read_settings({"REPLICAS": "5", "STICKINESS": "off"}).replicas == 5
    assert not read_settings({"STICKINESS": "off"}).sticky


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("REPLICAS", text)
            for text in ("0", "51", "three", "", "-1", "1.5", "3 ", "٣", "9" * 5000)
        ),
        *(("PORT", text) for text in ("0", "65536", "http", "")),
        ("BEDROCK_PORT", "99999"),
        ("HTTPS_PORT", "https"),
        ("STICKINESS", "yes"),
        ("COMPOSE_PROJECT_NAME", "Parity Kit"),
        ("COMPOSE_PROJECT_NAME", ""),
        ("PYTHON_IMAGE", "--privileged"),
        ("NGINX_IMAGE", ""),
    ],
)
def test_wrong_value_is_quoted_with_what_to_do_next(name: str, value: str) -> None:
    """Nobody has to guess which of a dozen values was wrong."""
    with pytest.raises(UsageError) as caught:
        read_settings({name: value})
    assert f"{name}='{value}'" in caught.value.what
    assert caught.value.hint


@pytest.mark.parametrize("folder", ["", "  ", "/", "/tmp", ".", "..", "~", "data/../.."])  # noqa: S108
def test_data_folder_may_not_hold_more_than_the_stacks_data(folder: str) -> None:
    """It is chowned by `up` and deleted by `down --volumes`."""
    with pytest.raises(UsageError, match="DATA_FOLDER="):
        read_settings({"DATA_FOLDER": folder})


def test_data_folder_is_relative_to_the_checkout() -> None:
    """As Compose takes it, from whatever folder the command is called."""
    assert read_settings({"DATA_FOLDER": "./x/../y"}).data == ROOT / "y"
    assert read_settings({"DATA_FOLDER": "/srv/y"}).data == Path("/srv/y")


def test_two_services_cannot_share_a_port() -> None:
    """Found before Docker says so half way through."""
    with pytest.raises(UsageError, match="both 8123"):
        read_settings({"PORT": "8123", "BEDROCK_PORT": "8123"})


def test_env_file_is_read_as_compose_reads_it(tmp_path: Path) -> None:
    """Comments and blank lines are nothing; quotes are not part of a value."""
    file = tmp_path / ".env"
    file.write_text("# A=1\n\nA=1\nB2='two words'\nC=\"x\"\nD=\nE=a=b\n")
    assert env_file(file) == {"A": "1", "B2": "two words", "C": "x", "D": "", "E": "a=b"}


def test_missing_env_file_is_a_usage_error(tmp_path: Path) -> None:
    """Not a traceback."""
    with pytest.raises(UsageError, match="is missing"):
        env_file(tmp_path / ".env")
