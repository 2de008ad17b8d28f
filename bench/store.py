"""What keeping a conversation costs: the kit's store and seven other ways, on plain and EFS.

One run, one machine, the same messages. The contestants take turns, so that what else the machine
does meets all alike; numbers are medians.
"""

from __future__ import annotations

import json as json_format
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from bench.keeping import crowd, following, idle, restores, turns
from bench.keeping.drawing import draw
from bench.keeping.logs import Kit, Raw
from bench.keeping.sheet import markdown
from bench.keeping.volumes import EFS, PLAIN, volumes
from bench.keeping.whole_file import AtomicJson, Pickle
from bench.report import Report, Row, Target, as_json, run_as_program, show
from parity import console
from parity.plan.tables import RESULTS

if TYPE_CHECKING:
    from pathlib import Path

    from bench.keeping.drawing import Curves
    from bench.keeping.volumes import Cost, Volume
    from bench.keeping.ways import Way

SHORT, USUAL, LONG = turns.SIZES[0], turns.COUNTED_AT, turns.SIZES[-1]
PANELS = {PLAIN: "Plain volume (a bind mount)", EFS: "EFS semantics"}


@dataclass(frozen=True)
class Rounds:
    """How often each thing is measured."""

    heats: int
    restores: int
    crowds: int


ROUNDS = {PLAIN: Rounds(5, 15, 3), EFS: Rounds(2, 11, 3)}
FOLLOWED = 4  # records of each session


@dataclass(frozen=True)
class OnVolume:
    """Medians of one volume by way: milliseconds, turns a second, bytes, operations."""

    turn: dict[Way, dict[int, float]]
    restore: dict[Way, float]
    crowd: dict[Way, float]
    turn_bytes: dict[Way, float]
    turn_operations: dict[Way, float | None]
    restore_operations: dict[Way, float | None]


@dataclass(frozen=True)
class Measured:
    """All that was measured; the delays in seconds, from one EFS client to another."""

    volumes: dict[str, OnVolume]
    delays: list[float]
    idle_kib: float


def measure() -> Measured:
    """Run the comparison on volumes of its own."""
    with volumes() as (plain, efs):
        found = {volume.name: _measure(volume) for volume in (plain, efs)}
        with console.step("Follow from another replica, on EFS semantics"):
            delays = following.delays(efs, FOLLOWED)
        with console.step(f"Memory of {idle.SESSIONS} idle sessions"):
            memory = idle.kib_per_session(plain)
    return Measured(found, delays, memory)


def _measure(volume: Volume) -> OnVolume:
    rounds, on = ROUNDS[volume.name], f"on {volume.name}"
    with console.step(f"Turns at {len(turns.SIZES)} sizes in {rounds.heats} heats, {on}"):
        samples = turns.take_turns(volume, rounds.heats)
    with console.step(f"What a turn asks of the volume, {on}"):
        costs = turns.count_turns(volume)
    with console.step(f"{rounds.restores} restores, {on}"):
        restored = restores.restore_in_rounds(volume, rounds.restores)
    with console.step(f"{crowd.SESSIONS} sessions at once, {on}"):
        crowds = crowd.turns_a_second(volume, rounds.crowds)
    return OnVolume(
        turn={
            way: {size: 1000 * median(samples[way, size]) for size in turns.SIZES}
            for way in volume.ways
        },
        restore={way: 1000 * median(r.seconds for r in each) for way, each in restored.items()},
        crowd={way: round(median(each)) for way, each in crowds.items()},
        turn_bytes={way: median(c.bytes_written for c in each) for way, each in costs.items()},
        turn_operations=_operations(volume, costs),
        restore_operations=_operations(
            volume, {way: [r.cost for r in each] for way, each in restored.items()}
        ),
    )


def _operations(volume: Volume, costs: dict[Way, list[Cost]]) -> dict[Way, float | None]:
    return {
        way: median(cost.operations for cost in each) if volume.counts(way) else None
        for way, each in costs.items()
    }


