"""`purge`: sessions are deleted, with their attachments and with copies of damaged logs.

Each under its log's lock, so never under the hands of a writer. Who has the page open sees an
empty conversation.
"""
# ruff: noqa: TID252 - the package knows no name but its own

import argparse
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

from ..errors import SessionError
from ..layout import ASIDE, BLOBS, DRAFT, LIVE, LOG, REMOVED
from ..removal import remove
from .entries import Entry, entries, find
from .lines import emit, note
from .peeking import words

_DAY = 86_400.0
_NAMED = 10
_LEFT_OVERS = (LOG + ASIDE, LOG + DRAFT, BLOBS + REMOVED, LIVE)


def purge(arguments: argparse.Namespace) -> int:
    """Delete what was named, or what is too old; return 1 if any could not be."""
    before: float | None = None
    if arguments.older_than is None:
        found = [find(arguments.root, text) for text in arguments.id]
        doomed = list({entry.digest: entry for entry in found}.values())
    else:
        before = time.time() - arguments.older_than * _DAY
        doomed = list(_older(entries(arguments.root), before))
    if not doomed:
        note("no session is that old")
        return 0
    if not arguments.yes and not _confirmed(doomed):
        note("nothing was deleted")
        return 1
    return max([_delete(entry, before) for entry in doomed])


def _older(found: Iterator[Entry], before: float) -> Iterator[Entry]:
    for entry in found:
        used_at = _last_use(entry)
        if used_at is not None and used_at < before:
            yield entry


def _last_use(entry: Entry) -> float | None:
    """Return when the log, or what is about to be it, was last used; None if removed just now."""
    for path in (entry.log.path, entry.log.successor):
        with suppress(FileNotFoundError):
            return path.lstat().st_mtime
    return None


def _confirmed(doomed: list[Entry]) -> bool:
    named = ", ".join(entry.id for entry in doomed[:_NAMED]) + " ..." * (len(doomed) > _NAMED)
    what = f"{len(doomed)} session{'s' * (len(doomed) > 1)}"
    note(f"Delete {what} for good ({named})? [y/N] ", end="")
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _delete(entry: Entry, before: float | None) -> int:
    try:
        removed = remove(entry.log, unused_since=before)
        if removed:
            _delete_left_overs(entry)
    except SessionError as error:
        note(f"session {entry.id}: {error}")
        return 1
    except OSError as error:
        note(f"session {entry.id}: {words(error)}")
        return 1
    emit({"id": entry.id, "purged": removed})
    return 0


def _delete_left_overs(entry: Entry) -> None:
    for path in entry.log.path.parent.iterdir():
        if path.name.startswith(tuple(entry.digest + each for each in _LEFT_OVERS)):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
