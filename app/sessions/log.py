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
file at all (a folder, a link) is renamed away instead. A log of a later format is left as it is.

Compaction and removal do put another file, or none, in the log's place. A client of NFS may go on
seeing the old one under the name, for as long as it caches names, and even the link count tells
nothing: what a client removes while it has it open, it only renames (nfs(5)). So the old file gets
a last record first, `superseded`. Whoever meets that makes sure of the name, by `look_afresh`.
"""

import contextlib
import errno
import logging
import math
import os
import secrets
import stat
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from . import files, lock, record
from .errors import NewerFormat, StoreBusy, StoreUnavailable, VolumeFull
from .quota import DEFAULT
from .reading import Mark, Reading, examine, identity, no_log
from .record import START, Ending

FOLDER = "sessions"
ASIDE = ".damaged-"
USE_SECONDS = 86_400.0
_ATTEMPTS = 20
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_FILE = {errno.EISDIR, errno.ELOOP, errno.ENXIO}
_REPAIR_LOCK = ".repair"

logger = logging.getLogger(__name__)


class Log:
    """The log of one session; holds no descriptor open, and touches nothing until asked to."""

    def __init__(
        self, root: Path, digest: str, label: str, patience: float, quota: int = DEFAULT
    ) -> None:
        self.quota = quota
        self._root = root
        self._folder = root / FOLDER / digest[:2] / digest[2:4]
        self.path = self._folder / f"{digest}.log"
        self.label = label
        self._patience = patience
        self._use_noted = -math.inf

    def impatient(self) -> "Log":
        """Return the same log for somebody who comes back later rather than wait for a lock."""
        return Log(self._root, self.path.stem, self.label, 0, self.quota)

    def read(self, known: Mark) -> Reading:
        """Return what came after `known`: one open and one read, of the new bytes only.

        Damage is set aside; where even that fails, the records before it are returned all the
        same. Raises StoreUnavailable when the volume does not answer, and NewerFormat.
        """
        with explained(self.label, "read"):
            reading = self._look(known)
        self.refuse_newer(reading)
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
        with explained(self.label, "saved"):
            writer = Writer(self)
            try:
                yield writer
            finally:
                files.close(writer.fd)

    def hold(self) -> tuple[int, bool]:
        """Return a descriptor that holds the log, and whether something else had to be moved."""
        moved = False
        for _ in range(_ATTEMPTS):
            fd = self._open()
            if fd is None:
                moved = self._move_aside() or moved
                continue
            held = False
            try:
                if not files.is_regular(fd):
                    moved = self._move_aside() or moved
                    continue
                held = self._acquire(fd) and self.is_current(fd)
                if held:
                    return fd, moved
            finally:
                if not held:
                    files.close(fd)
            self.look_afresh()
        raise StoreBusy("This conversation could not be opened for writing; try again in a moment.")

    def is_current(self, fd: int) -> bool:
        """Tell whether the locked file is still the one at the path."""
        try:
            mine, there = os.fstat(fd), self.path.lstat()
        except OSError as error:
            if error.errno in {errno.ENOENT, errno.ESTALE}:
                return False
            raise
        return mine.st_nlink > 0 and identity(mine) == identity(there)

    def look_afresh(self) -> bool:
        """Ask the volume anew for the names that lead here; return whether its folder exists."""
        return files.exists_now(self._folder, self._root)

    def sync_folders(self) -> None:
        """Make the log's name durable."""
        folder = self._folder
        while folder != self._root.parent:
            files.sync_folder(folder)
            folder = folder.parent

    def refuse_newer(self, reading: Reading) -> None:
        """Raise NewerFormat for a log that a later release wrote: to an older one it is no damage.

        While a deployment rolls, replicas of both share the volume.
        """
        if reading.ending is Ending.NEWER:
            logger.warning("session %s: %s; left as it is", self.label, reading.why)
            raise NewerFormat(
                "This conversation was saved by a newer release of this app and cannot be opened "
                "by this one. Nothing of it was changed; try again when the update is complete."
            )

    def name_aside(self) -> Path:
        """Return a name, not yet taken, for what is set aside of this log."""
        now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        return self.path.with_name(f"{self.path.name}{ASIDE}{now}-{secrets.token_hex(3)}")

    def make_folders(self) -> None:
        """Make the folders that lead to the log, as far as they are missing."""
        for folder in (self._root / FOLDER, self._folder.parent, self._folder):
            files.make_folder(folder)

    def set_aside(self) -> list[Path]:
        """Return what was set aside of this log and is still there."""
        return sorted(self._folder.glob(f"{self.path.name}{ASIDE}*"))

    def _look(self, known: Mark) -> Reading:
        try:
            reading = self._look_once(known)
            if reading.mark.superseded and self.look_afresh():
                reading = self._look_once(known)
        except OSError as error:
            if error.errno not in {errno.ENOENT, errno.ESTALE}:
                raise
        else:
            return reading
        try:
            if self.look_afresh():
                return self._look_once(known)
        except FileNotFoundError:
            pass
        if not (self._root if known == Mark() else self._root / FOLDER).is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        return Reading((), Mark(), restarted=True)

    def _look_once(self, known: Mark) -> Reading:
        try:
            fd = files.open_to_read(self.path)
        except OSError as error:
            if error.errno in _NO_FILE:
                return no_log()
            raise
        try:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                return no_log()
            self._note_use(fd, status)
            return examine(fd, known, status)
        finally:
            files.close(fd)

    def _note_use(self, fd: int, status: os.stat_result) -> None:
        """Stamp the file where its time says that it has not been used for a day, or will be.

        By that time housekeeping knows what is in use. A wrong clock here costs one stamp a day.
        """
        stale = abs(time.time() - status.st_mtime) > USE_SECONDS
        if stale and time.monotonic() - self._use_noted > USE_SECONDS:
            self._use_noted = time.monotonic()
            with contextlib.suppress(OSError):
                os.utime(fd)

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
            self.make_folders()
            return files.open_to_write(self.path)

    def _acquire(self, fd: int) -> bool:
        try:
            lock.acquire(fd, self._patience)
        except OSError as error:
            if error.errno == errno.ESTALE:
                return False
            raise
        return True

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

    def __init__(self, log: Log) -> None:
        self._log = log
        self.fd, self._moved = log.hold()
        self._mark = Mark()
        self._torn = False

    def catch_up(self, known: Mark) -> Reading:
        """Return what came after `known`, with damage set aside; raises NewerFormat."""
        reading = self._examine(known)
        while reading is None or (reading.mark.superseded and not self._is_confirmed()):
            reading = self._examine(known)
        self._log.refuse_newer(reading)
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
                os.ftruncate(self.fd, end.offset)
                self._torn = False
            files.write(self.fd, header + frame, end.offset)
            os.fsync(self.fd)
        except BaseException:
            self._roll_back(end.offset)
            raise
        self._mark = self._mark.behind(added, self.fd)
        return Reading((added,), self._mark, restarted=False)

    def _examine(self, known: Mark) -> Reading | None:
        """Return what came after `known`; None if the file is gone, and another one held now."""
        try:
            return examine(self.fd, known, os.fstat(self.fd), settled=True)
        except OSError as error:
            if error.errno != errno.ESTALE or self._is_confirmed():
                raise
            return None

    def _is_confirmed(self) -> bool:
        """Tell whether the file is the log in spite of its last word; else hold the one that is."""
        self._log.look_afresh()
        if self._log.is_current(self.fd):
            return True
        files.close(self.fd)
        self.fd = -1  # not closed twice, should the next line fail
        self.fd, moved = self._log.hold()
        self._moved = self._moved or moved
        return False

    def _roll_back(self, size: int) -> None:
        try:
            os.ftruncate(self.fd, size)
            os.fsync(self.fd)
        except OSError as error:
            logger.error(  # noqa: TRY400 - the traceback belongs to the failure that led here
                "session %s: a failed append could not be undone: %s",
                self._log.label,
                error.strerror,
            )

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


@contextlib.contextmanager
def explained(label: str, verb: str) -> Iterator[None]:
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
