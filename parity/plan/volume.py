"""What an hour does to EFS, as EFS counts and meters it; and what a month leaves there.

Each system call is taken for one operation: an upper bound, for a client's cache answers some.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.plan.load import DAYS_PER_MONTH, SECONDS

if TYPE_CHECKING:
    from parity.plan.figures import Calls, Figures
    from parity.plan.load import Day, Hour

KIB = 1024
KIB_PER_GIB = 1024**2


@dataclass(frozen=True)
class Operations:
    """Operations and what they are metered as, in KiB; data_read_kib is a part of read_kib."""

    metadata_reads: float = 0
    metadata_writes: float = 0
    data_reads: float = 0
    data_writes: float = 0
    data_read_kib: float = 0
    read_kib: float = 0
    written_kib: float = 0

    @property
    def reads(self) -> float:
        """Read operations, those on metadata included."""
        return self.metadata_reads + self.data_reads

    @property
    def writes(self) -> float:
        """Write operations, those on metadata included."""
        return self.metadata_writes + self.data_writes

    def __add__(self, other: Operations) -> Operations:
        mine, theirs = vars(self), vars(other)
        return Operations(**{name: mine[name] + theirs[name] for name in mine})

    def __mul__(self, times: float) -> Operations:
        return Operations(**{name: value * times for name, value in vars(self).items()})


@dataclass(frozen=True)
class Storage:
    """GiB on the volume. infrequent: of sessions given up long ago. standard: of all others.

    moved: what a month moves from the one to the other.
    """

    standard: float
    infrequent: float
    moved: float


def operations(hour: Hour, figures: Figures) -> Operations:
    """Return an hour's operations: looks for news, restores, records, answers that grow."""
    profile, measured = figures.profile, figures.measured
    new_sessions = hour.turns / profile["turns_per_session"]
    records = hour.turns * measured["records_per_turn"] - new_sessions
    record_bytes = turn_bytes(figures) / measured["records_per_turn"]
    # A session is on average met half grown.
    restored_bytes = profile["turns_per_session"] / 2 * turn_bytes(figures)
    return (
        _metered(figures.look, figures) * looks(hour, figures)
        + _metered(figures.restore, figures, restored_bytes) * hour.loads
        + _metered(figures.record, figures, record_bytes) * max(0, records)
        + _metered(figures.first_record, figures, record_bytes) * new_sessions
        + _metered(figures.live, figures) * hour.turns
        + _metered(figures.growth, figures) * growths(hour, figures)
    )


def looks(hour: Hour, figures: Figures) -> float:
    """Return how often somebody looks for news: pages, and who writes an answer."""
    measured = figures.measured
    ticks = hour.open_chats * SECONDS / measured["tick_seconds"]
    writing = hour.turns * figures.profile["answer_seconds"]
    return ticks + hour.turns * measured["looks_per_turn"] + writing / measured["obey_seconds"]


def growths(hour: Hour, figures: Figures) -> float:
    """Return how often something is added to an answer that grows."""
    writing = hour.turns * figures.profile["answer_seconds"]
    return writing / figures.measured["recording_seconds"]


def month(day: Day, figures: Figures) -> Operations:
    """Return a month's operations."""
    a_day = operations(day.peak, figures) + operations(day.usual, figures) * day.busy
    return a_day * figures.profile["days_per_month"]


def per_second(hour: Hour, figures: Figures) -> Operations:
    """Return the operations of an hour's busiest second."""
    return operations(hour, figures) * (figures.profile["burst"] / SECONDS)


def turn_bytes(figures: Figures) -> float:
    """Return what a turn adds to its session's log."""
    tokens = figures.profile["prompt_tokens"] + figures.profile["answer_tokens"]
    return tokens * figures.measured["token_bytes"] + figures.measured["record_overhead_bytes"]


def given_up(day: Day, figures: Figures, days: float) -> float:
    """Return how many sessions were used for the last time within so many days, in a steady state.

    As many as are begun, for each user goes on with one of their own.
    """
    profile = figures.profile
    begun_a_month = day.turns * profile["days_per_month"] / profile["turns_per_session"]
    return begun_a_month * days / DAYS_PER_MONTH


def storage(users: int, day: Day, figures: Figures) -> Storage:
    """Return what is on the volume in a steady state: the app removes idle sessions in the end.

    Each user has one session in use, on average half grown; the others lie untouched, full grown,
    until they have done so for `idle_days_kept`. If `days_to_ia` is less, they move to Infrequent
    Access meanwhile.
    """
    limits, kept = figures.limits, figures.stack["idle_days_kept"]
    overhead, to_ia = limits["efs_file_overhead_kib"], min(kept, figures.stack["days_to_ia"])
    grown = figures.profile["turns_per_session"] * turn_bytes(figures) / KIB
    recent, old = (given_up(day, figures, days) for days in (to_ia, kept - to_ia))
    moving = given_up(day, figures, DAYS_PER_MONTH) if kept > to_ia else 0
    standard = users * (grown / 2 + overhead) + recent * (grown + overhead)
    each_old = max(grown + overhead, limits["efs_ia_file_kib"])
    return Storage(
        standard=standard / KIB_PER_GIB,
        infrequent=old * each_old / KIB_PER_GIB,
        moved=moving * each_old / KIB_PER_GIB,
    )


def _metered(calls: Calls, figures: Figures, moved_bytes: float = 0) -> Operations:
    metadata, least = figures.limits["efs_metadata_kib"], figures.limits["efs_data_kib"]
    data = max(least, moved_bytes / KIB)
    # A record's read is of the 4 bytes before it, whatever the record.
    read = least if calls.data_writes else data
    return Operations(
        metadata_reads=calls.metadata_reads,
        metadata_writes=calls.metadata_writes,
        data_reads=calls.data_reads,
        data_writes=calls.data_writes,
        data_read_kib=calls.data_reads * read,
        read_kib=calls.metadata_reads * metadata + calls.data_reads * read,
        written_kib=calls.metadata_writes * metadata + calls.data_writes * data,
    )
