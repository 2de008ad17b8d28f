"""Faults at random: what, whom, when and for how long is decided by a seed, and by nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from parity.faults import FAULTS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from parity.cluster.protocol import Ability
    from parity.faults import Fault

FIRST_SECONDS = (3.0, 6.0)  # of quiet before the first fault
LASTING_SECONDS = (2.0, 12.0)  # or up to what a fault needs to show all that it does
QUIET_SECONDS = (4.0, 12.0)  # between two faults, for the mended replica to take part again


@dataclass(frozen=True)
class Strike:
    """One fault to come. at: seconds since the run began; lasts: seconds until it is mended.

    place: of the replica among those there are, from 0.
    """

    at: float
    fault: Fault
    place: int
    lasts: float


def possible(abilities: Collection[Ability], only: Collection[str] = ()) -> list[Fault]:
    """Return the faults that can be made here, or only those of some names, in FAULTS' order."""
    return [
        fault
        for fault in FAULTS
        if fault.needs <= set(abilities) and (not only or fault.name in only)
    ]


def schedule(seed: int, seconds: float, replicas: int, faults: Sequence[Fault]) -> list[Strike]:
    """Return the strikes of a run of so many seconds, one after the other.

    Each fault has its turn before any comes again. The same arguments give the same strikes; a
    longer run begins as a shorter one does.
    """
    random = Random(seed)  # noqa: S311 - nobody is to be surprised by a seed
    strikes: list[Strike] = []
    at = random.uniform(*FIRST_SECONDS)
    round_: list[Fault] = []
    while at < seconds:
        round_ = round_ or random.sample(faults, len(faults))
        fault = round_.pop()
        least, most = LASTING_SECONDS
        lasts = random.uniform(least, max(most, fault.lasts))
        strikes.append(Strike(round(at, 1), fault, random.randrange(replicas), round(lasts, 1)))
        at += lasts + random.uniform(*QUIET_SECONDS)
    return strikes
