"""The way to the server: each round trip is counted, takes its time and meets the faults."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

from parity.efs.faults import Faults
from parity.efs.figures import CLIENT_BYTES_PER_SECOND, READ_SECONDS, WRITE_SECONDS, WRITING

if TYPE_CHECKING:
    from collections.abc import Callable


def nobody_gave_up() -> bool:
    """Tell that whoever asked still waits."""
    return False


class Wire:
    """What one client exchanges with the server.

    pace: what to multiply EFS's latency by; 0 for none. abandoned: see Faults.meet.
    """

    def __init__(
        self,
        *,
        pace: float = 1.0,
        sleep: Callable[[float], None] = time.sleep,
        abandoned: Callable[[], bool] = nobody_gave_up,
    ) -> None:
        self.faults = Faults()
        self.calls: Counter[str] = Counter()
        self.operations: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()
        self.abandoned = abandoned
        self._pace = pace
        self._sleep = sleep
        self._guard = threading.Lock()
        self._busy_until = 0.0

    def trip(
        self, operation: str, size: int = 0, *, changes: bool = False, instead_of: str = ""
    ) -> None:
        """Count an operation that carries so many bytes, and take the time that it takes.

        changes: it asks for the right to write. instead_of: one that has just been counted, and
        that a real client would not have made. Raises OSError where a fault says so.
        """
        with self._guard:
            self.operations[operation] += 1
            if instead_of:
                self.operations[instead_of] -= 1
                self.operations += Counter()  # which drops what is 0
        self.faults.meet(operation, self.abandoned, changes=changes)
        delay = _latency(operation) + self._queue(size)
        if instead_of:
            delay -= _latency(instead_of)
        if self._pace:
            self._sleep(delay * self._pace)
        if size:
            with self._guard:
                self.bytes["written" if operation in WRITING else "read"] += size

    def called(self, name: str) -> None:
        """Count what a program asked of the file system, whether the server hears of it or not."""
        with self._guard:
            self.calls[name] += 1

    def _queue(self, size: int) -> float:
        """Return how long until so many bytes are through, behind those already on their way."""
        if not size:
            return 0.0
        with self._guard:
            now = time.monotonic()
            self._busy_until = max(self._busy_until, now) + size / CLIENT_BYTES_PER_SECOND
            return self._busy_until - now


def _latency(operation: str) -> float:
    return WRITE_SECONDS if operation in WRITING else READ_SECONDS
