"""Every way of keeping a conversation that `parity bench store` compares."""

from __future__ import annotations

from bench.keeping.conversation import Conversation
from bench.keeping.databases import DiskCache, Sqlite, SqliteWal
from bench.keeping.logs import Kit, Raw
from bench.keeping.whole_file import AtomicJson, Pickle, SyncedPickle

Way = type[Conversation]

WAYS: tuple[Way, ...] = (
    Kit,
    Raw,
    Pickle,
    SyncedPickle,
    AtomicJson,
    Sqlite,
    SqliteWal,
    DiskCache,
)
