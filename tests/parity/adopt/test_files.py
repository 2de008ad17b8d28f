"""Where an adopted app's files are, and which app a stack runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from parity.adopt import files, service
from parity.adopt.files import Record
from parity.project import read_settings

if TYPE_CHECKING:
    from pathlib import Path

    from parity.project import Settings

RECORD = Record("my-app", "./my-app", "p-adopted", "app.py", 8501, "/_stcore/health", sticky=False)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Give settings whose files are in a folder of the test's own."""
    monkeypatch.setattr(files, "ROOT", tmp_path)
    monkeypatch.setattr(files, "FOLDER", tmp_path / ".parity" / "adopted")
    return read_settings({"COMPOSE_PROJECT_NAME": "p"})


def write(settings: Settings, record: Record, text: str = "") -> None:
    """Write a record and one file beside it."""
    known = files.of(settings.project)
    files.write(known, record, {known.override: text})


def test_what_was_written_is_read_again(settings: Settings) -> None:
    """To the last field."""
    assert files.read("p") is None
    record = replace(RECORD, secrets=(), environment={"A": "b"})
    write(settings, record)
    assert files.read("p") == record


def test_stack_runs_the_app_from_its_start_to_the_next_of_another(settings: Settings) -> None:
    """Prepared is not running; and every command finds the same app, volume and stickiness."""
    write(settings, RECORD)
    assert service.as_running(settings) == settings
    service.note(service.wanted(settings))
    found = service.as_running(settings)
    assert found.overrides == (".parity/adopted/p/compose.yaml",)
    assert found.data == files.of("p").data
    assert not found.sticky
    assert service.as_running(found) == found
    service.note(settings)
    assert service.as_running(settings) == settings


def test_app_of_before_comes_back_where_another_cannot_be_adopted(settings: Settings) -> None:
    """It still runs, so each command must know it; its data is in its place all the time."""
    write(settings, RECORD, "first")
    service.note(service.wanted(settings))
    known = files.of("p")
    known.data.mkdir()

    def fail() -> None:
        with files.replacing(known):
            write(settings, replace(RECORD, name="other"), "second")
            assert known.data.is_dir()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert files.read("p") == RECORD
    assert known.override.read_text() == "first"
    assert service.is_on("p")
    with files.replacing(known):
        write(settings, replace(RECORD, name="other"), "second")
    found = files.read("p")
    assert found is not None
    assert found.name == "other"
    assert [each.name for each in known.folder.parent.iterdir()] == ["p"]


def test_secrets_are_copied_for_the_replicas_alone(settings: Settings, tmp_path: Path) -> None:
    """They can read that one file; nobody else on this machine finds the folder."""
    (tmp_path / ".env").write_text("TOKEN=x")
    write(settings, replace(RECORD, context=str(tmp_path), secrets=(".env",)))
    copy = files.of("p").secret(".env")
    assert copy.read_text() == "TOKEN=x"
    assert copy.stat().st_mode & 0o777 == 0o444
    assert files.of("p").folder.stat().st_mode & 0o777 == 0o700


def test_data_stays_when_the_app_goes(settings: Settings) -> None:
    """It is what users wrote."""
    write(settings, RECORD)
    known = files.of("p")
    known.data.mkdir()
    files.clear(known)
    assert [each.name for each in known.folder.iterdir()] == ["data"]
    known.data.rmdir()
    files.clear(known)
    assert not known.folder.exists()
