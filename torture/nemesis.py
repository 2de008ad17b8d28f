"""Faults at random: what, whom, when and for how long is decided by a seed, and by nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING

from parity.cluster.protocol import Ability

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

FIRST_SECONDS = (3.0, 6.0)  # of quiet before the first fault
LASTING_SECONDS = (2.0, 12.0)
PAUSING_SECONDS = (5.0, 30.0)  # long enough to lose a lease and then wake up
QUIET_SECONDS = (4.0, 12.0)  # between two faults, for the mended replica to take part again


class Fault(StrEnum):
    """What the nemesis may do."""

    KILL = "kill"  # SIGKILL
    STOP = "stop"  # SIGTERM, then its grace period
    PAUSE = "pause"
    CUT = "cut"  # from every network
    RESTART = "restart"  # in good order
    KILL_ALL = "kill all"  # every replica at once
    STALL = "stall"  # of one replica's way to the volume
    EIO = "eio"  # of the same
    ESTALE = "estale"  # of the same


NEEDS = {Fault.PAUSE: Ability.PAUSE, Fault.CUT: Ability.CUT}
OF_VOLUME = (Fault.STALL, Fault.EIO, Fault.ESTALE)


@dataclass(frozen=True)
class Strike:
    """One fault to come. at: seconds since the run began; lasts: seconds until it is mended.

    place: of the replica among those there are, from 0.
    """

    at: float
    fault: Fault
    place: int
    lasts: float


def possible(abilities: Collection[Ability], *, on_efs: bool) -> list[Fault]:
    """Return the faults that can be made here, always in the same order."""
    return [
        fault
        for fault in Fault
        if (fault not in NEEDS or NEEDS[fault] in abilities) and (fault not in OF_VOLUME or on_efs)
    ]


def schedule(seed: int, seconds: float, replicas: int, faults: Sequence[Fault]) -> list[Strike]:
    """Return the strikes of a run of so many seconds, one after the other.

    The same arguments give the same strikes; a longer run begins as a shorter one does.
    """
    random = Random(seed)  # noqa: S311 - nobody is to be surprised by a seed
    strikes = []
    at = random.uniform(*FIRST_SECONDS)
    while at < seconds:
        fault = random.choice(faults)
        lasts = random.uniform(*(PAUSING_SECONDS if fault is Fault.PAUSE else LASTING_SECONDS))
        strikes.append(Strike(round(at, 1), fault, random.randrange(replicas), round(lasts, 1)))
        at += lasts + random.uniform(*QUIET_SECONDS)
    return strikes
