"""Advisory locks of one client: flock(2) by open file, fcntl(2) by owner; both held at the server.

A program that waits for a lock has its client ask again and again, ever more rarely.
"""

from __future__ import annotations

import errno
import fcntl
import os
import threading
import time
from typing import TYPE_CHECKING

from parity.efs.figures import LOCK_RETRY_SECONDS

if TYPE_CHECKING:
    from parity.efs.client import Client, Handle

POLL_SECONDS = 0.05


class Locks:
    """The locks that this client's programs hold."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._server = client.server
        self._guard = threading.Lock()
        self._flocked: set[int] = set()
        self._owners: dict[tuple[int, int], int] = {}  # (handle's descriptor, owner): own one

    def flock(self, handle: Handle, operation: int) -> None:
        """Take or give back a whole-file lock. Raises BlockingIOError where it may not wait."""
        if operation & fcntl.LOCK_UN:
            if handle.fd in self._flocked:
                self._client.before_lock(handle.node)
                self._flocked.discard(handle.fd)
                self._server.unlock(handle.fd)
            return
        kind = fcntl.F_WRLCK if operation & fcntl.LOCK_EX else fcntl.F_RDLCK
        waits = not operation & fcntl.LOCK_NB
        self._take(handle, handle.fd, kind, (0, 0), waits=waits)
        self._flocked.add(handle.fd)

    def set(  # noqa: PLR0913 - what struct flock has
        self, handle: Handle, owner: int, kind: int, start: int, length: int, *, waits: bool
    ) -> None:
        """Take or give back a lock on a range, for one owner of the open file."""
        if kind != fcntl.F_UNLCK:
            fd = self._descriptor(handle, owner)
            self._take(handle, fd, kind, (start, length), waits=waits)
        elif (handle.fd, owner) in self._owners:  # FUSE also asks whenever a file is closed
            self._client.before_lock(handle.node)
            self._server.unlock(self._descriptor(handle, owner), start, length)

    def test(
        self, handle: Handle, owner: int, kind: int, start: int, length: int
    ) -> tuple[int, ...]:
        """Return the lock in the way as kind, start and length; F_UNLCK for none."""
        return self._server.test_lock(self._descriptor(handle, owner), kind, start, length)

    def drop(self, handle: Handle) -> None:
        """Free what a handle still holds, for it is about to be closed.

        First free, then take the time of a round trip: FUSE does not let the program that closes
        wait for this, as it would on NFS, and its next lock must not find the last one.
        """
        if handle.fd in self._flocked:
            self._flocked.discard(handle.fd)
            self._server.unlock_at_close(handle.fd)
        with self._guard:
            for key in [key for key in self._owners if key[0] == handle.fd]:
                os.close(self._owners.pop(key))

    def drop_owner(self, handle: Handle, owner: int) -> None:
        """Free what an owner holds, for it has closed the file."""
        with self._guard:
            fd = self._owners.pop((handle.fd, owner), None)
        if fd is not None:
            try:
                self._server.unlock(fd)
            finally:
                os.close(fd)

    def _take(
        self, handle: Handle, fd: int, kind: int, span: tuple[int, int], *, waits: bool
    ) -> None:
        self._client.before_lock(handle.node)
        pause, longest = LOCK_RETRY_SECONDS
        while not self._server.try_lock(fd, kind, *span):
            if not waits:
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
            self._wait(pause)
            pause = min(2 * pause, longest)
        self._client.after_lock(handle.node)

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if self._server.wire.abandoned():
                raise OSError(errno.EINTR, os.strerror(errno.EINTR))
            time.sleep(min(POLL_SECONDS, left))

    def _descriptor(self, handle: Handle, owner: int) -> int:
        """Return the owner's own open file description, for such a lock belongs to one."""
        with self._guard:
            key = (handle.fd, owner)
            if key not in self._owners:
                mode = fcntl.fcntl(handle.fd, fcntl.F_GETFL) & os.O_ACCMODE
                self._owners[key] = os.open(f"/proc/self/fd/{handle.fd}", mode | os.O_CLOEXEC)
            return self._owners[key]
