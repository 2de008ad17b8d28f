"""Compaction: a log is copied without its garbage, and the copy takes its place.

1. Without a lock the log is read, and what it still says written to a new file beside it, synced.
2. Under the lock, and only if nothing was appended meanwhile, the new file takes the log's place
   (see succession.py). It is locked, too, until its name is durable: what a writer then appends to
   it cannot be lost with it.

Turns wait for the second step only: one append, two renames, two syncs of the folder. If the
process dies at any point, one whole log or the other is found, each of which says the same. What
it leaves is a draft, which housekeeping removes, or a `superseded` record at the end of a log that
never was; readers then find out that it is still the log (see log.py).

The conversation's position stays what it was: the copy ends with a `compacted` record that tells
it, so `after=` holds across a compaction. Where a log has records of a kind or version that is not
known here, it is left to the release that knows them.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from . import files, lock, record, succession
from .garbage import dominates
from .layout import DRAFT
from .reading import Mark
from .record import FILE_HEADER_SIZE, OVERHEAD, START, Ending, Kind, decode, encode
from .replay import State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .log import Log
    from .reading import Reading

_CHUNK = 2**20
_MINE = {Kind.MESSAGE, Kind.SETTING, Kind.RESET, Kind.SUPERSEDED, Kind.COMPACTED}


def compact(log: Log) -> int:
    """Take the garbage out of a log if it dominates; return the bytes saved, 0 if none were.

    Raises StoreBusy where another writer holds the session for longer than the log's patience,
    another SessionError or OSError where the volume refuses; the log then says what it said.
    """
    reading = log.read(Mark())
    if reading.ending is not Ending.CLEAN or not is_understood(reading):
        return 0
    state = State()
    for each in reading.records:
        state.apply(each)
    if not dominates(reading.mark.cursor.offset, state.size):
        return 0
    try:
        like = log.path.stat()
    except FileNotFoundError:
        return 0  # removed just now, or its successor is still to be completed
    draft = log.path.with_name(f"{log.path.name}{DRAFT}{secrets.token_hex(4)}")
    fd = files.open_to_write(draft)
    try:
        lock.acquire(fd, 0)
        size = _write(fd, state, like)
        return reading.mark.cursor.offset - size if _replace(log, reading, draft) else 0
    finally:
        with suppress(OSError):
            draft.unlink()  # which has another name by now if all went well
        files.close(fd)


def _replace(log: Log, reading: Reading, draft: Path) -> bool:
    """Give the draft the log's name, unless the log says more by now."""
    with log.writing() as writer:
        news = writer.catch_up(reading.mark)
        if news.records or news.restarted or news.ending is not Ending.CLEAN:
            return False
        succession.install(log, writer, draft)
    return True


def is_understood(reading: Reading) -> bool:
    """Tell whether a reading of a whole log has all its records: none of a later release."""
    length = FILE_HEADER_SIZE + sum(OVERHEAD + len(each.payload) for each in reading.records)
    known = all(each.kind in _MINE for each in reading.records)
    return known and length == reading.mark.cursor.offset


def _write(fd: int, state: State, like: os.stat_result) -> int:
    """Write a log that says what the state says, durably and no younger; return its length."""
    header, place = record.file_header(os.urandom(record.NONCE_SIZE))
    ready, written = bytearray(header), 0
    for kind, payload in _records(state):
        data, added = record.frame(kind, payload, place)
        ready += data
        place = added.end
        if len(ready) > _CHUNK:
            files.write(fd, ready, written)
            ready, written = bytearray(), place.offset
    files.write(fd, ready, written)
    os.fsync(fd)
    os.utime(fd, ns=(like.st_atime_ns, like.st_mtime_ns))
    return place.offset


def _records(state: State) -> Iterator[tuple[Kind, bytes]]:
    for name, value in state.settings.items():
        yield Kind.SETTING, encode({"name": name, "value": decode(value)})
    for payload in state.messages:
        yield Kind.MESSAGE, payload
    if state.position != START:
        yield Kind.COMPACTED, encode({"position": list(state.position)})
