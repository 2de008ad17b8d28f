"""The kernel's questions (FUSE), answered by the client. It is told to cache nothing by itself."""

from __future__ import annotations

import errno
import fcntl
import functools
import itertools
import json
import os
import time
from typing import TYPE_CHECKING, Any

from parity.efs.client import Client, Handle
from parity.efs.control import COUNTERS, FAULT, decode_fault
from parity.efs.figures import DIRTY_SECONDS
from parity.efs.locks import Locks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from parity.efs.faults import Kind
    from parity.efs.server import Server

STATUS = ("st_mode", "st_ino", "st_nlink", "st_uid", "st_gid", "st_blocks", "st_blksize")
TIMES = ("st_atime", "st_mtime", "st_ctime")
ROOM = ("f_bsize", "f_frsize", "f_blocks", "f_bfree", "f_bavail", "f_files", "f_ffree", "f_namemax")


def counted(method: Callable[..., Any]) -> Callable[..., Any]:
    """Count the calls of a method under its own name."""

    @functools.wraps(method)
    def call(self: Operations, *arguments: Any) -> Any:  # noqa: ANN401 - whatever FUSE hands over
        self.wire.called(method.__name__)
        return method(self, *arguments)

    return call


# What the kernel says instead of nanoseconds (utimensat(2)); mfusepy hands it on as it is.
UTIME_NOW, UTIME_OMIT = 2**30 - 1, 2**30 - 2


