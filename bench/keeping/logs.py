"""Append only: the kit's store, and the least that any log can do."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING
from unittest.mock import patch

from app.sessions import SessionStore
from bench.keeping.conversation import Conversation, Message, as_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC


class Kit(Conversation):
    """The kit's session store."""

    name = "kit"
    how = (
        "`app/sessions/`: a log, opened for each turn; locked, checked for what others wrote, fsync"
    )
    through_os = True

    def __init__(self, root: Path, key: str) -> None:
        self._session = SessionStore(root).open(key)

    def append(self, message: Message) -> None:
        """Append, as a page does."""
        self._session.messages.append(message)

    def fill(self, messages: Iterable[Message]) -> None:
        """Append without waiting for the disk."""
        with patch.object(os, "fsync"):
            for message in messages:
                self.append(message)

    @classmethod
    def restore(cls, root: Path, key: str) -> list[Message]:
        """Open the session and look at each message."""
        return list(SessionStore(root).open(key).messages)


class Raw(Conversation):
    """The physical limit: neither lock nor check, and good for one writer only."""

    name = "raw append"
    how = "the limit: a file that stays open, one line of JSON a turn, fsync; no lock, no check"
    through_os = True

    def __init__(self, root: Path, key: str) -> None:
        self._fd = os.open(_lines(root, key), _APPEND, 0o600)

    def append(self, message: Message) -> None:
        """Write a line and wait for the disk."""
        os.write(self._fd, _line(message))
        os.fsync(self._fd)

    def fill(self, messages: Iterable[Message]) -> None:
        """Write all lines."""
        os.write(self._fd, b"".join(map(_line, messages)))

    @classmethod
    def restore(cls, root: Path, key: str) -> list[Message]:
        """Read and decode all bytes at once, then parse each line: what restores are held against.

        From the bytes of each line, json.loads would guess the encoding each time.
        """
        fd = os.open(_lines(root, key), os.O_RDONLY)
        try:
            text = os.pread(fd, os.fstat(fd).st_size, 0).decode()
        finally:
            os.close(fd)
        return [json.loads(line) for line in text.split("\n")[:-1]]

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)


def _lines(root: Path, key: str) -> Path:
    return root / f"{key}.jsonl"


def _line(message: Message) -> bytes:
    return as_json(message) + b"\n"
