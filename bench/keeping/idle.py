"""The memory that an open but idle session of the kit's store holds.

`python -m bench.keeping.idle ROOT SESSIONS KEY...` opens so many sessions, of these keys in turn,
has each looked at and then rest, as the app does with a page that nobody uses, and prints by how
many KiB of resident memory its process has grown for each.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app.sessions import Follower, Session, SessionStore, mint
from bench.keeping.conversation import messages
from bench.keeping.logs import Kit
from parity.host.command import run
from parity.project import ROOT

if TYPE_CHECKING:
    from bench.keeping.volumes import Volume

SESSIONS = 1_000
KEYS = 10
LENGTH = 100  # messages


def kib_per_session(volume: Volume, sessions: int = SESSIONS) -> float:
    """Return the KiB that one idle session holds, measured in a process of its own."""
    keys = [mint() for _ in range(KEYS)]
    for key in keys:
        Kit(volume.behind, key).fill(messages(LENGTH))
    argv = [sys.executable, "-m", "bench.keeping.idle", str(volume.here), str(sessions), *keys]
    return float(run(argv, cwd=ROOT))


def _measure(root: Path, sessions: int, keys: list[str]) -> float:
    store = SessionStore(root)
    _ = [_rested(store, key) for key in keys]  # what a process does once only
    gc.collect()
    before = _resident_kib()
    held = [_rested(store, keys[number % len(keys)]) for number in range(sessions)]
    gc.collect()
    return (_resident_kib() - before) / len(held)


def _rested(store: SessionStore, key: str) -> tuple[Session, Follower]:
    session = store.open(key)
    list(session.messages)
    follower = Follower(session)
    session.rest()
    return session, follower


def _resident_kib() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


if __name__ == "__main__":
    print(_measure(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))  # noqa: T201 - data
