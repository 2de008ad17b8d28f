"""Rows about one number of users, and about what all plans assume; cells carry Rich markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from parity.plan.ends import most_operations
from parity.plan.line import gib
from parity.plan.volume import KIB_PER_GIB
from parity.plan.words import lasting, model_name, money, whole, wrapped

if TYPE_CHECKING:
    from parity.plan.estimate import Estimate
    from parity.plan.figures import Figures

MILLION = 10**6
BILL_COLUMNS = ("a month", "quantity", "USD>")
MODEL_COLUMNS = ("Bedrock, apart", "quantity", "USD>")
STORE_COLUMNS = ("store alone, a month", "", "USD>")


def need_rows(plan: Estimate, figures: Figures) -> list[list[str]]:
    """Return what the peak hour needs, one row each: what, amount, of which."""
    tasks, lcus, second = plan.tasks, plan.lcus, plan.second
    stack, month = figures.stack, plan.month
    reads, writes = most_operations(figures, plan.choices.throughput)
    return [
        ["open chats", whole(plan.day.peak.open_chats), "websockets at any moment"],
        ["tasks", whole(tasks.needed), f"by {tasks.bound_by} (max {stack['max_tasks']:g})"],
        ["", "", f"CPU asks for {tasks.cpu:,}, chats for {tasks.chats:,}"],
        ["", "", f"memory for {tasks.memory:,}, MinTasks is {tasks.floor:,}"],
        ["vCPU kept busy", f"{plan.vcpus:,.2f}", f"targets {stack['cpu_target']:g} % of a task"],
        ["EFS reads, busiest second", *_operations(second.reads, second.metadata_reads, reads)],
        ["EFS writes, busiest second", *_operations(second.writes, second.metadata_writes, writes)],
        [
            "EFS moves in a month",
            gib((month.read_kib + month.written_kib) / KIB_PER_GIB),
            " read, ".join(gib(k / KIB_PER_GIB) for k in (month.read_kib, month.written_kib))
            + " written",
        ],
        ["LCUs", f"{lcus.counted:,.3f}", f"{lcus.dimension} count; all four:"],
        [
            "",
            "",
            f"new connections {lcus.new_connections:.3f}, active {lcus.active_connections:.3f}",
        ],
        ["", "", f"bytes {lcus.processed_bytes:.3f}, rules {lcus.rule_evaluations:.3f}"],
    ]


def bill_rows(plan: Estimate) -> list[list[str]]:
    """Return the bill and its sum, matching BILL_COLUMNS."""
    return [
        *([escape(line.what), escape(line.quantity), money(line.usd)] for line in plan.lines),
        ["[bold]together[/]", "", f"[bold]{money(plan.usd)}[/]"],
    ]


def model_rows(plan: Estimate) -> list[list[str]]:
    """Return a month of the same tokens by model, matching MODEL_COLUMNS."""
    used = plan.tokens
    moved = f"{used.input / MILLION:,.1f} M tokens in, {used.output / MILLION:,.1f} M out"
    return [
        [model_name(name), '"' if number else moved, money(cost)]
        for number, (name, cost) in enumerate(plan.models.items())
    ]


def store_rows(plan: Estimate) -> list[list[str]]:
    """Return a month of the conversations by store, matching STORE_COLUMNS."""
    return [
        ["EFS, bursting throughput", bursting_words(plan), money(plan.stores["bursting"])],
        ["EFS, elastic throughput", "by what is moved", money(plan.stores["elastic"])],
        ["DynamoDB instead", "docs/scale.md", money(plan.stores["dynamodb"])],
    ]


def bursting_words(plan: Estimate) -> str:
    """Return whether bursting throughput is enough, and why."""
    found = plan.bursting
    needs = f"{found.needed:,.2f} of {found.permitted:,.0f} MiB/s"
    if found.suffices:
        return f"enough: {needs}"
    after = f" after {lasting(found.lasts)}" if found.lasts else ""
    return f"[yellow]too little{after}: {needs}[/]"


def assumed(figures: Figures) -> list[str]:
    """Return the dates of the prices and the profile, in lines of fewer than 80 characters."""
    profile, prices = figures.profile, figures.prices
    unread = [name for name, figure in prices.figures.items() if not figure.checked]
    return [
        f"Prices: us-east-1, {prices.as_of}, list prices read second-hand, to be checked.",
        *(wrapped(["from memory:", *unread]) if unread else []),
        "Not included: tax, support, other regions, your domain, e-mails, a restore.",
        f"A user ({profile.as_of}; --assume NAME=NUMBER or --profile FILE changes it):",
        *wrapped([f"{name}={figure.value:g}" for name, figure in profile.figures.items()]),
    ]


def _operations(number: float, metadata: float, limit: float) -> list[str]:
    return [whole(number), f"{whole(metadata)} on metadata; limit {limit:,.0f}/s"]
