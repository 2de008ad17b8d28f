"""A log that is held exclusively: what was said meanwhile, appends, repair.

How an append stays whole: under an exclusive lock (see lock.py) it first reads what others wrote,
then writes one frame at the end it has just seen (never relying on O_APPEND, which is not atomic
across NFS clients), then syncs. Only then does it return. If anything fails, the file is cut back
to its old end. If the process dies instead, the next writer cuts the incomplete record away. A
whole one, where a failing volume refused even to be cut back, looks to others as if it had been
said: who failed cuts that very record at the next append, if it still is the last and has not been
shown here.

Damage is judged again under the lock. The whole file is then copied beside itself, durably, as
`NAME.damaged-TIME-RANDOM`, and only after that cut back in place to its valid records. The log
keeps its inode, so a writer that waited for the lock goes on in the right file. Only what is no
file at all (a folder, a link) is renamed away instead. A log of a later format is left as it is.

A file that was replaced while its lock was waited for says so (see log.py), is empty (see
succession.py), or is gone: the name is then followed again. What says that it is superseded, and
says the same when it was opened anew, is the log after all: a compaction died there.
"""

from __future__ import annotations

import errno
import logging
import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, Self

from . import files, lock, record, succession
from .errors import StoreBusy
from .explaining import explanation
from .layout import FOLDER
from .reading import Mark, Reading, examine
from .record import START, Cursor, Ending, Record

if TYPE_CHECKING:
    from types import TracebackType

    from .log import Log

_ATTEMPTS = 20
_REPAIR_LOCK = ".repair"

logger = logging.getLogger(__name__)


class Remains(NamedTuple):
    """What a failed append may have left: where in the log, and which bytes."""

    offset: int
    data: bytes


class Writer:
    """Holds the log while a `with` block runs. First `catch_up`, then `append`; `mark` is the end.

    No generator makes this context: it is on every turn's path.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._moved = False
        self.mark = Mark()
        self._torn = False
        self.fd = -1

    def __enter__(self) -> Self:
        try:
            self._hold()
        except OSError as error:
            raise explanation(error, self._log.label, "saved") from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        files.close(self.fd)
        if isinstance(error, OSError):
            raise explanation(error, self._log.label, "saved") from error

    def catch_up(self, known: Mark) -> Reading:
        """Return what came after `known`, with damage set aside; raises NewerFormat."""
        if self._log.remains:
            self._cut(self._log.remains)
        reading = self._examine(known)
        self._log.refuse_newer(reading)
        if reading.ending is Ending.DAMAGED:
            reading = self._repair(reading)
        self._torn = reading.ending is Ending.TORN
        self.mark = reading.mark
        return replace(reading, repaired=True) if self._moved else reading

    def append(self, kind: int, payload: bytes) -> Record:
        """Append a record and return once it is durable; on failure the log is as it was."""
        end = self.mark.cursor
        header, place = b"", end
        if end == START:
            header, place = record.file_header(os.urandom(record.NONCE_SIZE))
            self._log.sync_folders()  # before the first byte: a log with bytes has a durable name
        if self.mark.superseded:
            succession.revoke(self._log)
        frame, added = record.frame(kind, payload, place)
        data = header + frame
        try:
            if self._torn:
                os.ftruncate(self.fd, end.offset)
                self._torn = False
            files.write(self.fd, data, end.offset)
            os.fsync(self.fd)
        except BaseException:
            self._roll_back(Remains(end.offset, data))
            raise
        self.mark = self.mark.moved(added, self.fd)
        return added

    def _hold(self) -> None:
        """Open and lock what is at the path; it is made if missing."""
        for _ in range(_ATTEMPTS):
            fd = self._log.open()
            if fd is None:
                self._move_aside()
                continue
            held = False
            try:
                lock.acquire(fd, self._log.patience)
                status = self._log.current(fd)
                if status is not None and self._is_log(fd, status):
                    self.fd, self._status = fd, status
                    held = True
                    return
            except OSError as error:
                if error.errno != errno.ESTALE:
                    raise
            finally:
                if not held:
                    files.close(fd)
            self._log.look_afresh()
        raise _busy()

    def _is_log(self, fd: int, status: os.stat_result) -> bool:
        """Tell whether the locked file is to be written to; else make way for what is.

        What has bytes in it says itself whether it was replaced; see `_examine`.
        """
        if not stat.S_ISREG(status.st_mode):
            self._move_aside()
            return False
        return status.st_size > 0 or succession.is_log(self._log, fd)

    def _examine(self, known: Mark) -> Reading:
        doubted: Cursor | None = None
        for _ in range(_ATTEMPTS):
            try:
                reading = examine(self.fd, known, self._status, settled=True)
            except OSError as error:
                if error.errno != errno.ESTALE:
                    raise
            else:
                if not reading.mark.superseded or reading.mark.cursor == doubted:
                    return reading
                doubted = reading.mark.cursor
            files.close(self.fd)
            self.fd = -1  # not closed twice, should a later line fail
            self._log.look_afresh()
            self._hold()
        raise _busy()

    def _roll_back(self, remains: Remains) -> None:
        try:
            os.ftruncate(self.fd, remains.offset)
            os.fsync(self.fd)
        except OSError as error:
            self._log.remains = remains
            logger.error(  # noqa: TRY400 - the traceback belongs to the failure that led here
                "session %s: a failed append could not be undone: %s",
                self._log.label,
                error.strerror,
            )

    def _cut(self, remains: Remains) -> None:
        """Take a failed append back, unless another has been added to it since."""
        if files.read(self.fd, remains.offset, len(remains.data) + 1) == remains.data:
            os.ftruncate(self.fd, remains.offset)
            os.fsync(self.fd)
            self._status = os.fstat(self.fd)
        self._log.remains = None

    def _repair(self, reading: Reading) -> Reading:
        aside = self._log.name_aside()
        files.copy(self.fd, aside)
        os.ftruncate(self.fd, reading.mark.cursor.offset)
        os.fsync(self.fd)
        logger.error(
            "session %s: %s at byte %d; %d records kept, the whole file set aside as *%s",
            self._log.label,
            reading.why,
            reading.mark.cursor.offset,
            len(reading.records),
            aside.name.removeprefix(self._log.path.stem),
        )
        return replace(reading, ending=Ending.CLEAN, repaired=True)

    def _move_aside(self) -> None:
        """Rename what is no file; one replica at a time, or the second would move a new log."""
        log = self._log
        guard = files.open_to_write(log.root / FOLDER / _REPAIR_LOCK)
        try:
            lock.acquire(guard, log.patience)
            if stat.S_ISREG(log.path.lstat().st_mode):
                return
            log.path.rename(log.name_aside())
            files.sync_folder(log.folder)
        except FileNotFoundError:
            return
        finally:
            files.close(guard)
        self._moved = True
        logger.error("session %s: no file in the log's place; set aside", log.label)


def _busy() -> StoreBusy:
    return StoreBusy("This conversation could not be opened for writing; try again in a moment.")
