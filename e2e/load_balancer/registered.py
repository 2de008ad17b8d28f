"""What the load balancer in front of the chatbot says of a replica."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parity.cluster.protocol import Cluster, Target


def as_target(cluster: Cluster, hostname: str) -> Target:
    """Return the target that a replica is."""
    return next(each for each in cluster.targets() if each.hostname == hostname)
