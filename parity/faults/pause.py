"""A replica freezes, keeps its connections, and wakes up after all."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from parity.faults.fault import require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.cluster.protocol import Cluster

SECONDS = 30.0


@contextmanager
def pause(cluster: Cluster, hostname: str) -> Iterator[None]:
    """Freeze it for as long as the block takes, and for no less than 30 s."""
    number, began = cluster.serving(hostname).number, time.monotonic()
    cluster.pause(number)
    require(cluster.serving(hostname).state == "paused")
    try:
        yield
        time.sleep(max(0.0, began + SECONDS - time.monotonic()))
    finally:
        cluster.unpause(number)
