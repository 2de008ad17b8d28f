"""What a log holds beyond what is known of it already."""

import errno
import os
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from . import files, record
from .record import JSON, START, Cursor, Ending, Kind, Record


class Mark(NamedTuple):  # as is Cursor: one a record
    """How far a log is known: a place, and the file (device and inode) in which it is.

    `superseded` means that the last record said so: whether the file is still the log is to be
    found out. `changed_ns` is when the file was last changed, where that change was seen with the
    lock held or made here: while it has not been changed since, the place holds.
    """

    cursor: Cursor = START
    file: tuple[int, int] | None = None
    superseded: bool = False
    changed_ns: int | None = None

    def after(
        self, found: record.Scan, file: tuple[int, int], changed_ns: int | None = None
    ) -> "Mark":
        """Return the mark behind what a scan found in a file."""
        last = found.records[-1].kind == Kind.SUPERSEDED if found.records else self.superseded
        return Mark(found.end, file, last, changed_ns)

    def moved(self, added: Record, fd: int) -> "Mark":
        """Return the mark behind a record that was added under the lock, and synced, just now."""
        changed_ns = None
        with suppress(OSError):
            changed_ns = os.fstat(fd).st_ctime_ns
        return Mark(added.end, self.file, added.kind == Kind.SUPERSEDED, changed_ns)

    def holds(self, status: os.stat_result) -> bool:
        """Tell from the file's status, asked for under the lock, that nothing can have changed."""
        return not self.superseded and self.changed_ns == status.st_ctime_ns


@dataclass(frozen=True, slots=True)
class Reading:
    """What came after a mark; if `restarted`, the mark no longer held and this is everything."""

    records: tuple[Record, ...]
    mark: Mark
    restarted: bool
    ending: Ending = Ending.CLEAN
    why: str = ""
    repaired: bool = False
    messages: list[JSON] = field(default_factory=list, compare=False)  # see record.Scan

    @property
    def is_void(self) -> bool:
        """Whether nothing was ever written there, or not to the end of the first few bytes."""
        return self.mark.cursor == START and self.ending in {Ending.CLEAN, Ending.TORN}

    @property
    def damaged(self) -> bool:
        """Whether something could not be read, be it set aside by now or not."""
        return self.repaired or self.ending is Ending.DAMAGED


def examine(fd: int, known: Mark, status: os.stat_result, *, settled: bool = False) -> Reading:
    """Read what came after `known`, or everything if that place no longer holds.

    `status` is the file's, asked for just now. `settled` means that the lock is held: then a
    verdict that would cut bytes away rests on the whole file, and an unchanged length is proof that
    `known` still holds only where the file was not changed at all. What was seen without the lock
    may have been a record that failed, and was taken back for another of the same length.

    Raises OSError with ESTALE where, with the lock held, the file is not as long as its status
    says: that was another file's, to which a client's caches take the name or the descriptor.
    """
    cursor, file = known.cursor, identity(status)
    changed_ns = status.st_ctime_ns if settled else None
    news = status.st_size - cursor.offset
    if cursor != START and known.file == file and news >= 0:
        if news == 0 and (not settled or known.holds(status)):
            return Reading((), known, restarted=False)
        back = record.CHECK_SIZE
        data = _read(fd, cursor.offset - back, back + news, exactly=settled)
        if data[:back] == cursor.tail():
            found = record.scan(memoryview(data)[back:], cursor)
            sound = {Ending.CLEAN} if settled else {Ending.CLEAN, Ending.TORN}
            if found.ending in sound:
                mark = known.after(found, file, changed_ns)
                return Reading(found.records, mark, restarted=False)
    found = record.scan(_read(fd, 0, status.st_size, exactly=settled))
    mark = Mark().after(found, file, changed_ns)
    return Reading(
        found.records,
        mark,
        restarted=True,
        ending=found.ending,
        why=found.why,
        messages=found.messages,
    )


def no_log() -> Reading:
    """Return what to make of something in the log's place that is no file."""
    return Reading((), Mark(), restarted=True, ending=Ending.DAMAGED, why="no file")


def identity(status: os.stat_result) -> tuple[int, int]:
    """Return what tells two files apart, whatever their names."""
    return status.st_dev, status.st_ino


def _read(fd: int, offset: int, size: int, *, exactly: bool) -> bytes:
    data = files.read_on(fd, offset, size)
    if exactly and len(data) != size:
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
    return data
