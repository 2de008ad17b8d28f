"""One session's log on the volume: where it is, and what it says.

Reading takes no lock and changes nothing: opening a file is what makes an NFS client look afresh,
and an append in progress shows as an incomplete last record, which is ignored. Damage is judged
again, and set aside, with the lock held (see writer.py).

Compaction and removal put another file, or none, in the log's place (see succession.py). A client
of NFS may go on seeing the old one under the name, for as long as it caches names, and even the
link count tells nothing: what a client removes while it has it open, it only renames (nfs(5)). So
the old file gets a last record first, `superseded`. Whoever meets that makes sure of the name, by
`look_afresh`.
"""

import contextlib
import errno
import logging
import math
import os
import secrets
import stat
import time
from pathlib import Path

from . import files, layout
from .errors import NewerFormat, StoreUnavailable
from .explaining import explained
from .layout import ASIDE, FOLDER
from .quota import DEFAULT
from .reading import Mark, Reading, examine, identity, no_log
from .record import Ending
from .writer import Remains, Writer

USE_SECONDS = 86_400.0
_NO_FILE = {errno.EISDIR, errno.ELOOP, errno.ENXIO}

logger = logging.getLogger(__name__)


class Log:
    """The log of one session; holds no descriptor open, and touches nothing until asked to."""

    def __init__(
        self, root: Path, digest: str, label: str, patience: float, quota: int = DEFAULT
    ) -> None:
        self.root = root
        self.path = layout.log_of(root, digest)
        self.successor = self.path.with_name(f"{self.path.name}{layout.NEXT}")
        self.label = label
        self.patience = patience
        self.quota = quota
        self._use_noted = -math.inf
        self.remains: Remains | None = None  # of an append that a failing volume did not take back

    @property
    def folder(self) -> Path:
        """Where the log and all that belongs to it lies."""
        return self.path.parent

    def impatient(self) -> "Log":
        """Return the same log for somebody who comes back later rather than wait for a lock."""
        return Log(self.root, self.path.stem, self.label, 0, self.quota)

    def read(self, known: Mark) -> Reading:
        """Return what came after `known`: one open and one read, of the new bytes only.

        Damage is set aside; where even that fails, the records before it are returned all the
        same. Raises StoreUnavailable when the volume does not answer, and NewerFormat.
        """
        with explained(self.label, "read"):
            reading = self._look(known)
        if self.remains and reading.mark.cursor.offset > self.remains.offset:
            self.remains = None  # what was shown as said is not taken back any more
        self.refuse_newer(reading)
        if reading.ending is not Ending.DAMAGED:
            return reading
        try:
            with self.writing() as writer:
                return writer.catch_up(known)
        except StoreUnavailable:
            logger.warning("session %s: %s, and cannot be set aside", self.label, reading.why)
            return reading

    def writing(self) -> Writer:
        """Return a writer, to be used by `with`, which holds the log; it is made if missing.

        Raises StoreBusy, VolumeFull or StoreUnavailable, also for what the block runs into.
        """
        return Writer(self)

    def open(self) -> int | None:
        """Return a descriptor for writing, with the file made if missing; None for no file."""
        try:
            return self._open_in_folder()
        except OSError as error:
            if error.errno in _NO_FILE:
                return None
            raise

    def current(self, fd: int) -> os.stat_result | None:
        """Return the status of a locked file if it is still what is at the path."""
        try:
            mine, there = os.fstat(fd), os.lstat(self.path)
        except OSError as error:
            if error.errno in {errno.ENOENT, errno.ESTALE}:
                return None
            raise
        return mine if mine.st_nlink > 0 and identity(mine) == identity(there) else None

    def look_afresh(self) -> bool:
        """Ask the volume anew for the names that lead here; return whether its folder exists."""
        return files.exists_now(self.folder, self.root)

    def sync_folders(self) -> None:
        """Make the log's name durable."""
        folder = self.folder
        while folder != self.root.parent:
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
        for folder in (self.folder.parent, self.folder):
            files.make_folder(folder)

    def set_aside(self) -> list[Path]:
        """Return what was set aside of this log and is still there."""
        return sorted(self.folder.glob(f"{self.path.name}{ASIDE}*"))

    def _look(self, known: Mark) -> Reading:
        """Read the log; where there is none, or nothing in it, its successor may be on its way."""
        reading = self._look_at(self.path, known)
        if reading is not None and not (reading.mark.superseded or reading.is_void):
            return reading
        last = (self.successor, self.path)
        for path in (self.path, *last) if reading and reading.mark.superseded else last:
            if not self.look_afresh():
                break
            reading = self._look_at(path, known)
            if reading is not None and not reading.is_void:
                return reading
        if reading is not None:
            return reading
        if not (self.root if known == Mark() else self.root / FOLDER).is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        return Reading((), Mark(), restarted=True)

    def _look_at(self, path: Path, known: Mark) -> Reading | None:
        """Return what came after `known` in the file at a path; None if there is none."""
        try:
            fd = files.open_to_read(path)
        except OSError as error:
            if error.errno in _NO_FILE:
                return no_log()
            if error.errno in {errno.ENOENT, errno.ESTALE}:
                return None
            raise
        try:
            status = os.fstat(fd)
            if not stat.S_ISREG(status.st_mode):
                return no_log()
            self._note_use(fd, status)
            return examine(fd, known, status)
        except OSError as error:
            if error.errno == errno.ESTALE:
                return None
            raise
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

    def _open_in_folder(self) -> int:
        try:
            return files.open_to_write(self.path)
        except FileNotFoundError:
            self.make_folders()
            return files.open_to_write(self.path)
