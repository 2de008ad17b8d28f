"""A look at a session that changes nothing: no repair, no time stamp, no new file."""
# ruff: noqa: TID252 - the package knows no name but its own

import errno
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .. import files, lock, record
from ..errors import SessionError
from ..log import Log
from ..record import START, Ending, Scan, decode
from ..replay import State

_NO_FILE = {errno.EISDIR, errno.ELOOP, errno.ENXIO}


@dataclass(frozen=True)
class Peek:
    """What a log holds: its bytes, all records in them (also of later releases), its last use."""

    data: bytes
    scan: Scan
    used_at: float

    @property
    def fault(self) -> str:
        """What is wrong with it, in some words; "" if nothing is. A torn tail is nothing wrong."""
        if self.scan.ending is Ending.DAMAGED:
            return f"{self.scan.why} at byte {self.scan.end.offset}"
        return self.scan.why if self.scan.ending is Ending.NEWER else ""

    @property
    def is_void(self) -> bool:
        """Whether nothing was ever written there, or not to the end of the first few bytes."""
        return self.scan.end == START and not self.fault

    def state(self) -> State:
        """Return what the session says."""
        state = State()
        for each in self.scan.records:
            if each.known:
                state.apply(each)
        return state


def peek(log: Log) -> Peek:
    """Look at a log, or where there is none, or nothing in it, at its successor (succession.py).

    Damage is judged with the log's lock held. Raises FileNotFoundError where there is neither, and
    other OSErrors.
    """
    found: Peek | None = None
    for path in (log.path, log.successor, log.path):  # it may become the log between two looks
        try:
            found = _look_at(path)
        except OSError as error:
            if error.errno not in {errno.ENOENT, errno.ESTALE}:
                raise
        else:
            if not found.is_void:
                break
        log.look_afresh()
    if found is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    return found


def _look_at(path: Path) -> Peek:
    try:
        fd = files.open_to_read(path)
    except OSError as error:
        if error.errno not in _NO_FILE:
            raise
        return _no_file(path)
    try:
        if not files.is_regular(fd):
            return _no_file(path)
        found = _read(fd)
    finally:
        files.close(fd)
    if found.scan.ending is Ending.DAMAGED:
        with suppress(OSError, SessionError):  # then it stays with the first verdict
            return _judged_again(path)
    return found


def attached(state: State) -> set[str]:
    """Return the SHA-256 of every attachment that the messages name."""
    found = set()
    for payload in state.messages:
        message = decode(payload)
        listed = message.get("attachments") if isinstance(message, dict) else None
        for each in listed if isinstance(listed, list) else []:
            if isinstance(each, dict) and isinstance(name := each.get("sha256"), str):
                found.add(name)
    return found


def words(error: OSError) -> str:
    """Return what happened, without the path, which has a whole digest in it."""
    name = errno.errorcode.get(error.errno or 0, "unknown")
    return f"{error.strerror} ({name})"


def _judged_again(path: Path) -> Peek:
    fd = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)  # NFS locks need it for writing
    try:
        lock.acquire(fd, lock.PATIENCE)
        return _read(fd)
    finally:
        files.close(fd)


def _read(fd: int) -> Peek:
    status = os.fstat(fd)
    data = files.read(fd, 0, status.st_size)
    return Peek(data, record.scan(data, every=True), status.st_mtime)


def _no_file(path: Path) -> Peek:
    return Peek(b"", Scan((), START, Ending.DAMAGED, "no file"), path.lstat().st_mtime)
