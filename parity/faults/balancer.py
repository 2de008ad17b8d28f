"""The load balancer is reloaded, or started anew: every connection through it ends."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.cluster.protocol import Cluster


@contextmanager
def reloaded(cluster: Cluster, _hostname: str) -> Iterator[None]:
    """Have it read its configuration again, as for a new certificate."""
    cluster.reload_balancer()
    yield


@contextmanager
def restarted(cluster: Cluster, _hostname: str) -> Iterator[None]:
    """End it and start it."""
    cluster.restart_balancer()
    yield
