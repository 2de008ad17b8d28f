"""CloudFormation at work: its events as they come, resource by resource, to the end."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from parity import console
from parity.aws.errors import plainly
from parity.deploy.change_set import kind_of
from parity.deploy.stack_state import read_stack
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from parity.aws.account import Account
    from parity.deploy.stack_state import StackState

POLL_SECONDS = 3.0
# Until its first event, what was asked of CloudFormation may not have begun, and the stack's status
# still be that of the change before.
BEGIN_SECONDS = 30.0
GOOD = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE", "IMPORT_COMPLETE", ""}
# What fails only because something else did.
FOLLOWS_FROM = ("cancelled", "canceled")


@dataclass(frozen=True)
class Event:
    """One event of a stack: what became of one resource, and why if it failed."""

    id: str
    moment: datetime
    logical_id: str
    type: str
    status: str
    reason: str
    physical_id: str = ""

    @property
    def failed(self) -> bool:
        """Whether the resource could not be made, changed or removed."""
        return self.status.endswith("_FAILED")

    @property
    def is_cause(self) -> bool:
        """Whether it failed by itself, rather than because another one had."""
        of_stack = self.type == "AWS::CloudFormation::Stack"
        return self.failed and not of_stack and not self.reason.lower().endswith(FOLLOWS_FROM)


class Journal:
    """Which events were seen, and when each resource was begun."""

    def __init__(self, seen: Iterable[str] = ()) -> None:
        self._seen = set(seen)
        self._begun: dict[str, datetime] = {}
        self.causes: list[Event] = []

    @property
    def under_way(self) -> list[str]:
        """The resources that are being worked on."""
        return sorted(self._begun)

    def take(self, events: Iterable[Event]) -> list[str]:
        """Take new events in, oldest first, and return the lines to print, with Rich markup."""
        lines = []
        for event in events:
            if event.id in self._seen:
                continue
            self._seen.add(event.id)
            if event.is_cause:
                self.causes.append(event)
            if line := self._line(event):
                lines.append(line)
        return lines

    def _line(self, event: Event) -> str:
        if event.status.endswith("_IN_PROGRESS"):
            if event.type != "AWS::CloudFormation::Stack":
                self._begun.setdefault(event.logical_id, event.moment)
            return ""
        begun = self._begun.pop(event.logical_id, event.moment)
        name = f"{escape(event.logical_id)} [dim]({escape(kind_of(event.type))})[/]"
        if event.failed:
            return f"[red]✗[/] {name} {event.status}: {escape(event.reason)}"
        seconds = (event.moment - begun).total_seconds()
        return f"[green]✓[/] {name} {done_word(event.status)} [dim]{seconds:.0f} s[/]"


def done_word(status: str) -> str:
    """Return the last word on a resource: 'created', 'updated', 'deleted', or the status itself."""
    words = {
        "CREATE_COMPLETE": "created",
        "UPDATE_COMPLETE": "updated",
        "DELETE_COMPLETE": "deleted",
        "DELETE_SKIPPED": "retained",
    }
    return words.get(status, status)


def read_events(
    account: Account, stack_id: str, until: Collection[str] = frozenset()
) -> list[Event]:
    """Return the events of a stack, oldest first; no older ones than those whose ids are given."""
    entries: list[Mapping[str, Any]] = []
    with plainly():
        pages = (
            account.client("cloudformation")
            .get_paginator("describe_stack_events")
            .paginate(StackName=stack_id)
        )
        for page in pages:  # newest first
            entries += page["StackEvents"]
            if any(entry["EventId"] in until for entry in page["StackEvents"]):
                break
    return [_event(entry) for entry in reversed(entries)]


def follow(
    account: Account,
    state: StackState,
    *,
    seen: Iterable[str] = (),
    watch: Callable[[Sequence[Event]], None] = lambda _: None,
) -> tuple[StackState, list[Event]]:
    """Print a stack's events until CloudFormation is done.

    Returns the stack as it then is, and what failed by itself; judging is the caller's. seen: ids
    of events that are old. watch: is given all events at each turn. Ctrl-C ends the watching only:
    CloudFormation goes on by itself, and a later `deploy` follows it again.
    """
    stack_id = state.stack_id or state.name  # a deleted stack is known by its id alone
    old = frozenset(seen)
    journal = Journal(old)
    begun, late = False, time.monotonic() + BEGIN_SECONDS
    try:
        with console.step(f"CloudFormation: {state.name}") as step:
            while True:
                now = read_stack(account, stack_id)
                events = read_events(account, stack_id, old) if now.status else []
                for line in journal.take(events):
                    console.err.print(line)
                watch(events)
                begun = begun or any(event.id not in old for event in events)
                if not now.in_progress and (begun or _gone(now) or time.monotonic() > late):
                    step.give_up("" if now.status in GOOD else now.status)
                    break
                step.say(", ".join(journal.under_way[:3]))
                time.sleep(POLL_SECONDS)
    except BaseException:  # Ctrl-C, SIGTERM, expired credentials, no network
        console.note("CloudFormation goes on by itself: only the watching has ended.")
        raise
    return now, journal.causes


def check_good(state: StackState, causes: Sequence[Event], tasks: Sequence[str] = ()) -> None:
    """Raise ParityError for a stack that did not become what was asked for, with the causes.

    tasks: why tasks of its service ended, where some did.
    """
    if state.status in GOOD:
        return
    lines = (*(f"{each.logical_id}: {each.reason}" for each in causes), *tasks)
    detail = "\n".join(dict.fromkeys(lines))  # three tasks that fail alike are one reason
    first = f": {causes[0].logical_id}: {causes[0].reason}" if causes else ""
    raise ParityError(
        f"the stack '{state.name}' ended in {state.status}{first}",
        hint=hint_after(state),
        detail=detail or state.reason,
    )


def hint_after(state: StackState) -> str:
    """Return what to type after a change that failed."""
    if state.status == "UPDATE_ROLLBACK_COMPLETE":
        return "mend the cause, then parity deploy; the former version runs on (parity status)"
    if state.status == "UPDATE_ROLLBACK_FAILED":
        return f"aws cloudformation continue-update-rollback --stack-name {state.name}"
    return f"mend the cause, then parity destroy --stack {state.name}, then parity deploy"


def _gone(state: StackState) -> bool:
    return state.status in ("", "DELETE_COMPLETE")


def _event(entry: Mapping[str, Any]) -> Event:
    return Event(
        id=str(entry["EventId"]),
        moment=entry["Timestamp"],
        logical_id=str(entry.get("LogicalResourceId", "")),
        type=str(entry.get("ResourceType", "")),
        status=str(entry.get("ResourceStatus", "")),
        reason=str(entry.get("ResourceStatusReason", "")),
        physical_id=str(entry.get("PhysicalResourceId", "")),
    )
