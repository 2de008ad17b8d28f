"""Which replica keeps house, how far it got, and since when the clock is to be believed.

The lease is the file `sessions/.housekeeping`: one JSON object, all times Unix seconds.

    {"at": of the last run, "steady_since": see below, "cycle_since": of the walk's start,
     "cursor": the last folder that the walk has been in, such as "3fa"; "" at the start}

Whoever holds the file's lock keeps house; a replica that dies lets go of it. What does not parse,
as after a crash in mid-write, is no lease: everything begins with the next.

The time is the volume's own, as the same server stamps files with it: each run stamps the lease
and reads that. It is steady as long as it never goes back, and never ahead by more than a gap.
Only time that was seen steadily counts for expiry; so whatever a clock does, no session expires
that was used since it last did, nor before it was steady again for as long as sessions are kept.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from . import files, lock
from .errors import StoreBusy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = ".housekeeping"
_LARGEST = 4096


@dataclass(frozen=True, slots=True)
class Lease:
    """What the file says."""

    at: float
    steady_since: float
    cycle_since: float
    cursor: str = ""

    def advanced(self, now: float, gap: float) -> Lease:
        """Return the lease at that time, steady still or anew."""
        steady = self.at <= now <= self.at + gap and self.steady_since <= now
        began = min(self.cycle_since, now)
        return replace(
            self, at=now, steady_since=self.steady_since if steady else now, cycle_since=began
        )


class Held:
    """The lease while its lock is held here."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        os.utime(fd)
        self.now = os.fstat(fd).st_mtime
        self.lease = _parsed(files.read(fd, 0, _LARGEST))

    def write(self, lease: Lease) -> None:
        """Put down, durably, how far things are."""
        data = json.dumps(asdict(lease)).encode()
        files.write(self._fd, data, 0)
        os.ftruncate(self._fd, len(data))
        os.fsync(self._fd)


@contextlib.contextmanager
def held(folder: Path) -> Iterator[Held | None]:
    """Hold the lease below a folder, or get None where another replica does."""
    fd = files.open_to_write(folder / NAME)
    try:
        try:
            lock.acquire(fd, 0)
        except StoreBusy:
            yield None
            return
        yield Held(fd)
    finally:
        files.close(fd)


def _parsed(data: bytes) -> Lease | None:
    try:
        value = json.loads(data)
        return Lease(
            at=float(value["at"]),
            steady_since=float(value["steady_since"]),
            cycle_since=float(value["cycle_since"]),
            cursor=str(value["cursor"]),
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
