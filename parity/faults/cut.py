"""A replica lives, and nobody reaches it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from parity.faults.fault import require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.cluster.protocol import Cluster


@contextmanager
def cut(cluster: Cluster, hostname: str) -> Iterator[None]:
    """Take its network away while the block runs."""
    number = cluster.serving(hostname).number
    cluster.cut(number)
    require(cluster.serving(hostname).state == "cut")
    try:
        yield
    finally:
        cluster.reconnect(number)
