"""The whole conversation in one file, read and written anew each turn."""

from __future__ import annotations

import json
import os
import pickle
from typing import TYPE_CHECKING

from bench.keeping.conversation import Conversation, Message, as_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Pickle(Conversation):
    """The article's way; see bench/apps/article.py."""

    name = "pickle"
    how = "the article's way: one pickle, read and written whole; nothing waits for the disk"
    rewrites = True

    def __init__(self, root: Path, key: str) -> None:
        self._path = self._place(root, key)

    @staticmethod
    def _place(root: Path, key: str) -> Path:
        return root / f"{key}.pickle"

    def append(self, message: Message) -> None:
        """Read all, write all."""
        found: list[Message] = []
        if self._path.exists():
            found = pickle.loads(self._path.read_bytes())  # noqa: S301 - the article's way
        self._write([*found, message])

    def fill(self, messages: Iterable[Message]) -> None:
        """Write all."""
        self._path.write_bytes(pickle.dumps([*messages]))

    @classmethod
    def restore(cls, root: Path, key: str) -> list[Message]:
        """Read all."""
        found: list[Message] = pickle.loads(cls._place(root, key).read_bytes())  # noqa: S301 - as above
        return found

    def _write(self, messages: list[Message]) -> None:
        self._path.write_bytes(pickle.dumps(messages))


class SyncedPickle(Pickle):
    """The article's way, made to wait for the disk."""

    name = "pickle, fsync"
    how = "the same with fsync; a crash in mid-write still loses the whole conversation"

    def _write(self, messages: list[Message]) -> None:
        with self._path.open("wb") as file:
            file.write(pickle.dumps(messages))
            file.flush()
            os.fsync(file.fileno())


class AtomicJson(Conversation):
    """The careful whole file: always the old one or the new one."""

    name = "JSON"
    how = (
        "one JSON file, read whole and replaced: temporary file, fsync, rename, fsync of the folder"
    )
    rewrites = True

    def __init__(self, root: Path, key: str) -> None:
        self._path = self._place(root, key)

    @staticmethod
    def _place(root: Path, key: str) -> Path:
        return root / f"{key}.json"

    def append(self, message: Message) -> None:
        """Read all, write all beside it, rename."""
        found = json.loads(self._path.read_bytes()) if self._path.exists() else []
        draft = self._path.with_suffix(".draft")
        with draft.open("wb") as file:
            file.write(as_json([*found, message]))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def fill(self, messages: Iterable[Message]) -> None:
        """Write all."""
        self._path.write_bytes(as_json([*messages]))

    @classmethod
    def restore(cls, root: Path, key: str) -> list[Message]:
        """Read all."""
        found: list[Message] = json.loads(cls._place(root, key).read_bytes())
        return found
