"""Carry out what the nemesis decided: break, see that it broke, wait, mend, wait for health."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from parity.cluster.protocol import Cluster
    from torture.nemesis import Strike

HEALTHY_SECONDS = 120.0


@dataclass(frozen=True)
class Struck:
    """What became of a strike. began, ended: s of the run; ended when all is well.

    replica: the host name of who was hit, or would have been.
    """

    strike: Strike
    replica: str
    began: float
    ended: float


def strike(
    cluster: Cluster,
    strike: Strike,
    clock: Callable[[], float],
    sleep: Callable[[float], None] = time.sleep,
) -> Struck:
    """Do all of it. Raises ParityError where a fault had no effect, or cannot be mended."""
    replicas = cluster.replicas()
    victim = replicas[strike.place % len(replicas)].hostname
    began = clock()
    with strike.fault.inject(cluster, victim):
        sleep(strike.lasts)
    cluster.wait_healthy(HEALTHY_SECONDS)
    return Struck(strike, victim, began, clock())
