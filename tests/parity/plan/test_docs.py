"""docs/scale.md says what the command says."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from parity.plan.estimate import estimate
from parity.plan.figures import Figures, read_figures
from parity.project import ROOT
from parity.verbs.plan import LADDER, ladder_row, volume_row

TEXT = (ROOT / "docs" / "scale.md").read_text()
README = (ROOT / "README.md").read_text()
PLAIN = " ".join(TEXT.split())


def table(first_column: str) -> list[list[str]]:
    """Return the cells of the table whose head begins so."""
    rows = TEXT.partition(f"| {first_column} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_readme_leads_there() -> None:
    """And the page names the command."""
    assert "(docs/scale.md)" in README
    assert "`parity plan`" in TEXT


def test_table_is_the_ladder_that_the_command_prints() -> None:
    """Every cell of it."""
    rows = []
    for users in LADDER:
        plan = estimate(users, read_figures())
        ladder, volume = ladder_row(plan), volume_row(plan)
        tasks = re.sub(r"\[.*?\]", "", ladder[2])
        rows.append([ladder[0], ladder[1], tasks, volume[1], volume[4], volume[5], ladder[7]])
    assert table("daily users") == rows


@pytest.mark.parametrize(("column", "minutes"), [(1, 10), (2, 60)])
def test_limits_are_passed_where_it_says(column: int, minutes: int) -> None:
    """By that number of users, and not by one fewer."""
    figures = read_figures().assuming({"minutes_open": minutes})
    rows = table("limit")
    assert len(rows) == 8
    for row in rows:
        users = int(row[column].replace(",", ""))
        assert row[0] in [each.name for each in estimate(users, figures).passed]
        assert row[0] not in [each.name for each in estimate(users - 1, figures).passed]


def test_numbers_in_the_text_are_reckoned() -> None:
    """Shares and sums, each from the plan of 100,000 users."""
    figures = read_figures()
    plan = estimate(100_000, figures)
    rare = estimate(100_000, looking_every(10, figures))
    hour = estimate(100_000, figures.assuming({"minutes_open": 60}))
    looks = plan.second.reads - estimate(100_000, looking_every(10**9, figures)).second.reads
    for said in (
        f"{plan.share_of_efs:.1%}".replace("%", " %"),
        f"That is {looks / (plan.second.reads + plan.second.writes):.0%}".replace("%", " %"),
        f"cost {rare.efs_usd:,.0f} USD instead of {plan.efs_usd:,.0f}",
        f"EFS is {hour.efs_usd:,.0f} USD for 100,000 users, DynamoDB {hour.dynamodb_usd:,.0f}",
        f"moves the read limit to about {0.1 / rare.share_of_efs:.0f} million users",
        f"{100_000 * 0.5 / plan.share_of_efs:,.0f}"[:2] + "0,000 daily users",
        f"{100_000 * 0.5 / hour.share_of_efs:,.0f}"[:2] + ",000 who keep their page open",
    ):
        assert said in PLAIN


def looking_every(seconds: float, figures: Figures) -> Figures:
    """Return the figures of an app whose open pages look for news that often."""
    measured = figures.measured.with_values({"tick_seconds": seconds}, "test")
    return replace(figures, measured=measured)
