"""Lines of one session, out of what replicas write."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rich.text import Text

from parity.errors import UsageError
from parity.session_log import HOLD_SECONDS, Merger, markup, read, require_id

SESSION = "0123abcd"


def line(second: int, event: str, session: str = SESSION, **fields: Any) -> str:  # noqa: ANN401
    """Return a line as a replica writes it."""
    when = f"2026-01-01T00:00:{second:02}.000+00:00"
    entry = {"time": when, "level": "info", "replica": "aaa", "event": event}
    return json.dumps(entry | {"session": session} | fields)


@pytest.mark.parametrize("wrong", ["", "0123abc", "0123ABCD", "0123abcd0", "../../etc", "N"])
def test_what_is_no_id_is_refused_and_quoted(wrong: str) -> None:
    """Before any log is read."""
    assert require_id(SESSION) == SESSION
    with pytest.raises(UsageError, match=f"'{wrong}'"):
        require_id(wrong)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (line(1, "turn_asked"), True),
        (line(1, "turn_asked", session="ffffffff", turn=SESSION), False),
        ('{"time": "t", "event": "session 0123abcd: left as it is"}', True),
        ('{"time": "t", "event": "started 0123abcd"}', False),
        (f"Traceback of {SESSION}", False),
        (f'{{"session": "{SESSION}"', False),
        (f'{{"session": "{SESSION}"}}', False),
        (f'{{"time": "t", "event": null, "x": "{SESSION}"}}', False),
        ('{"time": "t", "event": "started"}', False),
    ],
)
def test_only_lines_about_the_session_are_read(text: str, *, found: bool) -> None:
    """Also the sentences of the store; what is no JSON, or cut off, is passed over."""
    assert (read(text, SESSION) is not None) is found


def test_logs_are_merged_in_the_order_of_time_each_line_once() -> None:
    """However they come in."""
    merger = Merger(SESSION)
    for text in (line(3, "c"), line(1, "a"), "noise", line(2, "b"), line(3, "c")):
        merger.take(text)
    assert [each.entry["event"] for each in merger.all()] == ["a", "b", "c"]
    merger.take(line(2, "b"))
    assert merger.all() == []


def test_line_waits_for_an_earlier_one_of_another_replica() -> None:
    """For a while; what is later than all that waited long enough waits on."""
    now = [0.0]
    merger = Merger(SESSION, clock=lambda: now[0])
    merger.take(line(2, "b"))
    assert merger.due() == []
    now[0] = HOLD_SECONDS / 2
    merger.take(line(1, "a"))
    merger.take(line(3, "c"))
    now[0] = HOLD_SECONDS
    assert [each.entry["event"] for each in merger.due()] == ["a", "b"]
    now[0] = 2 * HOLD_SECONDS
    assert [each.entry["event"] for each in merger.due()] == ["c"]


def test_line_for_people_has_what_differs() -> None:
    """On one line, and what looks like markup is left as it is."""
    entry = json.loads(line(1, "turn_failed", reason="[red]", seconds=1.5, error="Trace\n  X: no"))
    assert Text.from_markup(markup(entry)).plain == (
        "2026-01-01 00:00:01.000  aaa  turn_failed  reason=[red]  seconds=1.5  error=X: no"
    )
