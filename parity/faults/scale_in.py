"""The replica that serves the user is one too many."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from parity.faults.fault import require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.cluster.protocol import Cluster


@contextmanager
def scale_in(cluster: Cluster, hostname: str) -> Iterator[None]:
    """Let as many go as makes the user's one go; bring the number back in the end.

    Those with the highest numbers go first; where the user is on the first of all, all others do.
    """
    replicas = cluster.replicas()
    place = [replica.hostname for replica in replicas].index(hostname)
    cluster.scale(max(1, place))
    require(len(cluster.replicas()) == max(1, place))
    try:
        yield
    finally:
        cluster.scale(len(replicas))
