"""Removal of a session: its log, and what lies beside it.

Under the log's lock, so never under a writer's hands. The attachments leave the session's name
first and are deleted last: whoever writes to the same key a moment later begins with neither. The
log gets its `superseded` record before it goes, so that a writer that waited for its lock, and a
reader whose client still knows its name, notice that it is gone (see log.py). Where a full volume
has no room for that, the log is emptied: an empty one is doubted, too (see succession.py).
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from . import files, succession
from .layout import BLOBS, REMOVED
from .reading import Mark
from .record import Kind, encode

if TYPE_CHECKING:
    from pathlib import Path

    from .log import Log
    from .writer import Writer

_FULL = {errno.ENOSPC, errno.EDQUOT}


def remove(log: Log, *, unused_since: float | None = None) -> bool:
    """Remove a session; with `unused_since`, only if its log was last used before that time.

    The time is Unix time by the volume's clock. Returns whether it was removed. Raises StoreBusy
    where a writer holds the session for longer than the log's patience, and another SessionError
    or OSError where the volume refuses; what was begun is then finished by the next removal.
    """
    with log.writing() as writer:
        blobs = log.path.with_suffix(BLOBS)
        if unused_since is not None and _last_use(writer.fd, blobs) >= unused_since:
            return False
        writer.catch_up(Mark())
        succession.revoke(log)  # before the log may be empty: a successor would then be the log
        _say_farewell(writer)
        attachments = _take_away(blobs)
        log.path.unlink()
        files.sync_folder(log.path.parent)
    if attachments is not None:
        shutil.rmtree(attachments)
    return True


def _last_use(fd: int, blobs: Path) -> float:
    """Return the latest stamp; that of an empty log, which may just have been made, is none."""
    log = os.fstat(fd)
    stamps = [log.st_mtime] if log.st_size else []
    with suppress(FileNotFoundError):
        stamps.append(blobs.lstat().st_mtime)
    return max(stamps, default=0)


def _say_farewell(writer: Writer) -> None:
    try:
        writer.append(Kind.SUPERSEDED, encode({}))
    except OSError as error:
        if error.errno not in _FULL:
            raise
        os.ftruncate(writer.fd, 0)
        os.fsync(writer.fd)


def _take_away(folder: Path) -> Path | None:
    aside = folder.with_name(f"{folder.name}{REMOVED}{secrets.token_hex(4)}")
    try:
        folder.rename(aside)
    except FileNotFoundError:
        return None
    return aside
