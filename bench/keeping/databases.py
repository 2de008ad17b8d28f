"""A database file for each conversation, its connection kept open: each database at its best."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, ClassVar

from diskcache import Cache, Deque

from bench.keeping.conversation import Conversation, Message, as_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# sqlite.org/wal.html: "All processes using a database must be on the same host computer; WAL does
# not work over a network filesystem."
SHARED_MEMORY = "its write-ahead log needs memory that all writers share, so one host"
_SYNC_FULL = 2  # what PRAGMA synchronous calls FULL
_PATIENCE = 30.0  # seconds
_TABLE = "CREATE TABLE IF NOT EXISTS message (number INTEGER PRIMARY KEY, body BLOB NOT NULL)"
_INSERT = "INSERT INTO message (body) VALUES (?)"
_SELECT = "SELECT body FROM message ORDER BY number"


class Sqlite(Conversation):
    """SQLite as it comes: a rollback journal, which is made and removed in each turn."""

    name = "SQLite"
    how = "a row a turn, rollback journal, synchronous=FULL"
    journal: ClassVar[str] = "DELETE"

    def __init__(self, root: Path, key: str) -> None:
        self._connection = self._connect(root, key)
        self._connection.execute(f"PRAGMA journal_mode={self.journal}")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute(_TABLE)

    @staticmethod
    def _connect(root: Path, key: str) -> sqlite3.Connection:
        return sqlite3.connect(
            root / f"{key}.sqlite", _PATIENCE, isolation_level=None, check_same_thread=False
        )

    def append(self, message: Message) -> None:
        """Insert a row, which commits."""
        self._connection.execute(_INSERT, (as_json(message),))

    def fill(self, messages: Iterable[Message]) -> None:
        """Insert all rows in one transaction."""
        self._connection.execute("BEGIN")
        self._connection.executemany(_INSERT, ((as_json(each),) for each in messages))
        self._connection.execute("COMMIT")

    @classmethod
    def restore(cls, root: Path, key: str) -> list[Message]:
        """Select all rows on a new connection."""
        with closing(cls._connect(root, key)) as connection:
            return [json.loads(body) for (body,) in connection.execute(_SELECT)]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class SqliteWal(Sqlite):
    """SQLite with a write-ahead log."""

    name = "SQLite WAL"
    how = "a row a turn, write-ahead log, synchronous=FULL"
    not_on_efs = SHARED_MEMORY
    journal = "WAL"


class DiskCache(Conversation):
    """A diskcache.Deque, which is SQLite with a write-ahead log below."""

    name = "diskcache"
    how = "`diskcache.Deque`, which pickles each item, with sqlite_synchronous=FULL"
    not_on_efs = SHARED_MEMORY

    def __init__(self, root: Path, key: str) -> None:
        self._deque = self._open(root, key)

    @staticmethod
    def _open(root: Path, key: str) -> Deque:
        folder = root / f"{key}.diskcache"
        cache = Cache(folder, eviction_policy="none", sqlite_synchronous=_SYNC_FULL)
        return Deque.fromcache(cache)

    def append(self, message: Message) -> None:
        """Append an item, which commits."""
        self._deque.append(message)

    def fill(self, messages: Iterable[Message]) -> None:
        """Append all items in one transaction."""
        with self._deque.transact():
            self._deque.extend(messages)

    @classmethod
    def restore(cls, root: Path, key: str) -> list[Message]:
        """Go through all items on a new connection."""
        deque = cls._open(root, key)
        try:
            return list(deque)
        finally:
            deque.cache.close()

    def close(self) -> None:
        """Close the connection of this thread."""
        self._deque.cache.close()
