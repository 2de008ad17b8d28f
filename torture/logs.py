"""What the stack writes meanwhile: each error in its logs needs a fault that explains it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Thread
from typing import TYPE_CHECKING, Self

from parity import access_log
from parity.log_follower import LogFollower

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from parity.log_follower import Written

LOOK_SECONDS = 0.5
SERVER_ERRORS = 500
# How nginx and uvicorn mark what is no error; all else that is no JSON is one. On a slow machine a
# round of health checks may not have ended when the next is due, which then takes its place.
_HARMLESS = re.compile(r"^INFO:|\[(notice|info|warn)\]|js periodic \S+ is already running")


@dataclass(frozen=True)
class Complaint:
    """An error in a log. at: Unix time."""

    container: str
    at: float
    text: str


class LogWatch:
    """Reads all logs of the stack in a thread; to be used as a context manager.

    complaints: the errors so far, each once.
    """

    def __init__(self, running: Callable[[], Iterable[str]], since: float) -> None:
        self._follower = LogFollower(running, since)
        self._over = Event()
        self._seen: set[Written] = set()
        self._thread = Thread(target=self._read, daemon=True)
        self.complaints: list[Complaint] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _read(self) -> None:
        with self._follower as follower:
            while not self._over.is_set():
                for written in follower.lines(LOOK_SECONDS):
                    if is_error(written.text) and written not in self._seen:
                        self._seen.add(written)
                        at = datetime.fromisoformat(written.at).timestamp()
                        self.complaints.append(Complaint(written.container, at, written.text))


def is_error(line: str) -> bool:
    """Tell whether a line of any container's log says that something went wrong.

    The app writes JSON, nginx the access log of a load balancer.
    """
    if served := access_log.parse(line):
        return int(served["elb_status_code"]) >= SERVER_ERRORS
    try:
        entry = json.loads(line)
    except ValueError:
        return bool(line.strip()) and not _HARMLESS.search(line)
    if not isinstance(entry, dict):
        return True
    return entry.get("level") in {"error", "warning"}
