"""A replica dies at once."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from parity.faults.fault import require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.cluster.protocol import Cluster


@contextmanager
def kill(cluster: Cluster, hostname: str) -> Iterator[None]:
    """Send SIGKILL; start it again in the end."""
    number = cluster.serving(hostname).number
    cluster.kill(number)
    require(cluster.serving(hostname).state == "exited")
    try:
        yield
    finally:
        cluster.start(number)
