"""`parity drain N`: a replica leaves the load balancer as a deploy lets it, and runs on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from parity.cluster.protocol import Cluster, Target

POLL_SECONDS = 1.0


def drain(cluster: Cluster, which: int | str, tell: Callable[[str], None]) -> None:
    """Deregister a replica, and return when its deregistration delay is over.

    tell: is told, about once a second, how long it has been draining and what is still open.
    """
    cluster.deregister(which)
    hostname = cluster.serving(which).hostname
    began = time.monotonic()
    while target := _draining(cluster, hostname):
        tell(progress(target, time.monotonic() - began))
        time.sleep(POLL_SECONDS)


def progress(target: Target, seconds: float) -> str:
    """Return how far it is: '12 s, 2 requests are open'."""
    if target.outstanding is None:
        return f"{seconds:.0f} s"
    plural = "request is" if target.outstanding == 1 else "requests are"
    return f"{seconds:.0f} s, {target.outstanding or 'no'} {plural} open"


def _draining(cluster: Cluster, hostname: str) -> Target | None:
    for target in cluster.targets():
        if target.hostname == hostname and target.state == "draining":
            return target
    return None
