"""`parity status`: the cloud side as tables or as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from parity import console
from parity.aws.account import connect
from parity.deploy import status as reading
from parity.deploy.plan import IMAGE, digest_of
from parity.verbs.deploy import checked_stack
from parity.verbs.on_stack import on_stack

if TYPE_CHECKING:
    from datetime import datetime

    from parity.deploy.history import Revision
    from parity.deploy.status import Status
    from parity.deploy.tasks import Task

TASK_COLUMNS = ("task", "zone", "state", "health", "image")
HISTORY_COLUMNS = ("revision>", "receipt", "registered", "by", "")
DRIFT_COLUMNS = ("drift", "expected", "found")
COLOURS = {"RUNNING": "green", "HEALTHY": "green", "UNHEALTHY": "red", "STOPPED": "red"}
SHORT_DIGEST = 19
NEWEST = 5


def read_status(stack: str) -> Status:
    """Return the status of a stack."""
    with on_stack(checked_stack(stack), "status"):
        return reading.read_status(connect(), stack)


def document(found: Status) -> dict[str, Any]:
    """Return the JSON object of a status; times in ISO 8601."""
    deployed = found.deployed_by
    return {
        "stack": found.stack.name,
        "region": found.region,
        "status": found.stack.status,
        "url": found.stack.outputs.get("Url", ""),
        "receipt": found.receipt,
        "image": found.stack.parameters.get(IMAGE, ""),
        "deployed_by": deployed.by if deployed else "",
        "deployed_at": _moment(deployed.at) if deployed else "",
        "service": {"name": found.service, "desired": found.desired, "running": found.running},
        "scaling": asdict(found.scaling) if found.scaling else None,
        "tasks": [
            {
                "id": task.id,
                "zone": task.zone,
                "state": task.status,
                "health": task.health,
                "digest": task.digest,
            }
            for task in found.tasks
        ],
        "history": [
            {
                "revision": each.number,
                "receipt": each.receipt,
                "image": each.image,
                "registered_at": _moment(each.registered_at),
                "by": each.by,
                "live": each.receipt in found.live,
            }
            for each in found.history
        ],
        "drift": [asdict(each) for each in found.drift],
        "unknown": list(found.unknown),
        "as_it_should_be": found.as_it_should_be,
    }


def show(found: Status) -> None:
    """Print a status as tables."""
    console.table(("", ""), summary_rows(found))
    if found.tasks:
        console.out.print()
        console.table(TASK_COLUMNS, [task_row(task) for task in found.tasks])
    if found.history:
        console.out.print()
        rows = [history_row(each, found) for each in found.history[:NEWEST]]
        console.table(HISTORY_COLUMNS, rows)
    if found.drift:
        console.out.print()
        rows = [
            [escape(each.what), escape(each.expected), escape(each.found)] for each in found.drift
        ]
        console.table(DRIFT_COLUMNS, rows)
    if found.scaling and found.scaling.suspended:
        console.note(f"The number of tasks stays as it is; to scale again: {found.scaling.resume}")
    for what in found.unknown:
        console.note(f"not known: {what}")


def summary_rows(found: Status) -> list[list[str]]:
    """Return what is said of the stack as a whole, with Rich markup."""
    deployed = found.deployed_by
    image = digest_of(found.stack.parameters.get(IMAGE, ""))
    by = f"{deployed.by or 'not known'} {_moment(deployed.at)}" if deployed else "not known"
    count = len(found.drift)
    drift = f"[red]{count} difference{'s' * (count > 1)}[/]" if count else "[green]none[/]"
    rows = [
        ["stack", escape(f"{found.stack.name} in {found.region}: {found.stack.status}")],
        ["url", escape(found.stack.outputs.get("Url", "-"))],
        ["service", escape(found.summary or "-")],
        ["scaling", _scaling(found)],
        ["receipt", escape(found.receipt or "-")],
        ["image", escape(image or "-")],
        ["deployed by", escape(by)],
        ["drift", drift],
    ]
    if found.stack.reason:
        rows.insert(1, ["reason", escape(found.stack.reason)])
    return rows


def task_row(task: Task) -> list[str]:
    """Return one task, with Rich markup, matching TASK_COLUMNS."""
    return [
        escape(task.id[:12]),
        escape(task.zone or "-"),
        _coloured(task.status),
        _coloured(task.health),
        escape(task.digest[:SHORT_DIGEST] or "not known"),
    ]


def history_row(revision: Revision, found: Status) -> list[str]:
    """Return one revision, with Rich markup, matching HISTORY_COLUMNS."""
    current = found.deployed is not None and found.deployed.number == revision.number
    was = "was live" if revision.receipt in found.live else "[dim]never proven[/]"
    return [
        str(revision.number),
        escape(revision.receipt or "-"),
        _moment(revision.registered_at) or "-",
        escape(revision.by.rpartition("/")[2] or "-"),
        "[green]now[/]" if current else was,
    ]


def _scaling(found: Status) -> str:
    if found.scaling is None:
        return "none"
    limits = f"{found.scaling.least} to {found.scaling.most} tasks"
    if not found.scaling.suspended:
        return limits
    kinds = ", ".join(name.removesuffix("Suspended") for name in found.scaling.suspended)
    return f"[red]suspended[/] ({escape(kinds)}), else {limits}"


def _coloured(word: str) -> str:
    colour = COLOURS.get(word)
    return f"[{colour}]{escape(word)}[/]" if colour else escape(word)


def _moment(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""
