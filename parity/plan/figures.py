"""Every figure that a plan rests on, read once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from parity.errors import UsageError
from parity.plan.tables import RESULTS, Table, overridden, read_benchmark, read_table, result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LOOK = "look for news after 1000 messages"
RECORD = "record after 1000 messages"
RESTORE = "restore of 1000 messages"
FIRST_RECORD = "first record of a session"
LIVE = "live text begun and removed"
GROWTH = "live text grown"
COUNTS = ("metadata reads", "metadata writes", "data reads", "data writes")


@dataclass(frozen=True)
class Calls:
    """System calls that one action makes on the volume, by the kinds that EFS meters."""

    metadata_reads: float
    metadata_writes: float
    data_reads: float
    data_writes: float


@dataclass(frozen=True)
class Figures:
    """The tables, and what the app does to the volume.

    look: a look for news. record: an append to a session that is there. restore: opening one, read
    whole. first_record: the append that makes one. live: the file of an answer that is being
    written. growth: what is added to it.
    """

    prices: Table
    profile: Table
    stack: Table
    measured: Table
    limits: Table
    look: Calls
    record: Calls
    restore: Calls
    first_record: Calls
    live: Calls
    growth: Calls

    def assuming(self, values: Mapping[str, float]) -> Figures:
        """Return the figures with some of the profile or of the stack replaced by a user's own.

        Raises UsageError for an unknown name, or for numbers that contradict each other.
        """
        known = {*self.profile.figures, *self.stack.figures}
        for name in values:
            if name not in known:
                raise UsageError(
                    f"--assume {name}: there is no such figure",
                    hint=f"take one of: {', '.join(sorted(known))}",
                )
        profile, stack = (
            table.with_values({n: v for n, v in values.items() if n in table.figures}, "--assume")
            for table in (self.profile, self.stack)
        )
        return _consistent(replace(self, profile=profile, stack=stack))


def read_figures(
    *, prices: Path | None = None, profile: Path | None = None, results: Path = RESULTS
) -> Figures:
    """Read the kit's tables, a user's own in place of some, and the results of the benchmarks."""
    volume = read_benchmark(results / "volume.json", "volume")
    return _consistent(
        Figures(
            prices=_table("prices", prices),
            profile=_table("profile", profile),
            stack=read_table("stack"),
            measured=read_table("measured", results),
            limits=read_table("limits"),
            look=_calls(volume, LOOK),
            record=_calls(volume, RECORD),
            restore=_calls(volume, RESTORE),
            first_record=_calls(volume, FIRST_RECORD),
            live=_calls(volume, LIVE),
            growth=_calls(volume, GROWTH),
        )
    )


def _table(name: str, instead: Path | None) -> Table:
    table = read_table(name)
    return table if instead is None else overridden(table, instead)


def _calls(volume: Mapping[str, float], done: str) -> Calls:
    return Calls(*(result(volume, f"{done}: {count}", "volume") for count in COUNTS))


def _consistent(figures: Figures) -> Figures:
    """Raise UsageError where two figures, each possible, contradict each other."""
    profile, stack = figures.profile, figures.stack
    if profile["peak_hour_share"] * profile["busy_hours"] < 1:
        raise UsageError(
            f"peak_hour_share {profile['peak_hour_share']:g} is below the mean of"
            f" {profile['busy_hours']:g} busy_hours",
            hint=f"--assume peak_hour_share={1 / profile['busy_hours']:.3f}, or more",
        )
    if stack["max_tasks"] < stack["min_tasks"]:
        raise UsageError(
            f"max_tasks {stack['max_tasks']:g} is below min_tasks {stack['min_tasks']:g}",
            hint=f"--assume max_tasks={stack['min_tasks']:g}, or more",
        )
    return figures


def parse_assumptions(texts: Sequence[str]) -> dict[str, float]:
    """Return NAME=NUMBER options as a dictionary. Raises UsageError that quotes a wrong one."""
    values: dict[str, float] = {}
    for text in texts:
        name, equals, number = text.partition("=")
        try:
            values[name.strip()] = float(number)
        except ValueError:
            equals = ""
        if not equals:
            raise UsageError(
                f"--assume '{text}' is not NAME=NUMBER", hint="--assume turns_per_chat=8"
            )
    return values
