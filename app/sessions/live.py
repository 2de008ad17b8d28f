"""A live text: one process writes it as it grows, every replica may watch it grow.

It is a file beside the log, so that a long answer costs the log one record and not one a second:

    writer = session.write_live(name)      # made at once; a record may name it from now on
    writer.extend("Once upon")             # on the volume when it returns
    writer.extend("")                      # nothing new, but its writer lives
    writer.close()

    reader = session.watch_live(name)      # here or on another replica
    reader.look()                          # whether its writer did anything since the last look
    reader.text

What it says is acknowledged by nobody: when the writer is done, it appends the whole to the log.
There is one writer a name, so nothing is locked. A writer whose file was removed is told so by
`is_wanted`: whoever takes its work over, or has it stopped, removes it.

The file is the text in UTF-8, with a zero byte for each sign of life that had no text. A reader
opens it for each look, for that is when an NFS client asks the server, and reads only what is new.
"""

from __future__ import annotations

import codecs
import errno
import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from . import files
from .explaining import explained
from .layout import LIVE

if TYPE_CHECKING:
    from pathlib import Path

    from .log import Log

_NAME = re.compile(r"[0-9a-f]{16}", re.ASCII)
_GONE = {errno.ENOENT, errno.ESTALE}
_ALIVE = b"\0"


def path_of(log: Log, name: str) -> Path:
    """Return where a live text is. Raises ValueError for what is no name: 16 hexadecimal digits."""
    if _NAME.fullmatch(name) is None:
        raise ValueError(f"{name!r} is no name of a live text")
    return log.path.with_suffix(f"{LIVE}{name}")


def remove(log: Log, name: str) -> None:
    """Remove a live text, if it is there: its writer learns that it is not wanted any more."""
    with explained(log.label, "saved"), suppress(FileNotFoundError):
        path_of(log, name).unlink()


class LiveWriter:
    """Writes one live text; for one thread. Raises StoreUnavailable and VolumeFull."""

    def __init__(self, log: Log, name: str) -> None:
        self._log, self._path, self._written = log, path_of(log, name), 0
        with explained(log.label, "saved"):
            try:
                self._fd = files.open_to_write(self._path)
            except FileNotFoundError:
                log.make_folders()
                self._fd = files.open_to_write(self._path)

    def extend(self, text: str) -> None:
        """Add to it, durably as far as the server is concerned; nothing is a sign of life."""
        data = text.replace("\0", "").encode(errors="replace") or _ALIVE
        with explained(self._log.label, "saved"):
            files.write(self._fd, data, self._written)
            os.fsync(self._fd)
        self._written += len(data)

    @property
    def is_wanted(self) -> bool:
        """Whether the file is still there, as far as this host knows; asks nobody."""
        try:
            return os.fstat(self._fd).st_nlink > 0
        except OSError as error:
            return error.errno not in _GONE

    def close(self) -> None:
        """Remove it; all that it said is in the log by now, or of no use."""
        files.close(self._fd)
        with suppress(OSError):
            self._path.unlink()


class LiveReader:
    """Watches one live text; for one thread. Raises StoreUnavailable."""

    def __init__(self, log: Log, name: str) -> None:
        self._log, self._path, self._seen = log, path_of(log, name), 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.text = ""

    def look(self) -> bool:
        """Take in what is new; return whether its writer gave any sign of life since."""
        with explained(self._log.label, "read"):
            data = self._read()
        self._seen += len(data)
        self.text += self._decoder.decode(data).replace("\0", "")
        return bool(data)

    def _read(self) -> bytes:
        try:
            fd = files.open_to_read(self._path)
        except OSError as error:
            if error.errno in _GONE:
                return b""
            raise
        try:
            size = os.fstat(fd).st_size - self._seen
            return files.read(fd, self._seen, size) if size > 0 else b""
        except OSError as error:
            if error.errno in _GONE:
                return b""
            raise
        finally:
            files.close(fd)
