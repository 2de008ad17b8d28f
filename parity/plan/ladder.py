"""Rows about several numbers of users, one each; cells carry Rich markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from parity.plan.ends import MOST_USERS
from parity.plan.words import lasting, rounded, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.plan.ends import End
    from parity.plan.estimate import Estimate

COLUMNS = ("users>", "chats>", "tasks>", "by", "vCPU>", "LCU>", "by", "USD>", "Bedrock>")
LEGEND = (
    "chats, tasks, vCPU, LCU: in the peak hour. USD: a month without Bedrock.",
    "Bedrock: a month of Nova Micro; one number of users shows the other models.",
)
STORE_COLUMNS = (
    *("users>", "op/s>", "of limit>", "MiB/s>", "enough"),
    *("bursting>", "elastic>", "DynamoDB>"),
)
STORE_LEGEND = (
    "op/s, MiB/s: of EFS in the busiest second, metered. enough: bursting is so,",
    "or how long its first credits are. The rest: USD a month by store, with backup.",
)
LIMIT_COLUMNS = ("users>", "passes", "needs>", "has>", "", "so")
END_COLUMNS = ("EFS", "from users>", "then")
SHORT = {
    "new connections": "new",
    "active connections": "active",
    "processed bytes": "bytes",
    "rule evaluations": "rules",
}


def ladder_row(plan: Estimate) -> list[str]:
    """Return one row, matching COLUMNS."""
    tasks = f"{plan.tasks.needed:,}"
    too_many = "MaxTasks" in [each.name for each in plan.passed]
    return [
        f"{plan.users:,}",
        whole(plan.day.peak.open_chats),
        f"[red]{tasks}[/]" if too_many else tasks,
        plan.tasks.bound_by,
        f"{plan.vcpus:,.2f}",
        f"{plan.lcus.counted:,.2f}",
        SHORT[plan.lcus.dimension],
        f"{plan.usd:,.0f}",
        f"{plan.models['nova_micro']:,.0f}",
    ]


def store_row(plan: Estimate) -> list[str]:
    """Return one row about the store, matching STORE_COLUMNS."""
    return [
        f"{plan.users:,}",
        whole(plan.second.reads + plan.second.writes),
        f"{plan.share_of_efs:.1%}",
        rounded(plan.bursting.needed),
        enough(plan),
        *(rounded(plan.stores[name]) for name in ("bursting", "elastic", "dynamodb")),
    ]


def enough(plan: Estimate) -> str:
    """Return 'yes' where bursting throughput suffices, else how long its first credits do."""
    found = plan.bursting
    if found.suffices:
        return "yes"
    return f"[yellow]{lasting(found.lasts)}[/]" if found.lasts else "[red]no[/]"


def limit_rows(estimates: Sequence[Estimate]) -> list[list[str]]:
    """Return one row a limit passed, matching LIMIT_COLUMNS."""
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


def end_rows(found: Sequence[End]) -> list[list[str]]:
    """Return one row each, matching END_COLUMNS."""
    return [
        [each.what, "-", f"not up to {MOST_USERS:,}"]
        if each.users is None
        else [each.what, f"{each.users:,}", escape(each.then)]
        for each in found
    ]


def floor(estimates: Sequence[Estimate]) -> list[str]:
    """Return a line that says where MinTasks is more than the users need; else nothing."""
    users = [f"{plan.users:,}" for plan in estimates if plan.tasks.bound_by == "floor"]
    return [f"MinTasks is more than enough for: {', '.join(users)} users."] if users else []
