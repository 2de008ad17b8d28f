"""From how many daily users on EFS, as it is set, is not the right store any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.plan import file_system, volume
from parity.plan.bursting import bursting
from parity.plan.choices import ThroughputMode
from parity.plan.load import day
from parity.plan.stores import dynamodb_usd

if TYPE_CHECKING:
    from collections.abc import Callable

    from parity.plan.figures import Figures

MOST_USERS = 10_000_000
ANOTHER_STORE = "DynamoDB, S3 for files: docs/scale.md"


@dataclass(frozen=True)
class End:
    """users: the first number of which `what` is true, None if none up to 10 million is."""

    what: str
    users: int | None
    then: str


def ends(figures: Figures) -> list[End]:
    """Return where each mode ends, and where DynamoDB is so much cheaper that it is worth it."""
    worth = figures.stack["worth_usd"]

    def falls_short(users: int) -> bool:
        return not bursting(users, day(users, figures.profile), figures).suffices

    def too_many_operations(users: int) -> bool:
        return share_of_operations(users, figures, ThroughputMode.ELASTIC) > 1

    def dearer(mode: ThroughputMode) -> Callable[[int], bool]:
        def is_dearer(users: int) -> bool:
            one_day = day(users, figures.profile)
            efs = file_system.usd(users, one_day, figures, mode)
            return efs - dynamodb_usd(users, one_day, figures) >= worth

        return is_dearer

    elastic = "FileSystemThroughput elastic"
    return [
        End("bursting throughput falls short", first(falls_short), elastic),
        End("elastic ends at its operations a second", first(too_many_operations), ANOTHER_STORE),
        *(
            End(
                f"{mode} costs {worth:,.0f} USD more than DynamoDB",
                first(dearer(mode)),
                ANOTHER_STORE,
            )
            for mode in (ThroughputMode.ELASTIC, ThroughputMode.BURSTING)
        ),
    ]


def share_of_operations(users: int, figures: Figures, mode: ThroughputMode) -> float:
    """Return how much of EFS's reads or writes a second is used, whichever is nearer to 1."""
    busiest = volume.per_second(day(users, figures.profile).peak, figures)
    reads, writes = most_operations(figures, mode)
    return max(busiest.reads / reads, busiest.writes / writes)


def most_operations(figures: Figures, mode: ThroughputMode) -> tuple[float, float]:
    """Return the reads and the writes a second that a file system in that mode can do."""
    limits = figures.limits
    if mode is ThroughputMode.ELASTIC:
        return limits["efs_read_operations"], limits["efs_write_operations"]
    return limits["efs_bursting_read_operations"], limits["efs_bursting_write_operations"]


def first(is_so: Callable[[int], bool], most: int = MOST_USERS) -> int | None:
    """Return the least number of users of which it is so, given that it stays so with more."""
    if not is_so(most):
        return None
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_so(middle) else (middle, high)
    return high
