"""What a comparison found: rows measured, targets met or missed, printed or as JSON."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bench.provenance import provenance
from parity import console
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Row:
    """One thing measured on each contestant; None where it could not be measured there."""

    what: str
    unit: str
    per_contestant: dict[str, float | None]


@dataclass(frozen=True)
class Target:
    """A number to reach: `got` may be at most `reach`; None could not be measured and is missed.

    With at_least it may be no less than `reach`.
    """

    what: str
    reach: float
    got: float | None
    unit: str
    at_least: bool = False

    @property
    def met(self) -> bool:
        """True if the target was reached."""
        if self.got is None:
            return False
        return self.got >= self.reach if self.at_least else self.got <= self.reach

    @property
    def bound(self) -> str:
        """The reach as a person reads it."""
        return f"{'>=' if self.at_least else '<='} {cell(self.reach, self.unit)}"


@dataclass(frozen=True)
class Report:
    """All that one comparison found."""

    rows: list[Row]
    targets: list[Target]

    @property
    def contestants(self) -> list[str]:
        """Return the names of all contestants, in the order in which rows name them."""
        return list(dict.fromkeys(name for row in self.rows for name in row.per_contestant))

    @property
    def exit_code(self) -> int:
        """0 if every target is met, else 1."""
        return 0 if all(target.met for target in self.targets) else 1


def as_json(report: Report) -> dict[str, Any]:
    """Return what a kept result says.

    `rows`: what, unit, one value a contestant. `targets`: what, reach, got, unit, met, at_least.
    `measured`: commit, date and machine of now.
    """
    return {
        "measured": provenance(),
        "rows": [{"what": row.what, "unit": row.unit, **row.per_contestant} for row in report.rows],
        "targets": [asdict(target) | {"met": target.met} for target in report.targets],
    }


def show(report: Report, *, json: bool) -> int:
    """Print the report on stdout and return the exit code."""
    if json:
        console.emit_json(as_json(report))
        return report.exit_code
    names = report.contestants
    console.table(
        ["measured", *names],
        [
            [row.what, *(cell(row.per_contestant.get(n), row.unit) for n in names)]
            for row in report.rows
        ],
    )
    console.out.print()
    console.table(
        ["target", "reach", "got", ""],
        [
            [
                each.what,
                each.bound,
                cell(each.got, each.unit),
                "[green]met[/]" if each.met else "[red]missed[/]",
            ]
            for each in report.targets
        ],
    )
    return report.exit_code


def cell(value: float | None, unit: str) -> str:
    """Return a value as a person reads it; '-' if there is none."""
    if value is None:
        return "-"
    number = f"{value:,.0f}" if value == int(value) and unit != "x" else f"{value:,.2f}"
    return f"{number} {unit}".rstrip()


def run_as_program(main: Callable[..., int]) -> None:
    """Run one comparison from `python -m bench.NAME [--json]`."""
    try:
        raise SystemExit(main(json="--json" in sys.argv[1:]))
    except ParityError as error:
        console.failure(error)
        raise SystemExit(1) from error
    except KeyboardInterrupt:
        raise SystemExit(130) from None
