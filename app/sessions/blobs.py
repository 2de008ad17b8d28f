"""The attachments of one session: files beside its log, each named by the SHA-256 of its content.

    sessions/abc/SHA-256.log
    sessions/abc/SHA-256.blobs/SHA-256 of the content

A blob is written to `.part-RANDOM`, synced, renamed, and its folder synced, before any record names
it. If the process dies in between, there is a file that nothing names, which `orphans` finds. The
rename, and the new time stamp of a blob that was there already, happen under the log's lock, as
does the removal of orphans: what was just attached is never taken for one.

Nothing is shared between sessions: to remove one is to remove its folder, and nobody can find out
by attaching something whether somebody else has it, too.
"""

import contextlib
import errno
import hashlib
import logging
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from . import files
from .errors import BlobMissing
from .explaining import explained
from .layout import BLOBS
from .log import Log

PART = ".part-"
CHUNK = 2**20
_NAME = re.compile(r"[0-9a-f]{64}", re.ASCII)
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENXIO}

logger = logging.getLogger(__name__)


class Blobs:
    """The folder of blobs of one session; it is made with the first."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.folder = log.path.with_suffix(BLOBS)

    def path(self, name: str) -> Path:
        """Return where the blob of that SHA-256 is."""
        return self.folder / name

    def open(self, name: object) -> int:
        """Return a descriptor of a blob whose content is what its name says.

        Raises BlobMissing where it is gone or damaged, and StoreUnavailable.
        """
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise BlobMissing("This is no attachment of this conversation.")
        with explained(self.log.label, "read"):
            try:
                fd = self._open(self.path(name))
            except OSError as error:
                if error.errno in _GONE:
                    raise self._missing(name, "gone") from error
                raise
            try:
                why = _fault(fd, name)
            except BaseException:
                files.close(fd)
                raise
        if why:
            files.close(fd)
            raise self._missing(name, why)
        return fd

    def has(self, name: str) -> bool:
        """Tell whether a blob is there and whole."""
        if not self.path(name).exists():
            return False
        try:
            files.close(self.open(name))
        except BlobMissing:
            return False
        return True

    @contextlib.contextmanager
    def draft(self) -> Iterator[tuple[int, Path]]:
        """Give a new file to write to; what still has its name at the end is removed."""
        path = self.folder / f"{PART}{secrets.token_hex(8)}"
        try:
            fd = files.open_to_write(path)
        except FileNotFoundError:
            self.log.look_afresh()  # this client may know a folder that went with its session
            self.log.make_folders()
            files.make_folder(self.folder)
            fd = files.open_to_write(path)
        try:
            yield fd, path
        finally:
            files.close(fd)
            with contextlib.suppress(OSError):
                path.unlink()

    def listed(self) -> list[tuple[str, os.stat_result]]:
        """Return name and status of every blob, in order."""
        found = ((path.name, path.lstat()) for path in self._paths() if _NAME.fullmatch(path.name))
        return sorted((name, status) for name, status in found if stat.S_ISREG(status.st_mode))

    def orphans(self, named: set[str], before: float) -> list[Path]:
        """Return blobs that are not `named`, and remains of failed ones, last touched before then.

        `before` is Unix time by the volume's clock. To remove what this returns, hold the log.
        """
        return [
            path
            for path in self._paths()
            if _is_orphan(path.name, named) and path.lstat().st_mtime < before
        ]

    def _open(self, path: Path) -> int:
        """Open a blob, also one that this NFS client has known to be missing, or to be another."""
        try:
            return files.open_to_read(path)
        except OSError as error:
            if error.errno not in {errno.ENOENT, errno.ESTALE}:
                raise
            files.exists_now(self.folder, self.log.root)
            return files.open_to_read(path)

    def _paths(self) -> list[Path]:
        try:
            return sorted(self.folder.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []

    def _missing(self, name: str, why: str) -> BlobMissing:
        logger.error("session %s: attachment %s is %s", self.log.label, name[:8], why)
        return BlobMissing(
            f"This attachment cannot be shown, because its file is {why}. "
            "The rest of the conversation is not affected."
        )


def named_in(payloads: Iterable[bytes]) -> set[str]:
    """Return every SHA-256 that payloads mention, wherever: what is mentioned is no orphan."""
    return {found.decode() for each in payloads for found in re.findall(rb"[0-9a-f]{64}", each)}


def _is_orphan(name: str, named: set[str]) -> bool:
    is_blob = _NAME.fullmatch(name) is not None
    return name not in named if is_blob else name.startswith(PART)


def _fault(fd: int, name: str) -> str:
    """Return what is wrong with an open blob; empty if nothing is."""
    if not files.is_regular(fd):
        return "no file"
    return "" if _digest(fd) == name else "damaged"


def _digest(fd: int) -> str:
    check, offset = hashlib.sha256(), 0
    while chunk := files.read(fd, offset, CHUNK):
        check.update(chunk)
        offset += len(chunk)
    return check.hexdigest()
