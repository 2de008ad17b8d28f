"""Housekeeping beside the page."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

from app import upkeep
from app.sessions import SessionStore, digest, housekeeping, mint
from app.settings import DAY, Settings

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_old_sessions_go_while_the_replica_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread runs beside everything else, dies with the process, and outlives a failure."""
    store, key = SessionStore(tmp_path), mint()
    store.open(key).messages.append({"text": "a"})
    name = digest(key)
    log = tmp_path / "sessions" / name[:3] / f"{name}.log"
    now = time.time()
    os.utime(log, (now - 31 * DAY, now - 31 * DAY))
    lease = tmp_path / "sessions" / ".housekeeping"
    lease.mkdir()  # not to be opened: the first runs fail
    monkeypatch.setattr(housekeeping, "INTERVAL", 0.01)
    thread = upkeep.start(Settings(tmp_path, ("a",), session_max_age=30 * DAY))
    assert thread.daemon
    time.sleep(0.1)
    assert thread.is_alive()
    times = {"at": now - 600, "steady_since": now - 40 * DAY, "cycle_since": now - 2 * DAY}
    ready = tmp_path / "lease"
    ready.write_text(json.dumps(times | {"cursor": ""}))
    lease.rmdir()
    ready.rename(lease)
    deadline = time.monotonic() + 10
    while log.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not log.exists()
    monkeypatch.setattr(housekeeping, "INTERVAL", 1e6)
