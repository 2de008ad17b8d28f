"""Every replica is replaced by a new one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from parity.faults.fault import require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.cluster.protocol import Cluster


@contextmanager
def redeploy(cluster: Cluster, _hostname: str) -> Iterator[None]:
    """Replace them before the block; nothing is to be mended."""
    before = {replica.hostname for replica in cluster.replicas()}
    cluster.redeploy()
    require(not before & {replica.hostname for replica in cluster.replicas()})
    yield
