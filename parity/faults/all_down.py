"""Every replica dies, and comes back."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from parity.faults.fault import require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.cluster.protocol import Cluster


@contextmanager
def all_down(cluster: Cluster, _hostname: str) -> Iterator[None]:
    """Kill them all before the block, which then sees them start."""
    killed = cluster.replicas()
    for replica in killed:
        cluster.kill(replica.number)
    require({cluster.serving(replica.hostname).state for replica in killed} == {"exited"})
    for replica in killed:
        cluster.start(replica.number)
    cluster.wait_healthy()
    yield
