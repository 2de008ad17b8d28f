"""An NFS client's view of the volume: what it asks the server, and what it believes without asking.

Imitated (nfs(5), "Data and metadata coherence"; the Linux client): close-to-open consistency,
attributes and names believed for a while, a name's absence, too, pages that only opening, locking
and newer attributes refresh, writing back at close, fsync, stat and lock, appends at the end as
this client knows it, locks that make it forget, one WRITE instead of WRITE and COMMIT where one
is enough. Not imitated: delegations (EFS has none), mapping files for writing, and fstat of a file
whose name another client gave to a second one: FUSE asks by that name, and is told of the second.
"""

from __future__ import annotations

import errno
import os
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from parity.efs.figures import CACHE_BYTES, DIRTY_BYTES, PAGE_BYTES, TRANSFER_BYTES
from parity.efs.inode import Inode

if TYPE_CHECKING:
    from collections.abc import Callable

    from parity.efs.server import Attributes, Change, Server


class Handle:
    """A file that a program has open."""

    def __init__(self, node: Inode, fd: int, flags: int) -> None:
        self.node = node
        self.fd = fd
        self.appends = bool(flags & os.O_APPEND)
        self.writes_through = bool(flags & (os.O_SYNC | os.O_DSYNC))
        self.next_offset = 0