class Operations:
    """mfusepy's callbacks. A path begins with '/'; `info` is FUSE's own record of an open file."""

    use_ns = True

    def __init__(self, server: Server, *, on_mount: Callable[[], None] = lambda: None) -> None:
        self.wire = server.wire
        self._server = server
        self._client = Client(server, time.monotonic)
        self._locks = Locks(self._client)
        self._handles: dict[int, Handle] = {}
        self._numbers = itertools.count(1)
        self._on_mount = on_mount

    def init(self, _path: str) -> None:
        """Begin, the mount being there."""
        self._on_mount()

    def write_back_old(self) -> None:
        """Send what a program wrote long ago and never synced."""
        self._client.write_back_old(time.monotonic() - DIRTY_SECONDS)

    @counted
    def getattr(self, path: str, info: Any = None) -> dict[str, Any]:  # noqa: ANN401 - as in all of these
        """Answer stat, and each step of the kernel's way to a name."""
        status, size = self._client.stat(_inside(path), self._handle(info))
        times = {name: getattr(status, f"{name}_ns") for name in TIMES}
        return {name: getattr(status, name) for name in STATUS} | times | {"st_size": size}

    @counted
    def access(self, path: str, mode: int) -> int:
        """Answer access."""
        return 0 if self._server.access(_inside(path), mode) else -errno.EACCES

    @counted
    def opendir(self, path: str) -> int:
        """Open a folder."""
        self._client.open_folder(_inside(path))
        return 0

    @counted
    def readdir(self, path: str, _number: int) -> Iterator[tuple[str, None, int]]:
        """List a folder, names only."""
        return ((name, None, 0) for name in (".", "..", *self._client.list(_inside(path))))

    @counted
    def readlink(self, path: str) -> str:
        """Read a symbolic link."""
        self._client.find(_inside(path))
        return self._server.readlink(_inside(path))

    @counted
    def mkdir(self, path: str, mode: int) -> None:
        """Make a folder."""
        self._client.change(_inside(path), lambda: self._server.mkdir(_inside(path), mode))

    @counted
    def symlink(self, path: str, target: str) -> None:
        """Make a symbolic link."""
        self._client.change(_inside(path), lambda: self._server.symlink(target, _inside(path)))

    @counted
    def link(self, path: str, existing: str) -> None:
        """Make a second name."""
        old, new = _inside(existing), _inside(path)
        self._client.change(new, lambda: self._server.link(old, new))

    @counted
    def unlink(self, path: str) -> None:
        """Remove a name; libfuse renames one that is still open here, as an NFS client does."""
        self._client.change(_inside(path), lambda: self._server.unlink(_inside(path)))

    @counted
    def rmdir(self, path: str) -> None:
        """Remove an empty folder."""
        self._client.change(_inside(path), lambda: self._server.rmdir(_inside(path)))

    @counted
    def rename(self, old: str, new: str) -> None:
        """Move a name."""
        self._client.rename(_inside(old), _inside(new))

    @counted
    def chmod(self, path: str, mode: int) -> None:
        """Change the mode."""
        inside = _inside(path) or "."
        self._set(path, lambda root: os.chmod(inside, mode, dir_fd=root))

    @counted
    def chown(self, path: str, uid: int, gid: int) -> None:
        """Change the owner, as far as the access point's user may."""
        inside, ids = _inside(path) or ".", [-1 if n == 2**32 - 1 else n for n in (uid, gid)]
        self._set(path, lambda root: os.chown(inside, *ids, dir_fd=root, follow_symlinks=False))

    @counted
    def utimens(self, path: str, times: tuple[int, int] | None = None) -> None:
        """Change the times."""
        inside = _inside(path) or "."
        self._set(path, lambda root: _touch(inside, times, root))

    @counted
    def truncate(self, path: str, length: int, info: Any = None) -> None:  # noqa: ANN401
        """Set the length."""
        self._client.truncate(_inside(path), length, self._handle(info))

    @counted
    def statfs(self, _path: str) -> dict[str, int]:
        """Answer statvfs."""
        room = self._server.statfs()
        return {name: getattr(room, name) for name in ROOM}

    @counted
    def open(self, path: str, info: Any) -> int:  # noqa: ANN401
        """Open a file; the kernel keeps none of its pages."""
        return self._opened(info, self._client.open(_inside(path), info.flags))

    @counted
    def create(self, path: str, mode: int, info: Any) -> int:  # noqa: ANN401
        """Open a file that was not known to exist, and make it."""
        flags = info.flags | os.O_CREAT
        return self._opened(info, self._client.open(_inside(path), flags, mode))

    @counted
    def read(self, _path: str, size: int, offset: int, info: Any) -> bytes:  # noqa: ANN401
        """Read."""
        return self._client.read(self._handles[info.fh], size, offset)

    @counted
    def write(self, _path: str, data: bytes, offset: int, info: Any) -> int:  # noqa: ANN401
        """Write."""
        return self._client.write(self._handles[info.fh], data, offset)

    @counted
    def flush(self, _path: str, info: Any) -> None:  # noqa: ANN401
        """Close, as seen by one of the open file's owners."""
        handle = self._handles[info.fh]
        try:
            self._client.write_back(handle.node)
        finally:
            self._locks.drop_owner(handle, info.lock_owner)

    @counted
    def fsync(self, _path: str, _data_only: int, info: Any) -> None:  # noqa: ANN401
        """Make durable."""
        self._client.write_back(self._handles[info.fh].node)

    @counted
    def fsyncdir(self, _path: str, _data_only: int, _number: int) -> None:
        """Do nothing: names are durable at the server when it has answered."""

    @counted
    def release(self, _path: str, info: Any) -> None:  # noqa: ANN401
        """Let go of an open file, whose last owner has closed it."""
        handle = self._handles.pop(info.fh)
        try:
            self._locks.drop(handle)
        finally:
            self._client.close(handle)

    @counted
    def flock(self, _path: str, info: Any, operation: int) -> None:  # noqa: ANN401
        """Lock or unlock a whole file."""
        self._locks.flock(self._handles[info.fh], operation)

    @counted
    def lock(self, _path: str, info: Any, command: int, pointer: Any) -> None:  # noqa: ANN401
        """Lock or unlock a range, or ask who holds it."""
        handle, owner, asked = self._handles[info.fh], info.lock_owner, pointer.contents
        span = (asked.l_type, asked.l_start, asked.l_len)
        if command == fcntl.F_GETLK:
            found = self._locks.test(handle, owner, *span)
            asked.l_type, asked.l_start, asked.l_len = found
        else:
            self._locks.set(handle, owner, *span, waits=command == fcntl.F_SETLKW)

    def getxattr(self, path: str, name: str, _position: int = 0) -> bytes:
        """Answer the kit's own questions, and take its faults; EFS has no extended attributes."""
        if path == "/" and name.startswith(FAULT):
            self._take_fault(*decode_fault(name))
            return name.encode()
        if path != "/" or name != COUNTERS:
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
        fault = self.wire.faults.current
        return json.dumps(
            {
                "operations": self.wire.operations,
                "calls": self.wire.calls,
                "bytes": self.wire.bytes,
                "fault": fault.kind if fault else None,
                "fault_seconds_left": round(self.wire.faults.seconds_left, 1),
            }
        ).encode()

    def listxattr(self, _path: str) -> list[str]:
        """Name none."""
        return []

    def destroy(self, _path: str) -> None:
        """End."""
        self._server.close()

    def _take_fault(self, kind: Kind | None, seconds: float) -> None:
        if kind:
            self.wire.faults.set(kind, seconds)
        else:
            self.wire.faults.clear()

    def _opened(self, info: Any, handle: Handle) -> int:  # noqa: ANN401
        number = next(self._numbers)
        self._handles[number] = handle
        info.fh, info.direct_io = number, 1
        return 0

    def _handle(self, info: Any) -> Handle | None:  # noqa: ANN401
        return self._handles.get(info.fh) if info else None

    def _set(self, path: str, change: Callable[[int], None]) -> None:
        self._client.set_attributes(_inside(path), change)


def _inside(path: str) -> str:
    return path.lstrip("/")


def _touch(path: str, times: tuple[int, int] | None, root: int) -> None:
    """Set the times; what is to be now is the server's now, what is to stay is what it has."""
    if times is None or times == (UTIME_NOW, UTIME_NOW):
        os.utime(path, dir_fd=root, follow_symlinks=False)
        return
    status = os.stat(path, dir_fd=root, follow_symlinks=False)
    meant = {UTIME_NOW: (time.time_ns(),) * 2, UTIME_OMIT: (status.st_atime_ns, status.st_mtime_ns)}
    accessed, modified = (meant.get(each, (each, each))[place] for place, each in enumerate(times))
    os.utime(path, ns=(accessed, modified), dir_fd=root, follow_symlinks=False)
