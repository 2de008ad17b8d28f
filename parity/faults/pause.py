"""A replica freezes, keeps its connections, and wakes up after all."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from parity.faults.fault import require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.cluster.protocol import Cluster


@contextmanager
def pause(cluster: Cluster, hostname: str) -> Iterator[None]:
    """Freeze it while the block runs."""
    number = cluster.serving(hostname).number
    cluster.pause(number)
    require(cluster.serving(hostname).state == "paused")
    try:
        yield
    finally:
        cluster.unpause(number)
