"""`parity plan`: what so many daily users need and cost, as tables or as JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.markup import escape

from parity import console
from parity.errors import UsageError
from parity.plan import ladder, sheet
from parity.plan.document import document
from parity.plan.ends import MOST_USERS, ends

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.plan.estimate import Estimate
    from parity.plan.figures import Figures

LADDER = (10, 100, 1_000, 10_000, 100_000)
TIGHT = 2  # spaces between columns


def parse_users(text: str | None) -> list[int]:
    """Return the numbers of a list such as '10,100,1000'; the default ladder for None.

    Raises UsageError that quotes the part which is no whole number from 1 to 10 million.
    """
    if text is None:
        return list(LADDER)
    parts = [part.strip() for part in text.split(",")]
    for part in parts:
        if not re.fullmatch(r"[0-9]{1,8}", part) or not 1 <= int(part) <= MOST_USERS:
            raise UsageError(
                f"--users '{part}' is not a whole number from 1 to {MOST_USERS:,}",
                hint="parity plan --users 10,100,1000",
            )
    return [int(part) for part in parts]


def show(estimates: Sequence[Estimate], figures: Figures, *, as_json: bool) -> None:
    """Print one plan in full, several as a ladder; then what is passed, and what is assumed."""
    found = ends(figures)
    if as_json:
        console.emit_json(document(estimates, found, figures))
        return
    if len(estimates) == 1:
        _show_one(estimates[0], figures)
    else:
        _show_ladder(estimates)
    _table(ladder.END_COLUMNS, ladder.end_rows(found))
    _say([*ladder.floor(estimates), *sheet.assumed(figures)])


def _show_one(plan: Estimate, figures: Figures) -> None:
    head = (f"{plan.users:,} daily users, peak hour", "amount>", "of which")
    _table(head, sheet.need_rows(plan, figures))
    _show_limits([plan])
    _table(sheet.BILL_COLUMNS, sheet.bill_rows(plan))
    _table(sheet.MODEL_COLUMNS, sheet.model_rows(plan))
    _table(sheet.STORE_COLUMNS, sheet.store_rows(plan))


def _show_ladder(estimates: Sequence[Estimate]) -> None:
    _table(ladder.COLUMNS, [ladder.ladder_row(each) for each in estimates], ladder.LEGEND)
    _table(
        ladder.STORE_COLUMNS, [ladder.store_row(each) for each in estimates], ladder.STORE_LEGEND
    )
    _show_limits(estimates)


def _show_limits(estimates: Sequence[Estimate]) -> None:
    if rows := ladder.limit_rows(estimates):
        _table(ladder.LIMIT_COLUMNS, rows)


def _table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], legend: Sequence[str] = ()
) -> None:
    console.table(columns, rows, gap=TIGHT)
    _say(legend)
    console.out.print()


def _say(lines: Sequence[str]) -> None:
    for line in lines:
        console.out.print(f"[dim]{escape(line)}[/]")
