"""One JSON line an event."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from app import log

if TYPE_CHECKING:
    import pytest


def test_event_is_one_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Also with line breaks and quotes in it."""
    log.configure()
    log.event("session_opened", session="0123abcd", note='two\nlines and "quotes"')
    [line] = capsys.readouterr().out.splitlines()
    entry = json.loads(line)
    assert (entry["event"], entry["session"], entry["level"]) == (
        "session_opened",
        "0123abcd",
        "info",
    )
    assert entry["note"] == 'two\nlines and "quotes"'
