"""A replica is told to end, as a deploy or a scale-in tells it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from parity.faults.fault import require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.cluster.protocol import Cluster


@contextmanager
def stop(cluster: Cluster, hostname: str) -> Iterator[None]:
    """Send SIGTERM and wait for its end; start it again in the end."""
    number = cluster.serving(hostname).number
    cluster.stop(number)
    require(cluster.serving(hostname).state == "exited")
    try:
        yield
    finally:
        cluster.start(number)
