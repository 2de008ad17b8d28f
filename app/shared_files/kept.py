"""Files on the shared volume that any replica finds by their id, uploaded ones and media alike.

    uploads/ID              see tickets.py for where ids come from
    media/ID
    uploads/.part-RANDOM    what is still being written
    media/.gone-RANDOM      what is being removed

A file begins with a block of 4 KiB that says what follows and whose it is, as one JSON object; the
content is behind it. One file, so that one rename makes all of it visible at once, to readers on
other NFS clients, too. The block is written last: what has none, or another length than it says,
is as good as missing.

A file's time stamp tells when a session last used it. Nothing here waits for a lock.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import re
import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from app.sessions import files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from typing_extensions import Buffer

HEAD = 4096
PART, GONE = ".part-", ".gone-"
ID = re.compile(r"[0-9a-f]{64}", re.ASCII)
_LONGEST_NAME = 700  # characters, of up to 4 bytes each in the head
_LONGEST_TYPE = 255
_MISSING = {errno.ENOENT, errno.ESTALE, errno.ELOOP, errno.ENXIO, errno.EISDIR}


@dataclass(frozen=True)
class About:
    """What a file is.

    name: what its user calls it, never a path. type: its media type. kind: "upload", or as
    Streamlit's MediaFileKind has it. session: the id of Streamlit's session that it was made for.
    owner: the digest of the browser's session key, "" where the browser had none. size: in bytes.
    """

    name: str
    type: str
    kind: str
    session: str
    owner: str
    size: int = 0

    def is_open_to(self, session: str, owner: str) -> bool:
        """Tell whether a session, or a browser that has a key, may have it."""
        return bool((session and self.session == session) or (owner and self.owner == owner))


class KeptFile(io.RawIOBase):
    """One of them, open for reading from its content's beginning."""

    def __init__(self, fd: int, about: About) -> None:
        super().__init__()
        self._fd = fd
        self._at = 0
        self.about = about
        self.name = about.name
        self.type = about.type
        self.size = about.size

    def piece(self, offset: int, size: int) -> bytes:
        """Return `size` bytes from `offset`. Raises OSError where the file is cut short."""
        data = files.read(self._fd, HEAD + offset, size)
        if len(data) != size:
            raise OSError(errno.EIO, "the file is shorter than it says")
        return data

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place in the content; return it."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Buffer, /) -> int:
        """Read on, and return how many bytes that were."""
        view = memoryview(buffer).cast("B")
        size = max(0, min(len(view), self.size - self._at))
        view[:size] = self.piece(self._at, size)
        self._at += size
        return size

    def close(self) -> None:
        """Let go of it."""
        if not self.closed:
            files.close(self._fd)
        super().close()


class Draft:
    """A file that is being written, which nobody finds before `keep`."""

    def __init__(self, folder: Path, path: Path, fd: int) -> None:
        self._folder = folder
        self._path = path
        self._fd = fd
        self.size = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append to the content."""
        files.write(self._fd, data, HEAD + self.size)
        self.size += len(data)

    def keep(self, file_id: str, about: About) -> None:
        """Give it its name: durable, and visible to every replica, when this returns."""
        files.write(self._fd, _head(about, self.size), 0)
        os.fsync(self._fd)
        files.close(self._fd)
        self._fd = -1
        self._path.rename(self._folder / file_id)
        files.sync_folder(self._folder)

    def discard(self) -> None:
        """Leave nothing of it, unless it was kept."""
        if self._fd >= 0:
            files.close(self._fd)
            self._fd = -1
            with contextlib.suppress(OSError):
                self._path.unlink()


class Files:
    """One folder of them, which is made with the first file."""

    def __init__(self, root: Path, name: str) -> None:
        self.root = root
        self.folder = root / name

    def draft(self) -> Draft:
        """Begin a new file."""
        path = self.folder / f"{PART}{secrets.token_hex(8)}"
        try:
            fd = files.open_to_write(path)
        except FileNotFoundError:
            files.make_folder(self.folder)
            fd = files.open_to_write(path)
        return Draft(self.folder, path, fd)

    def open(self, file_id: str) -> KeptFile | None:
        """Return a file that is there and whole, also if this NFS client knew of its absence."""
        if not ID.fullmatch(file_id):
            return None
        fd = self._descriptor(file_id)
        if fd is None:
            return None
        try:
            about = _about(files.read(fd, 0, HEAD))
            if about is not None and os.fstat(fd).st_size == HEAD + about.size:
                return KeptFile(fd, about)
        except BaseException:
            files.close(fd)
            raise
        files.close(fd)
        return None

    def touch(self, file_id: str) -> bool:
        """Note that a file is being used now; False if it is not there."""
        try:
            os.utime(self.folder / file_id)
        except OSError as error:
            if error.errno in _MISSING:
                return False
            raise
        return True

    def remove(self, file_id: str) -> bool:
        """Remove a file; False if it was not there."""
        try:
            (self.folder / file_id).unlink()
        except OSError as error:
            if error.errno in _MISSING:
                return False
            raise
        return True

    def remove_unused(self, name: str, since: float) -> bool:
        """Remove what nobody has used since then, in Unix time by the volume's clock.

        Whoever begins to use it meanwhile, on another replica, touches it: it is moved out of the
        way first, and moved back if that has happened.
        """
        path, away = self.folder / name, self.folder / f"{GONE}{secrets.token_hex(8)}"
        try:
            if stamped_at(path) >= since:
                return False
            path.rename(away)
            if stamped_at(away) >= since:
                away.rename(path)
                return False
            away.unlink()
        except OSError as error:
            if error.errno in _MISSING:
                return False
            raise
        return True

    def names(self) -> Iterator[str]:
        """Yield the name of everything that is there, and should be."""
        try:
            found = os.listdir(self.folder)  # noqa: PTH208 - names are enough
        except FileNotFoundError:
            return
        for name in found:
            if ID.fullmatch(name) or name.startswith((PART, GONE)):
                yield name

    def _descriptor(self, file_id: str) -> int | None:
        path = self.folder / file_id
        for look_afresh in (False, True):
            if look_afresh and not files.exists_now(self.folder, self.root):
                return None
            try:
                return files.open_to_read(path)
            except OSError as error:
                if error.errno not in _MISSING:
                    raise
        return None


def code_of(error: OSError) -> str:
    """Return an error's name as logs have it: no path, which would put an id there."""
    return errno.errorcode.get(error.errno or 0, "unknown")


def stamped_at(path: Path) -> float:
    """Return a file's time stamp as the server has it now: opening makes an NFS client ask."""
    fd = files.open_to_read(path)
    try:
        return os.fstat(fd).st_mtime
    finally:
        files.close(fd)


def _head(about: About, size: int) -> bytes:
    # A name's end tells more than its beginning: there its type is, and the file's own name.
    facts = asdict(about) | {
        "name": about.name[-_LONGEST_NAME:],
        "type": about.type[:_LONGEST_TYPE],
        "size": size,
    }
    text = json.dumps(facts, ensure_ascii=False).encode(errors="replace")
    return text.ljust(HEAD - 1) + b"\n"


def _about(head: bytes) -> About | None:
    try:
        return About(**json.loads(head))
    except (ValueError, TypeError):
        return None
