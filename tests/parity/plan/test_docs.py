"""docs/scale.md says what the command says."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from parity.plan.choices import Choices, ThroughputMode
from parity.plan.ends import ends
from parity.plan.estimate import Estimate, estimate
from parity.plan.figures import Figures, read_figures
from parity.plan.ladder import ladder_row, store_row
from parity.project import ROOT
from parity.verbs.plan import LADDER

TEXT = (ROOT / "docs" / "scale.md").read_text()
README = (ROOT / "README.md").read_text()
PLAIN = " ".join(TEXT.split())


def table(first_column: str) -> list[list[str]]:
    """Return the cells of the table whose head begins so."""
    rows = TEXT.partition(f"| {first_column} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def plain(row: list[str]) -> list[str]:
    """Return the row without markup."""
    return [re.sub(r"\[.*?\]", "", cell) for cell in row]


def test_readme_leads_there() -> None:
    """And the page names the command."""
    assert "(docs/scale.md)" in README
    assert "`parity plan`" in TEXT


def test_table_is_the_ladder_that_the_command_prints() -> None:
    """Every cell of it."""
    rows = []
    for users in LADDER:
        plan = estimate(users, read_figures())
        ladder, store = plain(ladder_row(plan)), plain(store_row(plan))
        rows.append([*ladder[:3], store[1], *store[4:], ladder[7]])
    assert table("daily users") == rows


@pytest.mark.parametrize(("column", "minutes"), [(1, 10), (2, 60)])
def test_limits_are_passed_where_it_says(column: int, minutes: int) -> None:
    """By that number of users, and not by one fewer."""
    figures = read_figures().assuming({"minutes_open": minutes})
    rows = table("limit")
    assert len(rows) == 10
    for row in rows:
        name, _, mode = row[0].partition(", ")
        choices = Choices(throughput=ThroughputMode(mode or "bursting"))

        def passed(users: int, choices: Choices = choices) -> list[str]:
            return [each.name for each in estimate(users, figures, choices).passed]

        users = int(row[column].replace(",", ""))
        assert name in passed(users)
        assert name not in passed(users - 1)


def test_numbers_in_the_text_are_reckoned() -> None:
    """Shares and sums, each from the plan of 100,000 users."""
    figures = read_figures()
    plan, rare = most(figures), most(looking_every(10, figures))
    looks = plan.second.reads - most(looking_every(10**9, figures)).second.reads
    for said in (
        f"That is {looks / (plan.second.reads + plan.second.writes):.0%}".replace("%", " %"),
        f"cost {rare.stores['elastic']:,.0f} USD instead of {plan.stores['elastic']:,.0f}",
        f"DynamoDB's {rare.stores['dynamodb']:,.0f} then instead of {plan.stores['dynamodb']:,.0f}",
        f"kept for {figures.stack['idle_days_kept']:g} days after its last use",
        f"100,000 users keep {plan.storage.standard:,.0f} GiB there",
        f"Bursting gives {figures.limits['efs_least_mib']:g} MiB/s at the least",
        f"{figures.limits['efs_baseline_kib']:g} KiB/s for each GiB",
        f"{figures.limits['efs_credit_tib']:g} TiB of credits",
        f"a GiB-month is {figures.prices['efs_standard_gb_month']:.2f} USD",
    ):
        assert said in PLAIN


def test_ends_of_efs_are_reckoned() -> None:
    """With the default profile, with pages open for an hour, and with fewer looks."""
    figures = read_figures()
    bursting, elastic, worth, _ = ends_of(figures)
    hour = ends_of(figures.assuming({"minutes_open": 60}))
    rare = ends_of(looking_every(10, figures))
    for said in (
        f"So {bursting} daily users need more",
        f"from {bursting} users to {rare[0]} and elastic's from {elastic} to {rare[1]}",
        f"{elastic} daily users, or {hour[1]} who keep their page open",
        f"{figures.stack['worth_usd']:g} USD a month more than DynamoDB: {worth} daily users",
        f"or {hour[2]} with an hour open; {rare[2]} with a look in 10 seconds",
    ):
        assert said in PLAIN


def ends_of(figures: Figures) -> list[str]:
    """Return the numbers of users as the command prints them."""
    return ["-" if end.users is None else f"{end.users:,}" for end in ends(figures)]


def most(figures: Figures) -> Estimate:
    """Return the plan of the ladder's last rung."""
    return estimate(LADDER[-1], figures)


def looking_every(seconds: float, figures: Figures) -> Figures:
    """Return the figures of an app whose open pages look for news that often."""
    measured = figures.measured.with_values({"tick_seconds": seconds}, "test")
    return replace(figures, measured=measured)
