"""The server: the backing folder, reached by one round trip an operation.

Other clients are other processes on the same folder, so what is atomic there (creating
exclusively, renaming) is atomic across clients, and locks are the kernel's own.

What becomes of a file that one client has open and another removes, NFS leaves to the server, but
where it promises to keep it (RFC 8881, OPEN4_RESULT_PRESERVE_UNLINKED). Linux's keeps it, other
servers answer ESTALE, EFS does not say. Kept is the worse for who writes: nothing tells that it is
gone. So that is what this server does, unless it is made with `keeps_unlinked=False`.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from posixpath import dirname, join
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from parity.efs.wire import Wire

# The kernel may stamp two changes within one tick alike; a state that young proves nothing.
TICK_NS = 20_000_000
# What the server is not to be told: where to append is the client's reckoning.
CLIENT_FLAGS = os.O_APPEND | os.O_DIRECT | os.O_SYNC | os.O_DSYNC
FLOCK = "hhqqi4x"  # struct flock of 64-bit Linux: type, whence, start, length, pid


@dataclass(frozen=True, slots=True)
class Attributes:
    """What the server says of a file, and when, by this host's monotonic clock.

    settled: a later change cannot have the same stamp.
    """

    status: os.stat_result
    settled: bool
    taken_ns: int

    @property
    def version(self) -> tuple[int, ...]:
        """What changes whenever the file does."""
        s = self.status
        return s.st_ino, s.st_ctime_ns, s.st_mtime_ns, s.st_size

    @property
    def is_folder(self) -> bool:
        """Whether it has entries."""
        return stat.S_ISDIR(self.status.st_mode)


@dataclass(frozen=True, slots=True)
class Change:
    """A folder before and after one of its entries was changed."""

    before: Attributes
    after: Attributes


class Server:
    """The backing folder as one client reaches it; paths are relative to it, '' is itself."""

    def __init__(self, root: Path, wire: Wire, *, keeps_unlinked: bool = True) -> None:
        self.wire = wire
        self._keeps_unlinked = keeps_unlinked
        self._root = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self._root)

    def getattr(self, path: str, number: int) -> Attributes:
        """Ask for the attributes of a known file, by its inode number, where it was last seen.

        As by an NFS file handle it is found under whatever name it has in its folder by now; so a
        client is not told that a name stands for it no more. Raises FileNotFoundError where it has
        none: Linux takes ESTALE for a path as a reason to look that up again.
        """
        self.wire.trip("GETATTR")
        with suppress(FileNotFoundError):
            found = self._status(path)
            if found.status.st_ino == number:
                return found
        return self._status(self._renamed(path, number))

    def getattr_open(self, fd: int) -> Attributes:
        """Ask for an open file's attributes. May raise ESTALE once another client removed it."""
        self.wire.trip("GETATTR")
        return self._usable(fd)

    def lookup(self, path: str) -> Attributes:
        """Ask what a name stands for."""
        self.wire.trip("LOOKUP")
        return self._status(path)

    def open(
        self, path: str, flags: int, mode: int, *, looked_up: bool = False
    ) -> tuple[int, Attributes, Change | None]:
        """Open, or create; the change is that of the folder, if a file was created.

        looked_up: a LOOKUP of the name has just been made that belongs to this.
        """
        instead_of = "LOOKUP" if looked_up else ""
        flags = (flags & ~CLIENT_FLAGS) | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        changes = flags & (os.O_ACCMODE | os.O_TRUNC) != os.O_RDONLY
        if flags & os.O_CREAT and (flags & os.O_EXCL or not self._exists(path)):
            fd = -1

            def create() -> None:
                nonlocal fd
                fd = os.open(path, flags, mode, dir_fd=self._root)

            change = self._change("CREATE", path, create, instead_of)
            return fd, _attributes(os.fstat(fd)), change
        self.wire.trip("OPEN", changes=changes, instead_of=instead_of)
        fd = os.open(path or ".", flags, mode, dir_fd=self._root)
        return fd, _attributes(os.fstat(fd)), None

    def release(self, fd: int) -> None:
        """Close; its locks go with it."""
        try:
            self.wire.trip("CLOSE")
        finally:
            os.close(fd)

    def read(self, fd: int, size: int, offset: int) -> bytes:
        """Read; fewer bytes where the file ends."""
        self._usable(fd)
        data = os.pread(fd, size, offset)
        self.wire.trip("READ", len(data))
        return data

    def write(self, fd: int, data: bytes | bytearray, offset: int) -> Attributes:
        """Write all of it, stably."""
        self.wire.trip("WRITE", len(data))
        self._usable(fd)
        view = memoryview(data)
        while view:
            done = os.pwrite(fd, view, offset)
            view, offset = view[done:], offset + done
        return _attributes(os.fstat(fd))

    def commit(self) -> None:
        """Make what was written in several pieces durable."""
        self.wire.trip("COMMIT")

    def setattr(self, path: str, change: Callable[[int], None]) -> Attributes:
        """Change attributes; `change` is given the folder that `path` is relative to."""
        self.wire.trip("SETATTR")
        change(self._root)
        return self._status(path)

    def truncate(self, path: str, fd: int | None, size: int) -> Attributes:
        """Cut or lengthen a file, open or not."""
        self.wire.trip("SETATTR")
        if fd is not None:
            self._usable(fd)
            os.ftruncate(fd, size)
            return _attributes(os.fstat(fd))
        found = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW, dir_fd=self._root)
        try:
            os.ftruncate(found, size)
            return _attributes(os.fstat(found))
        finally:
            os.close(found)

    def mkdir(self, path: str, mode: int) -> Change:
        """Make a folder."""
        return self._change("MKDIR", path, lambda: os.mkdir(path, mode, dir_fd=self._root))

    def symlink(self, target: str, path: str) -> Change:
        """Make a symbolic link."""
        return self._change("SYMLINK", path, lambda: os.symlink(target, path, dir_fd=self._root))

    def link(self, old: str, new: str) -> Change:
        """Give a file a second name."""
        root = self._root
        return self._change(
            "LINK", new, lambda: os.link(old, new, src_dir_fd=root, dst_dir_fd=root)
        )

    def unlink(self, path: str) -> Change:
        """Remove a file's name."""
        return self._change("REMOVE", path, lambda: os.unlink(path, dir_fd=self._root))

    def rmdir(self, path: str) -> Change:
        """Remove an empty folder."""
        return self._change("REMOVE", path, lambda: os.rmdir(path, dir_fd=self._root))

    def rename(self, old: str, new: str) -> tuple[Change, Change]:
        """Move a name atomically; return what became of either folder."""
        root, before = self._root, self._status(dirname(old))

        def move() -> None:
            os.rename(old, new, src_dir_fd=root, dst_dir_fd=root)

        there = self._change("RENAME", new, move)
        return Change(before, self._status(dirname(old))), there

    def readdir(self, path: str) -> list[str]:
        """List a folder."""
        self.wire.trip("READDIR")
        return [name for name, _ in self._entries(path)]

    def readlink(self, path: str) -> str:
        """Read a symbolic link."""
        self.wire.trip("READLINK")
        return os.readlink(path, dir_fd=self._root)

    def access(self, path: str, mode: int) -> bool:
        """Tell whether the access point's user may."""
        self.wire.trip("ACCESS")
        return os.access(path or ".", mode, dir_fd=self._root)

    def statfs(self) -> os.statvfs_result:
        """Ask for room and use."""
        self.wire.trip("STATFS")
        return os.fstatvfs(self._root)

    def try_lock(self, fd: int, kind: int, start: int = 0, length: int = 0) -> bool:
        """Ask for a lock (F_RDLCK, F_WRLCK) on a range; length 0: to the end of all files.

        Belongs to the open file. On NFS a whole-file lock of flock(2) is such a range, too.
        """
        self.wire.trip("LOCK")
        try:
            _set_lock(fd, kind, start, length)
        except (BlockingIOError, PermissionError):
            return False
        return True

    def unlock(self, fd: int, start: int = 0, length: int = 0) -> None:
        """Give a lock back; it is given back even if the server says otherwise."""
        try:
            self.wire.trip("LOCKU")
        finally:
            _set_lock(fd, fcntl.F_UNLCK, start, length)

    def unlock_at_close(self, fd: int) -> None:
        """Give a lock back at once, and then take the time that it takes."""
        _set_lock(fd, fcntl.F_UNLCK, 0, 0)
        self.wire.trip("LOCKU")

    def test_lock(self, fd: int, kind: int, start: int, length: int) -> tuple[int, int, int]:
        """Return the lock in the way as kind, start and length; F_UNLCK for none."""
        self.wire.trip("LOCK")
        asked = struct.pack(FLOCK, kind, os.SEEK_SET, start, length, 0)
        found = struct.unpack(FLOCK, fcntl.fcntl(fd, fcntl.F_OFD_GETLK, asked))
        return found[0], found[2], found[3]

    def _change(
        self, operation: str, path: str, act: Callable[[], None], instead_of: str = ""
    ) -> Change:
        self.wire.trip(operation, instead_of=instead_of)
        before = self._status(dirname(path))
        act()
        return Change(before, self._status(dirname(path)))

    def _exists(self, path: str) -> bool:
        try:
            os.lstat(path or ".", dir_fd=self._root)
        except OSError:
            return False
        return True

    def _status(self, path: str) -> Attributes:
        return _attributes(os.lstat(path or ".", dir_fd=self._root))

    def _usable(self, fd: int) -> Attributes:
        status = os.fstat(fd)
        if status.st_nlink == 0 and not self._keeps_unlinked:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return _attributes(status)

    def _renamed(self, path: str, number: int) -> str:
        folder = dirname(path)
        for name, found in self._entries(folder):
            if found == number:
                return join(folder, name)
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))

    def _entries(self, path: str) -> list[tuple[str, int]]:
        """Return each name in a folder, and the inode number of what it stands for."""
        fd = os.open(path or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self._root)
        try:
            with os.scandir(fd) as found:
                return [(entry.name, entry.inode()) for entry in found]
        finally:
            os.close(fd)


def _attributes(status: os.stat_result) -> Attributes:
    age = time.time_ns() - status.st_ctime_ns
    return Attributes(status, settled=age > TICK_NS, taken_ns=time.monotonic_ns())


def _set_lock(fd: int, kind: int, start: int, length: int) -> None:
    fcntl.fcntl(fd, fcntl.F_OFD_SETLK, struct.pack(FLOCK, kind, os.SEEK_SET, start, length, 0))
