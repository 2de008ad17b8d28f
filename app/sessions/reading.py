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
    found out. `changed_ns` is when the file had last been changed, as it was seen: of another time,
    a file of the same inode and length may be another, for a removed file's inode is used again.
    `settled` means that it was seen with the lock held, or made here: nothing is taken back of it.
    """

    cursor: Cursor = START
    file: tuple[int, int] | None = None
    superseded: bool = False
    changed_ns: int | None = None
    settled: bool = False

    @property
    def place(self) -> tuple[object, ...]:
        """What is known, however and whenever it was seen: equal where nothing is new."""
        return self.cursor, self.file, self.superseded

    def after(self, found: record.Scan, status: os.stat_result, *, settled: bool) -> "Mark":
        """Return the mark behind what a scan found in a file of that status."""
        last = found.records[-1].kind == Kind.SUPERSEDED if found.records else self.superseded
        return Mark(found.end, identity(status), last, status.st_ctime_ns, settled)

    def moved(self, added: Record, fd: int) -> "Mark":
        """Return the mark behind a record that was added under the lock, and synced, just now."""
        changed_ns = None
        with suppress(OSError):  # the record is durable all the same
            changed_ns = os.fstat(fd).st_ctime_ns
        superseded = added.kind == Kind.SUPERSEDED
        return Mark(added.end, self.file, superseded, changed_ns, settled=True)

    def holds(self, status: os.stat_result, *, settled: bool) -> bool:
        """Tell from the status of a file of the same length that nothing can have changed.

        `settled`: the status was asked for with the lock held, and this is to be relied on.
        """
        unchanged = self.changed_ns == status.st_ctime_ns
        return unchanged and (not settled or (self.settled and not self.superseded))


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
    cursor = known.cursor
    news = status.st_size - cursor.offset
    if cursor != START and known.file == identity(status) and news >= 0:
        if news == 0 and known.holds(status, settled=settled):
            return Reading((), known, restarted=False)
        back = record.CHECK_SIZE
        data = _read(fd, cursor.offset - back, back + news, exactly=settled)
        if data[:back] == cursor.tail():
            found = record.scan(memoryview(data)[back:], cursor)
            sound = {Ending.CLEAN} if settled else {Ending.CLEAN, Ending.TORN}
            if found.ending in sound:
                mark = known.after(found, status, settled=settled)
                return Reading(found.records, mark, restarted=False)
    found = record.scan(_read(fd, 0, status.st_size, exactly=settled))
    mark = Mark().after(found, status, settled=settled)
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
