"""The few file operations the store is made of, each complete: no short reads or writes."""

import contextlib
import errno
import os
import stat
from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
_SAFE = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK  # O_NONBLOCK: never wait for a FIFO's writer
_CHUNK = 2**20


def open_to_read(path: Path) -> int:
    """Return a descriptor of an existing file."""
    return os.open(path, os.O_RDONLY | _SAFE)


def open_to_write(path: Path) -> int:
    """Return a descriptor of a file, which is made if missing."""
    return os.open(path, os.O_RDWR | os.O_CREAT | _SAFE, PRIVATE_FILE)


def open_to_change(path: Path) -> int:
    """Return a descriptor of an existing file; NFS locks only what is open for writing."""
    return os.open(path, os.O_RDWR | _SAFE)


def close(fd: int) -> None:
    """Close; what had to reach the volume was synced before, so an error says nothing new."""
    with contextlib.suppress(OSError):
        os.close(fd)


def is_regular(fd: int) -> bool:
    """Tell a file from a folder, a FIFO and the like."""
    return stat.S_ISREG(os.fstat(fd).st_mode)


def read(fd: int, offset: int, size: int) -> bytes:
    """Return `size` bytes from `offset`, or fewer where the file ends."""
    first = os.pread(fd, size, offset)
    if len(first) == size or not first:
        return first
    parts, got = [first], len(first)
    while got < size:
        part = os.pread(fd, size - got, offset + got)
        if not part:
            break
        parts.append(part)
        got += len(part)
    return b"".join(parts)


def read_on(fd: int, offset: int, likely: int) -> bytes:
    """Return all bytes from `offset` to the end; one call where those are as many as is likely."""
    data = os.pread(fd, likely + 1, offset)
    if len(data) == likely:
        return data
    parts = []
    while data:
        parts.append(data)
        offset += len(data)
        data = os.pread(fd, max(likely, _CHUNK), offset)
    return b"".join(parts)


def write(fd: int, data: bytes | bytearray | memoryview, offset: int) -> None:
    """Write all of `data` at `offset`: one call, and more only where the system took less."""
    view = memoryview(data)
    while view:
        taken = os.pwrite(fd, view, offset)
        if taken == 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        view, offset = view[taken:], offset + taken


def copy(source: int, target: Path) -> None:
    """Copy an open file to a new one, durably; on failure nothing is left of the copy."""
    fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFE, PRIVATE_FILE)
    try:
        offset = 0
        while chunk := read(source, offset, _CHUNK):
            write(fd, chunk, offset)
            offset += len(chunk)
        os.fsync(fd)
    except BaseException:
        with contextlib.suppress(OSError):
            target.unlink()
        raise
    finally:
        close(fd)
    sync_folder(target.parent)


def make_folder(path: Path) -> None:
    """Make a private folder if it is missing; its parent must exist."""
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=PRIVATE_FOLDER)


def exists_now(folder: Path, top: Path) -> bool:
    """Tell whether a folder below `top` exists, and what an NFS client knows of its names holds.

    Opening a folder is what makes the client ask for its attributes, and names in it are looked up
    anew once those have changed (nfs(5), "Directory entry caching"); so also a name's absence.
    """
    if _opens(folder):
        return True
    return folder != top and exists_now(folder.parent, top) and _opens(folder)


def _opens(folder: Path) -> bool:
    try:
        close(os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
    except FileNotFoundError:
        return False
    return True


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        close(fd)
