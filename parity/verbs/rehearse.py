"""`parity deploy --rehearse`: the whole deploy, without an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.markup import escape

from parity import console
from parity.deploy.template import read_template
from parity.host.engine import engine_problem
from parity.rehearsal.rehearse import rehearse
from parity.verbs.ps import duration

if TYPE_CHECKING:
    from parity.rehearsal.rehearse import Rehearsal

COLUMNS = ("scenario", "result", "time>", "found")
GAP_COLUMNS = ("not proven", "property", "why")


def run_rehearsal(*, as_json: bool) -> bool:
    """Rehearse with the kit's template; print what came of it and what it does not prove.

    Return whether every scenario came out as it has to. Images are pushed by Docker where an
    engine runs; none is installed or started for this.
    """
    rehearsal = rehearse(read_template(), docker=engine_problem() is None)
    if as_json:
        console.emit_json(document(rehearsal))
    else:
        console.table(COLUMNS, rows(rehearsal))
        console.out.print()
        console.table(GAP_COLUMNS, gap_rows(rehearsal))
    return rehearsal.passed


def rows(rehearsal: Rehearsal) -> list[list[str]]:
    """Return one row a scenario, with Rich markup, matching COLUMNS."""
    return [
        [
            outcome.scenario,
            "[green]passed[/]" if outcome.passed else "[red]failed[/]",
            duration(outcome.seconds),
            escape(outcome.found),
        ]
        for outcome in rehearsal.outcomes
    ]


def gap_rows(rehearsal: Rehearsal) -> list[list[str]]:
    """Return one row for everything that stays unproven, matching GAP_COLUMNS."""
    return [
        [escape(text) for text in (gap.type, gap.property, gap.why)] for gap in rehearsal.not_proven
    ]


def document(rehearsal: Rehearsal) -> dict[str, Any]:
    """Return the same for --json; seconds are rounded to a tenth."""
    return {
        "passed": rehearsal.passed,
        "scenarios": [
            vars(outcome) | {"seconds": round(outcome.seconds, 1)} for outcome in rehearsal.outcomes
        ],
        "not_proven": [vars(gap) for gap in rehearsal.not_proven],
    }
