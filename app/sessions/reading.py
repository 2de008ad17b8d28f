"""What a log holds beyond what is known of it already."""

import os
from contextlib import suppress
from dataclasses import dataclass, field, replace

from . import files, record
from .record import START, Cursor, Ending, Kind, Record


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a log is known: a place, and the file (device and inode) in which it is.

    `superseded` means that the last record said so: whether the file is still the log is to be
    found out. `seen_ns` is when the file had last been changed, as it was then: of another time, a
    file of the same inode and length may be another, for a removed file's inode is used again.
    """

    cursor: Cursor = START
    file: tuple[int, int] | None = None
    superseded: bool = False
    seen_ns: int = field(default=0, compare=False)

    def after(self, found: record.Scan, status: os.stat_result) -> "Mark":
        """Return the mark behind what a scan found in a file of that status."""
        last = found.records[-1].kind == Kind.SUPERSEDED if found.records else self.superseded
        return Mark(found.end, identity(status), last, status.st_ctime_ns)

    def behind(self, added: Record, fd: int) -> "Mark":
        """Return the mark behind a record that was appended to the file just now."""
        seen_ns = 0
        with suppress(OSError):  # the record is durable all the same
            seen_ns = os.fstat(fd).st_ctime_ns
        superseded = added.kind == Kind.SUPERSEDED
        return replace(self, cursor=added.end, superseded=superseded, seen_ns=seen_ns)


@dataclass(frozen=True, slots=True)
class Reading:
    """What came after a mark; if `restarted`, the mark no longer held and this is everything."""

    records: tuple[Record, ...]
    mark: Mark
    restarted: bool
    ending: Ending = Ending.CLEAN
    why: str = ""
    repaired: bool = False

    @property
    def damaged(self) -> bool:
        """Whether something could not be read, be it set aside by now or not."""
        return self.repaired or self.ending is Ending.DAMAGED


def examine(fd: int, known: Mark, status: os.stat_result, *, settled: bool = False) -> Reading:
    """Read what came after `known`, or everything if that place no longer holds.

    `status` is the file's, asked for just now. `settled` means that no writer is at work: then a
    verdict that would cut bytes away rests on the whole file, and even an unchanged length is no
    proof that `known` still holds.
    """
    cursor, file = known.cursor, identity(status)
    news = status.st_size - cursor.offset
    if cursor != START and known.file == file and news >= 0:
        if news == 0 and known.seen_ns == status.st_ctime_ns and not settled:
            return Reading((), known, restarted=False)
        back = record.CHECK_SIZE
        data = files.read(fd, cursor.offset - back, back + news)
        if data[:back] == cursor.tail():
            found = record.scan(memoryview(data)[back:], cursor)
            sound = {Ending.CLEAN} if settled else {Ending.CLEAN, Ending.TORN}
            if found.ending in sound:
                return Reading(found.records, known.after(found, status), restarted=False)
    found = record.scan(files.read(fd, 0, status.st_size))
    mark = Mark().after(found, status)
    return Reading(found.records, mark, restarted=True, ending=found.ending, why=found.why)


def no_log() -> Reading:
    """Return what to make of something in the log's place that is no file."""
    return Reading((), Mark(), restarted=True, ending=Ending.DAMAGED, why="no file")


def identity(status: os.stat_result) -> tuple[int, int]:
    """Return what tells two files apart, whatever their names."""
    return status.st_dev, status.st_ino
