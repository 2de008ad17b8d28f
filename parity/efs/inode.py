"""What one client believes of one file: attributes, names, pages, and what it has yet to write."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.efs.figures import FILE_SECONDS, FOLDER_SECONDS, PAGE_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.efs.server import Attributes, Change


@dataclass(slots=True)
class Extent:
    """Bytes written but not yet sent: where, through which descriptor, and since when."""

    fd: int
    offset: int
    data: bytearray
    since: float

    @property
    def end(self) -> int:
        """The offset behind the last byte."""
        return self.offset + len(self.data)


class Inode:
    """A file or folder as one client has it; hold `guard` to look or to change.

    entries: what is known of a folder's names, with None for a name that was not there. just_asked:
    those of them that the server was asked for and nobody has used since. pages:
    clean content by number, the last one of a file shorter. extents: oldest first.
    """

    def __init__(self, attributes: Attributes) -> None:
        self.guard = threading.RLock()
        self.attributes = attributes
        self.entries: dict[str, Inode | None] = {}
        self.just_asked: set[str] = set()
        self.listing: list[str] | None = None
        self.pages: dict[int, bytes] = {}
        self.extents: list[Extent] = []
        self.size_unknown = False
        self._shortest, self._longest = FOLDER_SECONDS if attributes.is_folder else FILE_SECONDS
        self._patience = self._shortest
        self._fresh_until = 0.0

    @property
    def size(self) -> int:
        """The length as this client sees it."""
        return max([self.attributes.status.st_size, *(each.end for each in self.extents)])

    @property
    def dirty_bytes(self) -> int:
        """How much is yet to be written."""
        return sum(len(each.data) for each in self.extents)

    def is_fresh(self, now: float) -> bool:
        """Tell whether the attributes are believed without asking."""
        return now < self._fresh_until

    def learn(self, attributes: Attributes, now: float) -> None:
        """Take what the server says: if that is another version, forget pages and names.

        An answer that a later one has overtaken on its way says nothing.
        """
        old = self.attributes
        if attributes.taken_ns < old.taken_ns:
            return
        if old.settled and old.version == attributes.version:
            if self._fresh_until and not self.is_fresh(now):
                self._patience = min(2 * self._patience, self._longest)
        else:
            self._patience = 0.0
            self.forget_content()
        self.accept(attributes, now)

    def accept(self, attributes: Attributes, now: float) -> None:
        """Take the attributes after a change of our own: what is known of the content holds."""
        self.attributes = attributes
        self.size_unknown = False
        self._patience = max(self._patience, self._shortest)
        self._fresh_until = now + self._patience

    def accept_change(self, change: Change, now: float) -> None:
        """Take what our own change made of this folder; a change of others undoes its names."""
        if change.before.version != self.attributes.version:
            self.entries.clear()
        self.listing = None
        self.accept(change.after, now)

    def expire(self) -> None:
        """Have the attributes asked for before they are believed again."""
        self._fresh_until = 0.0

    def distrust(self) -> None:
        """Believe nothing from before, as after taking a lock."""
        self.expire()
        self.size_unknown = True
        self.forget_content()

    def forget_content(self) -> None:
        """Drop clean pages and names; what is yet to be written stays."""
        self.pages.clear()
        self.entries.clear()
        self.listing = None

    def missing(self, offset: int, size: int) -> range:
        """Return the numbers of the pages from the first to the last that are not here."""
        end = min(offset + size, self.attributes.status.st_size)
        numbers = [
            n for n in range(offset // PAGE_BYTES, -(-end // PAGE_BYTES)) if n not in self.pages
        ]
        return range(numbers[0], numbers[-1] + 1) if numbers else range(0)

    def keep(self, first: int, data: bytes) -> None:
        """Keep what was read from page `first` on."""
        for start in range(0, len(data), PAGE_BYTES):
            self.pages[first + start // PAGE_BYTES] = data[start : start + PAGE_BYTES]

    def content(self, offset: int, size: int) -> bytes:
        """Return the bytes as this client has them, holes as zeros; all pages must be here."""
        size = min(size, self.size - offset)
        if size <= 0:
            return b""
        found = bytearray(size)
        for number, page in self._pages_of(offset, size):
            _overlay(found, offset, number * PAGE_BYTES, page)
        for extent in self.extents:
            _overlay(found, offset, extent.offset, extent.data)
        return bytes(found)

    def put(self, fd: int, offset: int, data: bytes, now: float) -> None:
        """Keep what a program wrote, to be sent later."""
        if not data:
            return
        last = self.extents[-1] if self.extents else None
        if last and (last.fd, last.end) == (fd, offset):
            last.data += data
        else:
            self.extents.append(Extent(fd, offset, bytearray(data), now))

    def written(self, extent: Extent) -> None:
        """Make an extent that the server has taken part of the clean content."""
        for number in range(extent.offset // PAGE_BYTES, -(-extent.end // PAGE_BYTES)):
            page, start = self.pages.get(number), number * PAGE_BYTES
            if page is not None:
                grown = max(len(page), min(PAGE_BYTES, extent.end - start))
                patched = bytearray(page.ljust(grown, b"\0"))
                _overlay(patched, start, extent.offset, extent.data)
                self.pages[number] = bytes(patched)

    def _pages_of(self, offset: int, size: int) -> Iterator[tuple[int, bytes]]:
        for number in range(offset // PAGE_BYTES, -(-(offset + size) // PAGE_BYTES)):
            if number in self.pages:
                yield number, self.pages[number]


def _overlay(target: bytearray, at: int, offset: int, data: bytes | bytearray) -> None:
    """Lay bytes of a file from `offset` over `target`, which begins at `at`."""
    start, end = max(at, offset), min(at + len(target), offset + len(data))
    if start < end:
        target[start - at : end - at] = data[start - offset : end - offset]
