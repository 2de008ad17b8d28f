"""How another file takes the log's place: after a compaction, and at the end of an import.

Renaming it over the log is not one step on NFS: a client that has the old file open, and who
replaces a log holds it, first renames that out of the way (nfs(5): a "silly rename"). For a moment
nobody finds a log, and if the client dies in it there is none. So the file, complete, durable and
locked, gets two names, one after the other:

1. The old log gets its last record, `superseded`.
2. The new file becomes `NAME.log.next`.
3. It becomes `NAME.log`. Its lock is held until that name is durable.

Whoever finds no log, or an empty one such as writers make where they find none, looks for the
successor: a reader reads that; a writer waits for its lock, and does the third step if it is still
to be done. Where the third step was never begun, the old log is still the log, and who appends to
it revokes the successor first. So a successor always says what the log says, or is the log.

The third step also replaces what a writer has made in that moment, so an empty file proves nothing
by its name alone, and a client believes names for as long as it caches them. Each answer is hence
asked for afresh, and in this order: no successor, and then still the log, means for good, as nobody
begins to replace a log whose lock another holds. And the third step is done only with both locks
held and both names known to be true: the client clears the place for it by name.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from . import files, lock
from .reading import identity
from .record import Kind, encode

if TYPE_CHECKING:
    from pathlib import Path

    from .log import Log
    from .writer import Writer


def install(log: Log, writer: Writer, draft: Path) -> None:
    """Let a draft be the log that `writer` holds and is about to let go of.

    The draft is complete, durable, locked until this returns, and says what the log says.
    """
    writer.append(Kind.SUPERSEDED, encode({}))
    draft.rename(log.successor)
    files.sync_folder(log.folder)
    _rename(log)


def is_log(log: Log, empty: int) -> bool:
    """Tell whether an empty file, whose lock is held, is the log; if not, its successor is by now.

    `empty` is what was at the log's path. Raises StoreBusy where the successor is held for longer
    than the log's patience.
    """
    log.look_afresh()
    try:
        fd = files.open_to_change(log.successor)
    except FileNotFoundError:
        log.look_afresh()  # it may have become the log since the last look
        return _is_still(log, empty)
    try:
        lock.acquire(fd, log.patience)
        log.look_afresh()  # whoever had the lock, if alive, has done it
        if _is_still(log, empty) and _is_at(log.successor, fd):
            _rename(log)
    finally:
        files.close(fd)
    return False


def revoke(log: Log) -> None:
    """Have no successor any more; to be called with the log's lock held."""
    with suppress(FileNotFoundError):
        log.successor.unlink()
        files.sync_folder(log.folder)


def _is_still(log: Log, empty: int) -> bool:
    status = log.current(empty)
    return status is not None and status.st_size == 0  # no successor is, whatever else is cached


def _is_at(path: Path, fd: int) -> bool:
    with suppress(FileNotFoundError):
        return identity(os.fstat(fd)) == identity(path.lstat())
    return False


def _rename(log: Log) -> None:
    log.successor.rename(log.path)
    files.sync_folder(log.folder)
