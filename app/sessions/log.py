"""One session's log on the volume: read, append, repair.

How an append stays whole: under an exclusive lock (see lock.py) it first reads what others wrote,
then writes one frame at the end it has just seen (never relying on O_APPEND, which is not atomic
across NFS clients), then syncs. Only then does it return. If anything fails, the file is cut back
to its old end. If the process dies instead, the next writer cuts the incomplete record away.

Reading takes no lock and changes nothing: opening a file is what makes an NFS client look afresh,
and an append in progress shows as an incomplete last record, which is ignored.

Damage is judged again under the lock. The whole file is then copied beside itself, durably, as
`NAME.damaged-TIME-RANDOM`, and only after that cut back in place to its valid records. The log
keeps its inode, so a writer that waited for the lock goes on in the right file. Only what is no
file at all (a folder, a link) is renamed away instead.
"""

import contextlib
import errno
import logging
import os
import secrets
import stat
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from . import files, lock, record
from .errors import StoreBusy, StoreUnavailable, VolumeFull
from .reading import Mark, Reading, examine, identity, no_log
from .record import START, Ending

FOLDER = "sessions"
_ATTEMPTS = 20
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_FILE = {errno.EISDIR, errno.ELOOP, errno.ENXIO}
_REPAIR_LOCK = ".repair"

logger = logging.getLogger(__name__)


class Log:
    """The log of one session; holds no descriptor open, and touches nothing until asked to."""

    def __init__(self, root: Path, digest: str, label: str, patience: float) -> None:
        self._root = root
        self._folder = root / FOLDER / digest[:2] / digest[2:4]
        self.path = self._folder / f"{digest}.log"
        self.label = label
        self._patience = patience

    def read(self, known: Mark) -> Reading:
        """Return what came after `known`: one open and one read, of the new bytes only.

        Damage is set aside; where even that fails, the records before it are returned all the
        same. Raises StoreUnavailable when the volume does not answer.
        """
        with _explained(self.label, "read"):
            reading = self._look(known)
        if reading.ending is not Ending.DAMAGED:
            return reading
        try:
            with self.writing() as writer:
                return writer.catch_up(known)
        except StoreUnavailable:
            logger.warning("session %s: %s, and cannot be set aside", self.label, reading.why)
            return reading

    @contextlib.contextmanager
    def writing(self) -> Iterator["Writer"]:
        """Hold the log exclusively; it is made if missing.

        Raises StoreBusy, VolumeFull or StoreUnavailable, also for what the block runs into.
        """
        with _explained(self.label, "saved"):
            moved = False
            for _ in range(_ATTEMPTS):
                fd = self._open()
                if fd is None:
                    moved = self._move_aside() or moved
                    continue
                try:
                    if not files.is_regular(fd):
                        moved = self._move_aside() or moved
                        continue
                    lock.acquire(fd, self._patience)
                    if self._is_current(fd):
                        yield Writer(fd, self, moved=moved)
                        return
                finally:
                    files.close(fd)
        raise StoreBusy("This conversation could not be opened for writing; try again in a moment.")

    def sync_folders(self) -> None:
        """Make the log's name durable."""
        folder = self._folder
        while folder != self._root.parent:
            files.sync_folder(folder)
            folder = folder.parent

    def name_aside(self) -> Path:
        """Return a name, not yet taken, for what is set aside of this log."""
        now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        return self.path.with_name(f"{self.path.name}.damaged-{now}-{secrets.token_hex(3)}")

    def _look(self, known: Mark) -> Reading:
        try:
            fd = files.open_to_read(self.path)
        except FileNotFoundError:
            if not (self._root if known == Mark() else self._root / FOLDER).is_dir():
                raise
            return Reading((), Mark(), restarted=True)
        except OSError as error:
            if error.errno in _NO_FILE:
                return no_log()
            raise
        try:
            return examine(fd, known) if files.is_regular(fd) else no_log()
        finally:
            files.close(fd)

    def _open(self) -> int | None:
        try:
            return self._open_in_folder()
        except OSError as error:
            if error.errno in _NO_FILE:
                return None
            raise

    def _open_in_folder(self) -> int:
        try:
            return files.open_to_write(self.path)
        except FileNotFoundError:
            for folder in (self._root / FOLDER, self._folder.parent, self._folder):
                files.make_folder(folder)
            return files.open_to_write(self.path)

    def _is_current(self, fd: int) -> bool:
        """Tell whether the locked file is still the one at the path."""
        try:
            mine, there = os.fstat(fd), self.path.lstat()
        except OSError as error:
            if error.errno in {errno.ENOENT, errno.ESTALE}:
                return False
            raise
        return mine.st_nlink > 0 and identity(mine) == identity(there)

    def _move_aside(self) -> bool:
        """Rename what is no file; one replica at a time, or the second would move a new log."""
        guard = files.open_to_write(self._root / FOLDER / _REPAIR_LOCK)
        try:
            lock.acquire(guard, self._patience)
            if stat.S_ISREG(self.path.lstat().st_mode):
                return False
            self.path.rename(self.name_aside())
            files.sync_folder(self._folder)
        except FileNotFoundError:
            return False
        finally:
            files.close(guard)
        logger.error("session %s: no file in the log's place; set aside", self.label)
        return True