def report(measured: Measured) -> Report:
    """Sum up: what each way costs on each volume, and the kit's promises."""
    rows = [row for name, found in measured.volumes.items() for row in _rows(name, found)]
    seen = "record seen on another replica, EFS"
    rows += [
        Row(f"{seen}: median delay", "s", {Kit.name: median(measured.delays)}),
        Row(f"{seen}: longest delay", "s", {Kit.name: max(measured.delays)}),
        Row("memory of an idle session", "KiB", {Kit.name: measured.idle_kib}),
    ]
    return Report(rows, _targets(measured))


def _rows(volume: str, found: OnVolume) -> list[Row]:
    def row(what: str, unit: str, values: dict[Way, float] | dict[Way, float | None]) -> Row:
        return Row(f"{what}, {volume}", unit, {way.name: value for way, value in values.items()})

    def against(values: dict[Way, float], way: Way) -> dict[Way, float]:
        return {each: value / values[way] for each, value in values.items()}

    usual = {way: each[USUAL] for way, each in found.turn.items()}
    grown = {way: each[LONG] / each[SHORT] for way, each in found.turn.items()}
    turn_at = [
        row(
            f"turn at {size:,} messages",
            "ms",
            {way: each[size] for way, each in found.turn.items()},
        )
        for size in turns.SIZES
    ]
    return [
        *turn_at,
        row(f"turn at {LONG:,} messages, against {SHORT}", "x", grown),
        row(f"turn at {USUAL:,} messages, against raw append", "x", against(usual, Raw)),
        row(f"bytes written by a turn at {USUAL:,} messages", "", found.turn_bytes),
        row(f"turns a second of {crowd.SESSIONS} sessions at once", "", found.crowd),
        row(f"restore of {restores.LENGTH:,} messages", "ms", found.restore),
        row("restore, against reading and parsing lines", "x", against(found.restore, Raw)),
        row("restore, against parsing one JSON file", "x", against(found.restore, AtomicJson)),
        row(f"operations of a turn at {USUAL:,} messages", "", found.turn_operations),
        row(f"operations of a restore of {restores.LENGTH:,}", "", found.restore_operations),
    ]


def _targets(measured: Measured) -> list[Target]:
    plain, efs = measured.volumes[PLAIN], measured.volumes[EFS]

    def grown(found: OnVolume) -> float:
        return found.turn[Kit][LONG] / found.turn[Kit][SHORT]

    raw = median(plain.turn[Kit][size] / plain.turn[Raw][size] for size in turns.SIZES)
    pickle = plain.turn[Pickle][LONG] / plain.turn[Kit][LONG]
    parsing = plain.restore[Kit] / plain.restore[Raw]
    return [
        Target(f"turn at {LONG:,} messages, against {SHORT}, plain", 1.2, grown(plain), "x"),
        Target(f"turn at {LONG:,} messages, against {SHORT}, EFS", 1.2, grown(efs), "x"),
        Target("turn, against raw append + fsync, median of all sizes, plain", 1.5, raw, "x"),
        Target(
            f"turn at {LONG:,} messages, faster than a whole-file pickle, plain",
            20,
            pickle,
            "x",
            at_least=True,
        ),
        Target("operations of a turn, EFS", 6, efs.turn_operations[Kit], ""),
        Target("operations of a restore, EFS", 4, efs.restore_operations[Kit], ""),
        Target(
            f"restore of {restores.LENGTH:,} messages, against reading and parsing lines, plain",
            1.5,
            parsing,
            "x",
        ),
        Target("record seen on another replica, longest delay, EFS", 1, max(measured.delays), "s"),
        Target("memory of an idle session", 20, measured.idle_kib, "KiB"),
    ]


def keep(measured: Measured, folder: Path = RESULTS) -> Report:
    """Write store.json, store.md and store.png into a folder, and return the report in them."""
    found = report(measured)
    described = as_json(found)
    plot = folder / "store.png"
    (folder / "store.json").write_text(json_format.dumps(described, indent=2) + "\n")
    (folder / "store.md").write_text(markdown(found, described["measured"], plot.name))
    draw({PANELS[name]: _curves(each) for name, each in measured.volumes.items()}, plot)
    return found


def _curves(found: OnVolume) -> Curves:
    return {way.name: each for way, each in found.turn.items()}


def main(*, json: bool = False) -> int:
    """Measure, keep the result, print and return the exit code: 1 if a target is missed."""
    return show(keep(measure()), json=json)


if __name__ == "__main__":
    run_as_program(main)
