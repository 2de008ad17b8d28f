"""One JSON line an event."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

import pytest
from starlette.websockets import WebSocketDisconnected
from streamlit import logger as streamlit_logger

from app import log

APP = Path(log.__file__).parent
EVENT = re.compile(r'\blog\.(?:event|error)\(\s*"(\w+)"|"(turn_\w+)"')
DOCUMENTED = APP.parent / "docs" / "logs.md"


@pytest.fixture(autouse=True)
def _own_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave no handler that writes to this test's stdout when that is closed."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(streamlit_logger, "setup_formatter", streamlit_logger.setup_formatter)


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


def test_error_carries_its_traceback_on_the_same_line(capsys: pytest.CaptureFixture[str]) -> None:
    """And its level, so that an alarm can find it."""
    log.configure()
    try:
        int("what went wrong")
    except ValueError:
        log.error("answer_crashed", session="0123abcd")
    [line] = capsys.readouterr().out.splitlines()
    entry = json.loads(line)
    assert (entry["event"], entry["level"]) == ("answer_crashed", "error")
    assert "what went wrong" in entry["error"]


@pytest.mark.parametrize(
    ("error", "lines"),
    [(WebSocketDisconnected("a close message has been sent"), 0), (OSError(), 1)],
)
def test_browser_that_leaves_is_no_error(
    error: Exception, lines: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Though Streamlit lets the server log it as one, when it was about to write to it."""
    log.configure()
    logging.getLogger("uvicorn.error").error("Exception in ASGI application", exc_info=error)
    assert len(capsys.readouterr().out.splitlines()) == lines


@pytest.mark.parametrize("name", ["streamlit.runtime", "uvicorn.error", "asyncio", "py.warnings"])
def test_what_others_log_is_json_too(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Loggers that Streamlit made before, makes later, or knows nothing of."""
    log.configure()
    if name.startswith("streamlit"):
        streamlit_logger.get_logger(name)
    logging.getLogger(name).warning("oh no")
    logging.getLogger(name).info("by the way")
    [line] = capsys.readouterr().out.splitlines()
    entry = json.loads(line)
    assert (entry["event"], entry["level"]) == ("oh no", "warning")


def named_in_the_code() -> set[str]:
    """Return the names of events that the app logs; those of turns pass through variables."""
    said = " ".join(file.read_text() for file in APP.rglob("*.py"))
    return {name or turn for name, turn in EVENT.findall(said)}


def test_events_are_documented_and_none_that_is_not_logged() -> None:
    """In the first table of docs/logs.md."""
    table = DOCUMENTED.read_text().partition("## Fields")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == named_in_the_code()
