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


def complete(log: Log) -> bool:
    """Let the successor, if there is one, be the log; to be asked with an empty log's lock held.

    Returns whether there was one: what is held is then not the log any more.
    """
    log.look_afresh()
    try:
        fd = files.open_to_change(log.successor)
    except FileNotFoundError:
        return False
    try:
        lock.acquire(fd, log.patience)
        with suppress(FileNotFoundError):  # whoever had the lock was alive, and has done it
            if identity(os.fstat(fd)) == identity(log.successor.lstat()):
                _rename(log)
    finally:
        files.close(fd)
    return True


def revoke(log: Log) -> None:
    """Have no successor any more; to be called with the log's lock held."""
    with suppress(FileNotFoundError):
        log.successor.unlink()
        files.sync_folder(log.folder)


def _rename(log: Log) -> None:
    log.successor.rename(log.path)
    files.sync_folder(log.folder)
