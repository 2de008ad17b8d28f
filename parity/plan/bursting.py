"""What bursting throughput gives a file system, and whether that is enough."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.plan import volume
from parity.plan.line import HOURS_PER_MONTH
from parity.plan.load import SECONDS

if TYPE_CHECKING:
    from parity.plan.figures import Figures
    from parity.plan.load import Day

MIB_PER_TIB = 1024**2
GIB_PER_TIB = 1024


@dataclass(frozen=True)
class Bursting:
    """Metered throughput in MiB/s: data read is discounted, metadata counts in full.

    needed: in the busiest second. mean: of a month. earned: by what is stored in Standard. floor:
    what there is without credits. burst: with them. months: how long the first credits last, None
    where more is earned than used.
    """

    needed: float
    mean: float
    earned: float
    floor: float
    burst: float
    months: float | None

    @property
    def permitted(self) -> float:
        """What the file system may use in the long run, when its first credits are used up."""
        return self.burst if self.months is None else self.floor

    @property
    def lasts(self) -> float:
        """Months for which it is enough; 0 if credits do not help, infinity if it stays enough."""
        if self.suffices:
            return math.inf
        return self.months or 0 if self.needed <= self.burst else 0

    @property
    def suffices(self) -> bool:
        """True if that is enough in the busiest second."""
        return self.needed <= self.permitted


def bursting(users: int, day: Day, figures: Figures) -> Bursting:
    """Return what so many users ask of the file system, and what it gives."""
    limits = figures.limits
    stored = volume.storage(users, day, figures).standard
    earned = stored * limits["efs_baseline_kib"] / volume.KIB
    mean = _metered_mib(volume.month(day, figures), figures) / (HOURS_PER_MONTH * SECONDS)
    credit = limits["efs_credit_tib"] * MIB_PER_TIB
    spent_a_month = (mean - earned) * HOURS_PER_MONTH * SECONDS
    return Bursting(
        needed=_metered_mib(volume.per_second(day.peak, figures), figures),
        mean=mean,
        earned=earned,
        floor=max(earned, limits["efs_least_mib"]),
        burst=limits["efs_burst_mib"] * max(1, stored / GIB_PER_TIB),
        months=credit / spent_a_month if spent_a_month > 0 else None,
    )


def _metered_mib(used: volume.Operations, figures: Figures) -> float:
    discount = 1 - 1 / figures.limits["efs_read_discount"]
    kib = used.read_kib + used.written_kib - discount * used.data_read_kib
    return kib / volume.KIB