class Writer:
    """A log that is held exclusively. First `catch_up`, then `append`."""

    def __init__(self, fd: int, log: Log, *, moved: bool) -> None:
        self._fd = fd
        self._log = log
        self._moved = moved
        self._mark = Mark()
        self._torn = False

    def catch_up(self, known: Mark) -> Reading:
        """Return what came after `known`, with damage set aside."""
        reading = examine(self._fd, known, settled=True)
        if reading.ending is Ending.DAMAGED:
            reading = self._repair(reading)
        self._torn = reading.ending is Ending.TORN
        self._mark = reading.mark
        return replace(reading, repaired=True) if self._moved else reading

    def append(self, kind: int, payload: bytes) -> Reading:
        """Append a record and return once it is durable; on failure the log is as it was."""
        end = self._mark.cursor
        header, place = b"", end
        if end == START:
            header, place = record.file_header(os.urandom(record.NONCE_SIZE))
            self._log.sync_folders()  # before the first byte: a log with bytes has a durable name
        frame, added = record.frame(kind, payload, place)
        try:
            if self._torn:
                os.ftruncate(self._fd, end.offset)
                self._torn = False
            files.write(self._fd, header + frame, end.offset)
            os.fsync(self._fd)
        except BaseException:
            self._roll_back(end.offset)
            raise
        self._mark = replace(self._mark, cursor=added.end)
        return Reading((added,), self._mark, restarted=False)

    def _roll_back(self, size: int) -> None:
        try:
            os.ftruncate(self._fd, size)
            os.fsync(self._fd)
        except OSError as error:
            logger.error(  # noqa: TRY400 - the traceback belongs to the failure that led here
                "session %s: a failed append could not be undone: %s",
                self._log.label,
                error.strerror,
            )

    def _repair(self, reading: Reading) -> Reading:
        aside = self._log.name_aside()
        files.copy(self._fd, aside)
        os.ftruncate(self._fd, reading.mark.cursor.offset)
        os.fsync(self._fd)
        logger.error(
            "session %s: %s at byte %d; %d records kept, the whole file set aside as *%s",
            self._log.label,
            reading.why,
            reading.mark.cursor.offset,
            len(reading.records),
            aside.name.removeprefix(self._log.path.stem),
        )
        return replace(reading, ending=Ending.CLEAN, repaired=True)


@contextlib.contextmanager
def _explained(label: str, verb: str) -> Iterator[None]:
    """Turn the system's errors into sentences; paths and numbers go to the log."""
    try:
        yield
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, "unknown")
        logger.warning("session %s: cannot be %s: %s (%s)", label, verb, error.strerror, name)
        if error.errno in _FULL:
            raise VolumeFull(
                f"This could not be {verb}, because the storage for conversations is full "
                f"({error.strerror}). Nothing saved before is affected; try again later."
            ) from error
        raise StoreUnavailable(
            f"This conversation cannot be {verb} right now ({error.strerror}). "
            "Nothing saved before is affected; try again in a moment."
        ) from error