class Client:
    """The volume as one host sees it. Paths are relative to its root, which is ''."""

    def __init__(self, server: Server, clock: Callable[[], float]) -> None:
        self.server = server
        self._clock = clock
        self._kept = 0  # pages, since they were last dropped
        self._root = Inode(server.lookup(""))
        self._root.accept(self._root.attributes, clock())
        self._nodes: dict[int, Inode] = {self._root.attributes.status.st_ino: self._root}

    # Names

    def find(self, path: str) -> Inode:
        """Return what a path stands for. Raises FileNotFoundError, also from what was cached."""
        node, walked = self._root, ""
        for name in filter(None, path.split("/")):
            node, walked = self._child(node, walked, name), f"{walked}/{name}".lstrip("/")
        return node

    def _child(self, folder: Inode, path: str, name: str) -> Inode:
        with folder.guard:
            self._refresh(folder, path)
            if name not in folder.entries:
                folder.just_asked.add(name)
                try:
                    found = self.server.lookup(f"{path}/{name}".lstrip("/"))
                except FileNotFoundError:
                    folder.entries[name] = None
                    raise
                folder.entries[name] = self._learn(found)
            else:
                folder.just_asked.discard(name)
            node = folder.entries[name]
        if node is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        return node

    def _learn(self, attributes: Attributes) -> Inode:
        number = attributes.status.st_ino
        node = self._nodes.get(number)
        if node is None or node.attributes.is_folder != attributes.is_folder:
            node = self._nodes[number] = Inode(attributes)
        with node.guard:
            node.learn(attributes, self._clock())
        return node

    def _refresh(self, node: Inode, path: str, fd: int | None = None) -> None:
        if not node.is_fresh(self._clock()):
            number = node.attributes.status.st_ino
            ask = self.server.getattr_open(fd) if fd else self.server.getattr(path, number)
            node.learn(ask, self._clock())

    def stat(self, path: str, handle: Handle | None = None) -> tuple[os.stat_result, int]:
        """Return attributes and length; what is yet to be written goes first."""
        if handle:
            return self._stat(handle.node, path, handle.fd)
        node = self.find(path)
        try:
            return self._stat(node, path)
        except OSError as error:
            if error.errno not in {errno.ENOENT, errno.ESTALE} or not path:
                raise
            self._forget_name(path)  # what it stood for is gone; perhaps another took its place
        return self._stat(self.find(path), path)

    def _stat(self, node: Inode, path: str, fd: int | None = None) -> tuple[os.stat_result, int]:
        with node.guard:
            self.write_back(node)
            self._refresh(node, path, fd)
            return node.attributes.status, node.size

    def open_folder(self, path: str) -> None:
        """Open a folder: close-to-open holds for its names, too, and for their absence."""
        node = self.find(path)
        with node.guard:
            node.expire()
            self._refresh(node, path)

    def list(self, path: str) -> list[str]:
        """Return the names in a folder that is open; asked for again only if it has changed."""
        node = self.find(path)
        with node.guard:
            self._refresh(node, path)
            if node.listing is None:
                node.listing = self.server.readdir(path)
            return list(node.listing)

    def change(self, path: str, act: Callable[[], Change]) -> None:
        """Have an entry added or removed by the server; what is known of that name is forgotten."""
        folder = self.find(dirname(path))
        with folder.guard:
            try:
                folder.accept_change(act(), self._clock())
            finally:
                folder.entries.pop(basename(path), None)

    def rename(self, old: str, new: str) -> None:
        """Move a name, replacing atomically what has the new one."""
        here, there = self.find(dirname(old)), self.find(dirname(new))
        left, reached = self.server.rename(old, new)
        for folder, change, path in ((here, left, old), (there, reached, new)):
            with folder.guard:
                folder.accept_change(change, self._clock())
                folder.entries.pop(basename(path), None)
        if here is there:
            with here.guard:
                here.entries.pop(basename(old), None)

    def set_attributes(self, path: str, change: Callable[[int], None]) -> None:
        """Change mode, owner or times."""
        node = self.find(path)
        with node.guard:
            self.write_back(node)
            node.accept(self.server.setattr(path, change), self._clock())

    # Content

    def open(self, path: str, flags: int, mode: int = 0) -> Handle:
        """Open or create; the server is asked in any case, and says whether the pages hold.

        A name that is not known yet is opened at once, by one round trip (Linux, nfs_atomic_open).
        FUSE can only look it up first: that has then been the opening.
        """
        folder, name = self.find(dirname(path)), basename(path)
        unknown = name in folder.just_asked
        if not flags & os.O_CREAT:
            self.find(path)  # a name that is believed to be missing is not asked for
            unknown = unknown or name in folder.just_asked
        folder.just_asked.discard(name)
        with folder.guard:
            try:
                fd, attributes, change = self.server.open(path, flags, mode, looked_up=unknown)
            except (FileNotFoundError, FileExistsError):
                folder.entries.pop(name, None)
                raise
            if change:
                folder.accept_change(change, self._clock())
            node = self._learn(attributes)
            folder.entries[name] = node
        return Handle(node, fd, flags)

    def read(self, handle: Handle, size: int, offset: int) -> bytes:
        """Read through the pages; what is missing is asked for, in large pieces if in sequence."""
        node = handle.node
        with node.guard:
            self._refresh(node, "", handle.fd)
            wanted = size
            if offset == handle.next_offset:
                wanted = max(size, TRANSFER_BYTES)
            if node.missing(offset, size):
                pages = node.missing(offset, wanted)
                self._fetch(node, handle.fd, pages)
            data = node.content(offset, size)
            handle.next_offset = offset + len(data)
            return data

    def _fetch(self, node: Inode, fd: int, pages: range) -> None:
        step = TRANSFER_BYTES // PAGE_BYTES
        for first in range(pages.start, pages.stop, step):
            count = min(step, pages.stop - first)
            node.keep(first, self.server.read(fd, count * PAGE_BYTES, first * PAGE_BYTES))
            self._kept += count

    def _make_room(self) -> None:
        """Drop clean pages when there are too many, as a kernel short of memory does."""
        if self._kept * PAGE_BYTES > CACHE_BYTES:
            self._kept = 0
            for node in list(self._nodes.values()):
                if node.guard.acquire(blocking=False):  # one in use keeps its pages
                    node.pages.clear()
                    node.guard.release()

    def write(self, handle: Handle, data: bytes, offset: int) -> int:
        """Take bytes to be sent later; with O_APPEND at the end as this client knows it."""
        node = handle.node
        with node.guard:
            if handle.appends:
                if node.size_unknown:
                    self._refresh(node, "", handle.fd)
                offset = node.size
            node.put(handle.fd, offset, data, self._clock())
            if handle.writes_through or node.dirty_bytes >= DIRTY_BYTES:
                self.write_back(node)
        return len(data)

    def write_back(self, node: Inode) -> None:
        """Send what is yet to be written; what the server refuses is lost, as in a real client."""
        with node.guard:
            extents, node.extents = node.extents, []
            pieces = 0
            try:
                for extent in extents:
                    for start in range(0, len(extent.data), TRANSFER_BYTES):
                        piece = extent.data[start : start + TRANSFER_BYTES]
                        after = self.server.write(extent.fd, piece, extent.offset + start)
                        node.accept(after, self._clock())
                        pieces += 1
                    node.written(extent)
                if pieces > 1:
                    self.server.commit()
            except OSError:
                node.distrust()
                raise

    def write_back_old(self, before: float) -> None:
        """Send what has been waiting since before a moment of the clock."""
        for node in list(self._nodes.values()):
            if any(extent.since < before for extent in list(node.extents)):
                self.write_back(node)

    def truncate(self, path: str, size: int, handle: Handle | None = None) -> None:
        """Set a file's length at once."""
        node = handle.node if handle else self.find(path)
        with node.guard:
            self.write_back(node)
            after = self.server.truncate(path, handle.fd if handle else None, size)
            node.forget_content()
            node.accept(after, self._clock())

    def close(self, handle: Handle) -> None:
        """Let go of an open file."""
        with handle.node.guard:
            self.server.release(handle.fd)
        self._make_room()

    # What locks do to caches

    def before_lock(self, node: Inode) -> None:
        """Send what is yet to be written, before a lock is asked for or given back."""
        self.write_back(node)

    def after_lock(self, node: Inode) -> None:
        """Believe nothing from before the lock."""
        with node.guard:
            node.distrust()

    def _forget_name(self, path: str) -> None:
        folder = self.find(dirname(path))
        with folder.guard:
            folder.entries.pop(basename(path), None)
