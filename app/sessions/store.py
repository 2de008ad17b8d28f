"""The store: a folder on a volume that all replicas share."""

import errno
import os
import secrets
from pathlib import Path
from typing import BinaryIO

from . import files, keys, lock
from .blobs import Blobs
from .errors import InvalidKey, StoreUnavailable
from .layout import FOLDER
from .log import Log
from .quota import DEFAULT
from .session import Session


class SessionStore:
    """Sessions under `root`, laid out as layout.py says.

    `patience` is how many seconds an append waits for another writer of the same session, `quota`
    how many bytes one session may say.
    """

    def __init__(
        self, root: Path | str, *, patience: float = lock.PATIENCE, quota: int = DEFAULT
    ) -> None:
        self.root = Path(root).absolute()
        self._patience = patience
        self._quota = quota

    def open(self, key: object) -> Session:
        """Return the session of a key, restored by one open and one read.

        Nothing is made on the volume before the first append. Raises InvalidKey for what cannot
        be a key, and StoreUnavailable when the volume does not answer.
        """
        return Session(self._log(key))

    def open_attachment(self, key: object, sha256: str) -> BinaryIO:
        """Return what is attached to the session of a key, checked, as an open file.

        For who is not interested in the conversation: only the file is opened and read. Raises
        InvalidKey, BlobMissing also where the session has none such, and StoreUnavailable.
        """
        return os.fdopen(Blobs(self._log(key)).open(sha256), "rb")

    def _log(self, key: object) -> Log:
        if not keys.is_valid(key):
            raise InvalidKey("This is not a session key: it must be 43 URL-safe characters.")
        return Log(self.root, keys.digest(key), keys.public_id(key), self._patience, self._quota)

    def check_writable(self) -> None:
        """Make, lock, write, sync and remove a small file, or raise StoreUnavailable."""
        folder = self.root / FOLDER
        probe = folder / f".probe-{secrets.token_hex(8)}"
        try:
            files.make_folder(folder)
            fd = files.open_to_write(probe)
            try:
                lock.acquire(fd, self._patience)
                files.write(fd, b"probe", 0)
                os.fsync(fd)
            finally:
                files.close(fd)
                probe.unlink()
        except OSError as error:
            name = errno.errorcode.get(error.errno or 0, "unknown error")
            raise StoreUnavailable(
                f"The session volume {self.root} cannot be written by uid {os.getuid()}: "
                f"{error.strerror} ({name}). {_advice(error.errno)}"
            ) from error


def _advice(number: int | None) -> str:
    match number:
        case errno.ENOENT:
            return "Mount the volume there, or make the folder."
        case errno.EACCES | errno.EPERM:
            return f"Give it to that user: chown -R {os.getuid()}:{os.getgid()} on the volume."
        case errno.EROFS:
            return "Mount it for reading and writing."
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return "Make room on it."
        case _:
            return "Check that it is mounted and answers."
