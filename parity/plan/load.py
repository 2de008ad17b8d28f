"""What so many users do in an hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parity.plan.tables import Table

SECONDS = 3600
MINUTES = 60
HOURS = 24
DAYS_PER_MONTH = 365 / 12


@dataclass(frozen=True)
class Hour:
    """One hour's traffic. chats, loads, turns: begun in it. open_chats: at any moment of it."""

    chats: float
    loads: float
    turns: float
    open_chats: float


@dataclass(frozen=True)
class Day:
    """A day: its peak hour once, its `busy` other hours, and quiet ones with no traffic at all."""

    peak: Hour
    usual: Hour
    busy: float

    @property
    def chats(self) -> float:
        """Chats begun in the whole day."""
        return self.peak.chats + self.busy * self.usual.chats

    @property
    def turns(self) -> float:
        """Turns in the whole day."""
        return self.peak.turns + self.busy * self.usual.turns


def day(users: int, profile: Table) -> Day:
    """Return the day of so many users, each of whom comes every day."""
    chats = users * profile["chats_per_user"]
    share, busy = profile["peak_hour_share"], profile["busy_hours"] - 1
    return Day(
        peak=_hour(chats * share, profile),
        usual=_hour(chats * (1 - share) / busy if busy else 0, profile),
        busy=busy,
    )


def _hour(chats: float, profile: Table) -> Hour:
    return Hour(
        chats=chats,
        loads=chats * profile["loads_per_chat"],
        turns=chats * profile["turns_per_chat"],
        open_chats=chats * profile["minutes_open"] / MINUTES,
    )
