"""A replica's way to the volume breaks, as EFS semantics can have it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from parity.efs.faults import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.cluster.protocol import Cluster

STALL_SECONDS = 20.0
LONGEST_SECONDS = 300.0


@contextmanager
def stall(cluster: Cluster, hostname: str) -> Iterator[None]:
    """Nothing returns from it for 20 s."""
    cluster.break_volume(hostname, Kind.STALL, STALL_SECONDS)
    try:
        yield
    finally:
        cluster.mend_volume(hostname)


@contextmanager
def full(cluster: Cluster, hostname: str) -> Iterator[None]:
    """It takes nothing while the block runs."""
    cluster.break_volume(hostname, Kind.ENOSPC, LONGEST_SECONDS)
    try:
        yield
    finally:
        cluster.mend_volume(hostname)
