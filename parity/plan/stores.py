"""The same conversations on DynamoDB: where EFS stops being the cheaper store.

One item a record, read back by a query, and one small item a session that says how far its log
goes: a look for news is one read of that, a record one write of each. One small item for each piece
of an answer that grows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.plan.traffic import GB
from parity.plan.volume import KIB, given_up, growths, looks, turn_bytes

if TYPE_CHECKING:
    from parity.plan.figures import Figures
    from parity.plan.load import Day, Hour

MILLION = 10**6


@dataclass(frozen=True)
class Units:
    """Request units, on demand."""

    reads: float
    writes: float


def units(hour: Hour, figures: Figures) -> Units:
    """Return an hour's request units."""
    profile, measured, limits = figures.profile, figures.measured, figures.limits
    records = hour.turns * measured["records_per_turn"]
    record_kib = turn_bytes(figures) / measured["records_per_turn"] / KIB
    restored_kib = profile["turns_per_session"] / 2 * turn_bytes(figures) / KIB
    restored = hour.loads * math.ceil(restored_kib / limits["dynamodb_read_kib"])
    written = math.ceil(record_kib / limits["dynamodb_write_kib"])
    return Units(
        reads=looks(hour, figures) + restored,
        writes=records * (written + 1) + growths(hour, figures),
    )


def dynamodb_usd(users: int, day: Day, figures: Figures) -> float:
    """Return what a month costs, the sessions being kept as long as on EFS."""
    profile, prices = figures.profile, figures.prices
    peak, usual = units(day.peak, figures), units(day.usual, figures)
    days = profile["days_per_month"]
    reads = (peak.reads + day.busy * usual.reads) * days / MILLION
    writes = (peak.writes + day.busy * usual.writes) * days / MILLION
    sessions = users / 2 + given_up(day, figures, figures.stack["idle_days_kept"])
    kept = sessions * profile["turns_per_session"] * turn_bytes(figures) / GB
    return (
        reads * prices["dynamodb_million_reads"]
        + writes * prices["dynamodb_million_writes"]
        + kept * (prices["dynamodb_gb_month"] + prices["dynamodb_backup_gb_month"])
    )
