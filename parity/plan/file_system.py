"""What EFS costs a month in each throughput mode, its backup included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.plan import volume
from parity.plan.choices import ThroughputMode
from parity.plan.line import Line, gib

if TYPE_CHECKING:
    from parity.plan.figures import Figures
    from parity.plan.load import Day


def lines(users: int, day: Day, figures: Figures, mode: ThroughputMode) -> list[Line]:
    """Return EFS's lines of the bill; each begins with EFS. Bursting bills no throughput."""
    moved = _throughput(day, figures) if mode is ThroughputMode.ELASTIC else []
    return [*moved, *_stored(users, day, figures)]


def usd(users: int, day: Day, figures: Figures, mode: ThroughputMode) -> float:
    """Return what those lines come to."""
    return sum(line.usd for line in lines(users, day, figures, mode))


def _throughput(day: Day, figures: Figures) -> list[Line]:
    prices, used = figures.prices, volume.month(day, figures)
    read, written = (kib / volume.KIB_PER_GIB for kib in (used.read_kib, used.written_kib))
    return [
        Line("EFS elastic throughput, read", gib(read), read * prices["efs_read_gb"]),
        Line("EFS elastic throughput, written", gib(written), written * prices["efs_write_gb"]),
    ]


def _stored(users: int, day: Day, figures: Figures) -> list[Line]:
    prices, kept = figures.prices, volume.storage(users, day, figures)
    stored = (
        kept.standard * prices["efs_standard_gb_month"]
        + kept.infrequent * prices["efs_ia_gb_month"]
        + kept.moved * prices["efs_ia_access_gb"]
    )
    both = kept.standard + kept.infrequent
    return [
        Line("EFS storage", f"{gib(kept.standard)} Standard, {gib(kept.infrequent)} IA", stored),
        Line("EFS backup", gib(both), both * prices["backup_gb_month"]),
    ]
