"""The JSON lines of replicas: those of one session, in the order of time; see docs/logs.md."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from parity.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PUBLIC_ID = re.compile(r"[0-9a-f]{8}")
# For how long a line waits for an earlier one of another replica.
HOLD_SECONDS = 0.5
# Fields with a place of their own in a line, or the same in each.
_PLACED = {"time", "level", "replica", "event", "session"}
_STYLES = {"error": "bold red", "warning": "yellow"}
_EVENT_STYLES = {
    "turn_answered": "green",
    "turn_failed": "red",
    "turn_lost": "yellow",
    "turn_taken_over": "yellow",
}


@dataclass(frozen=True, order=True)
class Line:
    """One line of a log; in the order of its time, which is ISO 8601 in UTC."""

    time: str
    raw: str
    entry: Mapping[str, Any] = field(compare=False)


def require_id(session: str) -> str:
    """Return a session's public id. Raises UsageError for what is none."""
    if PUBLIC_ID.fullmatch(session) is None:
        raise UsageError(
            f"'{session}' is not the id of a session: eight digits of 0-9 and a-f, as the page"
            " shows it",
            hint="parity sessions ls",
        )
    return session


def read(line: str, session: str) -> Line | None:
    """Return a line that is about a session; None for any other, be it JSON or not.

    The session store writes a sentence that names the session.
    """
    if session not in line or not line.startswith("{"):
        return None
    try:
        entry = json.loads(line)
        about = entry["session"] if "session" in entry else entry["event"]
        named = about == session or f"session {session}:" in about
        return Line(str(entry["time"]), line, entry) if named else None
    except (ValueError, KeyError, TypeError):
        return None


class Merger:
    """Lines of a session from several logs: each once, in the order of time."""

    def __init__(self, session: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._session = session
        self._clock = clock
        self._seen: set[str] = set()
        self._held: list[tuple[Line, float]] = []

    def take(self, line: str) -> None:
        """Take in a line of some log, if it is about the session and new."""
        found = read(line, self._session)
        if found is not None and line not in self._seen:
            self._seen.add(line)
            self._held.append((found, self._clock()))

    def all(self) -> list[Line]:
        """Return what was taken in and not yet returned."""
        held, self._held = sorted(self._held), []
        return [line for line, _ in held]

    def due(self) -> list[Line]:
        """Return what has waited long enough, and whatever is earlier than that."""
        old = self._clock() - HOLD_SECONDS
        last = max((line for line, taken_at in self._held if taken_at <= old), default=None)
        if last is None:
            return []
        later = [each for each in self._held if each[0] > last]
        self._held = [each for each in self._held if each[0] <= last]
        due, self._held = self.all(), later
        return due


def markup(entry: Mapping[str, Any]) -> str:
    """Return a line for people, in Rich's markup: when, which replica, what, and its fields."""
    event = str(entry["event"])
    when = str(entry["time"]).replace("T", " ").removesuffix("+00:00")
    style = _STYLES.get(str(entry.get("level"))) or _EVENT_STYLES.get(event, "bold")
    said = [
        f"[dim]{escape(when)}[/]",
        f"[cyan]{escape(str(entry.get('replica', '')))}[/]",
        f"[{style}]{escape(event)}[/]",
        *(
            f"[dim]{escape(name)}=[/]{escape(_short(value))}"
            for name, value in entry.items()
            if name not in _PLACED
        ),
    ]
    return "  ".join(said)


def _short(value: object) -> str:
    """Return a value on one line; of a traceback its last one, which says what went wrong."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text.strip().splitlines()[-1].strip() if text.strip() else '""'
