"""`parity plan`: what so many daily users need and cost, as tables or as JSON."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from parity import console
from parity.errors import UsageError
from parity.plan.bill import gib
from parity.plan.volume import KIB_PER_GIB

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.plan.estimate import Estimate
    from parity.plan.figures import Figures
    from parity.plan.tables import Table

LADDER = (10, 100, 1_000, 10_000, 100_000)
MOST_USERS = 10_000_000
COLUMNS = ("users>", "chats>", "tasks>", "by", "vCPU>", "LCU>", "by", "USD>", "Bedrock>")
VOLUME_COLUMNS = ("users>", "EFS op/s>", "of the limit>", "GiB>", "EFS USD>", "DynamoDB USD>")
LIMIT_COLUMNS = ("users>", "passes", "needs>", "has>", "", "so")
TIGHT = 2  # spaces between columns: every table fits into 80
SHORT = {
    "new connections": "new",
    "active connections": "active",
    "processed bytes": "bytes",
    "rule evaluations": "rules",
}


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


def show(estimates: Sequence[Estimate], figures: Figures) -> None:
    """Print one plan in full, several as a ladder; then what is passed, and what is assumed."""
    if len(estimates) == 1:
        _show_one(estimates[0], figures)
    else:
        _show_ladder(estimates)
        _show_limits(estimates)
    for line in [*floor(estimates), *assumed(figures)]:
        console.out.print(f"[dim]{escape(line)}[/]")


def ladder_row(plan: Estimate) -> list[str]:
    """Return one row, with Rich markup, matching COLUMNS."""
    tasks = f"{plan.tasks.needed:,}"
    return [
        f"{plan.users:,}",
        whole(plan.day.peak.open_chats),
        f"[red]{tasks}[/]" if plan.passed else tasks,
        plan.tasks.bound_by,
        f"{plan.vcpus:,.2f}",
        f"{plan.lcus.counted:,.2f}",
        SHORT[plan.lcus.dimension],
        f"{plan.usd:,.0f}",
        f"{plan.models['nova_micro']:,.0f}",
    ]


def volume_row(plan: Estimate) -> list[str]:
    """Return one row about the store, matching VOLUME_COLUMNS."""
    return [
        f"{plan.users:,}",
        whole(plan.second.reads + plan.second.writes),
        f"{plan.share_of_efs:.1%}",
        f"{(plan.month.read_kib + plan.month.written_kib) / KIB_PER_GIB:,.1f}",
        money(plan.efs_usd),
        money(plan.dynamodb_usd),
    ]


LEGEND = (
    "chats, tasks, vCPU, LCU: in the peak hour. USD: a month without Bedrock.",
    "Bedrock: a month of Nova Micro; one number of users shows the other models.",
)
VOLUME_LEGEND = (
    "EFS op/s: in the busiest second. GiB: elastic throughput a month. USD: a month",
    "of the store alone, with backup. What the two are good for: docs/scale.md.",
)


def assumed(figures: Figures) -> list[str]:
    """Return the profile in lines of fewer than 80 characters."""
    profile = figures.profile
    return [
        f"Prices: us-east-1, {figures.prices.as_of}, list prices, to be checked.",
        f"A user ({profile.as_of}; --assume NAME=NUMBER or --profile FILE changes it):",
        *_wrapped([f"{name}={figure.value:g}" for name, figure in profile.figures.items()]),
    ]


def limit_rows(estimates: Sequence[Estimate]) -> list[list[str]]:
    """Return one row a limit passed, with Rich markup, matching LIMIT_COLUMNS."""
    return [
        [
            f"{plan.users:,}",
            f"[yellow]{each.name}[/]",
            whole(each.got),
            whole(each.limit),
            each.unit,
            escape(each.advice),
        ]
        for plan in estimates
        for each in plan.passed
    ]


def floor(estimates: Sequence[Estimate]) -> list[str]:
    """Return a line that says where MinTasks is more than the users need; else nothing."""
    users = [f"{plan.users:,}" for plan in estimates if plan.tasks.bound_by == "floor"]
    return [f"MinTasks is more than enough for: {', '.join(users)} users."] if users else []


def documents(estimates: Sequence[Estimate], figures: Figures) -> dict[str, Any]:
    """Return everything: `plans`, a row a number of users, and the tables that they rest on."""
    tables = (figures.prices, figures.profile, figures.stack, figures.measured, figures.limits)
    return {
        "plans": [_document(each) for each in estimates],
        "tables": {table.name: _table_document(table) for table in tables},
    }


def _document(plan: Estimate) -> dict[str, Any]:
    tasks = asdict(plan.tasks) | {"needed": plan.tasks.needed, "bound_by": plan.tasks.bound_by}
    lcus = asdict(plan.lcus) | {"counted": plan.lcus.counted, "dimension": plan.lcus.dimension}
    usd = {
        "month": plan.usd,
        "efs": plan.efs_usd,
        "dynamodb": plan.dynamodb_usd,
        "bedrock": plan.models,
    }
    passed = [each.name for each in plan.passed]
    return asdict(plan) | {"tasks": tasks, "lcus": lcus, "usd": usd, "passed": passed}


def _table_document(table: Table) -> dict[str, Any]:
    figures = {
        name: {"value": figure.value, "unit": figure.unit, "source": figure.source}
        for name, figure in table.figures.items()
    }
    return {"as_of": table.as_of.isoformat(), "note": table.note, "figures": figures}


def _show_one(plan: Estimate, figures: Figures) -> None:
    console.table(
        (f"{plan.users:,} daily users, peak hour", "amount>", "of which"),
        need_rows(plan, figures),
        gap=TIGHT,
    )
    console.out.print()
    _show_limits([plan])
    console.table(
        ("a month", "quantity", "USD>"),
        [
            *([escape(line.what), escape(line.quantity), money(line.usd)] for line in plan.lines),
            ["[bold]together[/]", "", f"[bold]{money(plan.usd)}[/]"],
        ],
        gap=TIGHT,
    )
    console.out.print()
    console.table(
        ("Bedrock, apart", "quantity", "USD>"),
        [
            [model_name(name), millions(plan) if number == 0 else '"', money(cost)]
            for number, (name, cost) in enumerate(plan.models.items())
        ],
        gap=TIGHT,
    )
    console.out.print()
    console.table(("store alone, a month", "USD>"), store_rows(plan), gap=TIGHT)
    console.out.print()


def _show_limits(estimates: Sequence[Estimate]) -> None:
    if rows := limit_rows(estimates):
        console.table(LIMIT_COLUMNS, rows, gap=TIGHT)
        console.out.print()


def store_rows(plan: Estimate) -> list[list[str]]:
    """Return what the conversations cost on EFS and on DynamoDB, backup included."""
    return [
        ["EFS, as above", money(plan.efs_usd)],
        ["DynamoDB instead (docs/scale.md)", money(plan.dynamodb_usd)],
    ]


def _show_ladder(estimates: Sequence[Estimate]) -> None:
    for columns, row, legend in (
        (COLUMNS, ladder_row, LEGEND),
        (VOLUME_COLUMNS, volume_row, VOLUME_LEGEND),
    ):
        console.table(columns, [row(each) for each in estimates], gap=TIGHT)
        for line in legend:
            console.out.print(f"[dim]{escape(line)}[/]")
        console.out.print()


def need_rows(plan: Estimate, figures: Figures) -> list[list[str]]:
    """Return what the peak hour needs, one row each: what, amount, of which."""
    tasks, lcus, second = plan.tasks, plan.lcus, plan.second
    stack, month = figures.stack, plan.month
    asked = (
        f"CPU asks for {tasks.cpu:,}, chats for {tasks.chats:,}",
        f"memory for {tasks.memory:,}, MinTasks is {tasks.floor:,}",
    )
    dimensions = (
        f"new connections {lcus.new_connections:.3f}, active {lcus.active_connections:.3f}",
        f"bytes {lcus.processed_bytes:.3f}, rules {lcus.rule_evaluations:.3f}",
    )
    return [
        ["open chats", whole(plan.day.peak.open_chats), "websockets at any moment"],
        ["tasks", whole(tasks.needed), f"by {tasks.bound_by} (max {stack['max_tasks']:g})"],
        *(["", "", line] for line in asked),
        ["vCPU kept busy", f"{plan.vcpus:,.2f}", f"targets {stack['cpu_target']:g} % of a task"],
        ["EFS reads, busiest second", whole(second.reads), operations_of(plan, "reads", figures)],
        [
            "EFS writes, busiest second",
            whole(second.writes),
            operations_of(plan, "writes", figures),
        ],
        [
            "EFS throughput a month",
            gib((month.read_kib + month.written_kib) / KIB_PER_GIB),
            " read, ".join(gib(k / KIB_PER_GIB) for k in (month.read_kib, month.written_kib))
            + " written",
        ],
        ["LCUs", f"{lcus.counted:,.3f}", f"{lcus.dimension} count; all four:"],
        *(["", "", line] for line in dimensions),
    ]


def operations_of(plan: Estimate, kind: str, figures: Figures) -> str:
    """Return how many of 'reads' or 'writes' are on metadata, and the limit."""
    metadata: float = getattr(plan.second, f"metadata_{kind}")
    limit = figures.limits[f"efs_{kind.removesuffix('s')}_operations"]
    return f"{whole(metadata)} on metadata; limit {limit:,.0f}/s"


def millions(plan: Estimate) -> str:
    """Return a month's tokens."""
    million = 10**6
    used = plan.tokens
    return f"{used.input / million:,.1f} M tokens in, {used.output / million:,.1f} M out"


def model_name(name: str) -> str:
    """Return 'Nova Micro' for nova_micro."""
    return name.replace("_", " ").title()


def money(usd: float) -> str:
    """Return USD with cents."""
    return f"{usd:,.2f}"


def whole(number: float) -> str:
    """Return a count; below ten with one digit after the point, unless it has none."""
    return f"{number:,.1f}" if number < 10 and number != int(number) else f"{number:,.0f}"  # noqa: PLR2004


def _wrapped(words: Sequence[str], width: int = 78) -> list[str]:
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) + 2 > width:
            lines.append("")
        lines[-1] += f"  {word}"
    return lines
