"""The replicas that every command finds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from unittest.mock import MagicMock

import pytest

from parity.cli import replicas, stack
from parity.cluster.protocol import Replica

REPLICA = Replica(
    number=1,
    name="p-app-1",
    hostname="0123456789ab",
    state="running",
    health="healthy",
    exit_code=None,
    started_at=datetime(2026, 1, 1, tzinfo=UTC),
    memory=1024,
    sessions=2,
)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> MagicMock:
    """Give the cluster that every command will find."""
    cluster = MagicMock()
    cluster.replicas.return_value = [REPLICA, replace(REPLICA, number=2)]
    cluster.url.return_value = "http://localhost:8080"
    for module in (stack, replicas):
        monkeypatch.setattr(module, "Compose", lambda _: cluster)
    return cluster
