"""CloudFormation change sets: make one, say in plain words what it would do, do it or drop it."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError
from rich.markup import escape

from parity.aws.errors import code_of, message_of, plainly
from parity.deploy.stack_state import TAG
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from parity.aws.account import Account
    from parity.deploy.stack_state import StackState
    from parity.deploy.template import Template

OVERTAKEN = {"ChangeSetNotFound", "ChangeSetNotFoundException", "InvalidChangeSetStatus"}
PREFIX = "parity-"
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]
POLL_SECONDS = 1.0
READY_SECONDS = 300
COLUMNS = ("what", "resources", "because of")
NO_CHANGES = re.compile(r"didn't contain changes|no updates are to be performed", re.IGNORECASE)
# Resources whose replacement loses or hides what users wrote.
PRECIOUS = {"AWS::EFS::FileSystem", "AWS::EFS::AccessPoint"}
ACRONYMS = {"ACL", "DNS", "EIP", "NAT", "VPC"}


@dataclass(frozen=True)
class Change:
    """One resource of a change set.

    action: Add, Modify, Remove, Import, Dynamic. replacement: True, False, Conditional, or '' where
    it does not apply. causes: names of the properties, or of other parts, that change.
    """

    action: str
    logical_id: str
    type: str
    replacement: str = ""
    causes: tuple[str, ...] = ()

    @property
    def is_precious_loss(self) -> bool:
        """Whether users' data would be lost, or out of the app's reach."""
        goes = self.action == "Remove" or self.replacement in ("True", "Conditional")
        return goes and self.type in PRECIOUS


@dataclass(frozen=True)
class ChangeSet:
    """A change set that can be executed.

    changes: of resources; there may be none though something else changes, such as an output.
    """

    id: str
    name: str
    stack: str
    kind: Literal["CREATE", "UPDATE"]
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Request:
    """What a change set is asked for.

    template None means the stack's own. given: parameters by name, which win; all others that the
    stack has keep their value, new ones get their default. role_arn: whom CloudFormation acts as,
    from now on; '' is whom it acted as before, at first the caller.
    """

    stack: str
    kind: Literal["CREATE", "UPDATE"]
    name: str
    description: str
    template: Template | None
    given: Mapping[str, str]
    previous: Mapping[str, str]
    role_arn: str = ""


def new_name(receipt_id: str, moment: float) -> str:
    """Return a name that starts as all of the kit's do, and is new."""
    return f"{PREFIX}{receipt_id}-{int(moment)}"


def call(request: Request) -> dict[str, Any]:
    """Return the arguments of CreateChangeSet for a request."""
    body = request.template
    return {
        "StackName": request.stack,
        "ChangeSetName": request.name,
        "ChangeSetType": request.kind,
        "Description": request.description,
        "Capabilities": CAPABILITIES,
        # The same at every deploy: stack tags propagate to each resource, and a new value would
        # touch them all.
        "Tags": [{"Key": TAG, "Value": request.stack}],
        "Parameters": parameters(request),
        **({"TemplateBody": body.body} if body else {"UsePreviousTemplate": True}),
        **({"RoleARN": request.role_arn} if request.role_arn else {}),
    }


def parameters(request: Request) -> list[dict[str, Any]]:
    """Return the parameters to send: given ones, and 'as before' for the rest that the stack has.

    Raises ParityError for a given name that the template does not declare.
    """
    declared = set(request.template.parameters if request.template else request.previous)
    if unknown := sorted(set(request.given) - declared):
        raise ParityError(
            f"the template has no parameter '{unknown[0]}'; it has {', '.join(sorted(declared))}",
            hint="grep -A1 Parameters infra/template.yml",
        )
    kept = sorted((declared & set(request.previous)) - set(request.given))
    return [
        *(
            {"ParameterKey": name, "ParameterValue": value}
            for name, value in sorted(request.given.items())
        ),
        *({"ParameterKey": name, "UsePreviousValue": True} for name in kept),
    ]


def create(account: Account, request: Request) -> ChangeSet | None:
    """Create a change set and wait until CloudFormation has worked it out.

    None when CloudFormation finds nothing to change; none is left then. Raises ParityError when it
    refuses the change, or is not done within READY_SECONDS.
    """
    cloudformation = account.client("cloudformation")
    with plainly():
        try:
            answer = cloudformation.create_change_set(**call(request))
        except ClientError as error:
            if NO_CHANGES.search(message_of(error)):  # some implementations say it at once
                return None
            raise
    made = ChangeSet(str(answer["Id"]), request.name, request.stack, request.kind, ())
    with dropped_on_error(account, made), plainly():
        changes = _wait_ready(account, request)
    if changes is None:
        drop(account, made)
        return None
    return replace(made, changes=changes)


@contextmanager
def dropped_on_error(account: Account, change_set: ChangeSet) -> Iterator[None]:
    """Drop a change set where the block fails, or is interrupted; its error is what is told."""
    try:
        yield
    except BaseException:
        with suppress(ParityError):  # what is left, the next deploy clears away
            drop(account, change_set)
        raise


def drop(account: Account, change_set: ChangeSet) -> None:
    """Delete a change set that was not executed.

    A stack that only waited for it goes, too, unless somebody else's change set waits there.
    """
    with plainly():
        client = account.client("cloudformation")
        client.delete_change_set(StackName=change_set.stack, ChangeSetName=change_set.name)
        if change_set.kind != "CREATE":
            return
        answer = client.list_change_sets(StackName=change_set.stack)
        if not [each for each in answer["Summaries"] if each["ChangeSetId"] != change_set.id]:
            client.delete_stack(StackName=change_set.stack)


def delete_leftovers(account: Account, state: StackState) -> None:
    """Delete the kit's change sets that an interrupted deploy has left."""
    if not state.status:
        return
    client = account.client("cloudformation")
    with plainly():
        pages = client.get_paginator("list_change_sets").paginate(StackName=state.name)
        summaries = [summary for page in pages for summary in page["Summaries"]]
        for summary in summaries:
            if is_leftover(summary):
                client.delete_change_set(
                    StackName=state.name, ChangeSetName=summary["ChangeSetName"]
                )


def is_leftover(summary: Mapping[str, Any]) -> bool:
    """Tell whether a listed change set is the kit's, and neither executed nor being so."""
    waiting = summary.get("ExecutionStatus", "AVAILABLE") in ("AVAILABLE", "UNAVAILABLE")
    return waiting and str(summary.get("ChangeSetName", "")).startswith(PREFIX)


def execute(account: Account, change_set: ChangeSet) -> None:
    """Begin to execute a change set; `progress.follow` sees it through.

    Raises ParityError when the stack has moved on since the change set was made.
    """
    with plainly():
        try:
            account.client("cloudformation").execute_change_set(
                StackName=change_set.stack, ChangeSetName=change_set.name
            )
        except ClientError as error:
            if code_of(error) in OVERTAKEN:
                raise ParityError(
                    f"nothing was changed: another deploy of '{change_set.stack}' came first",
                    hint="parity deploy    (shows what is still to change)",
                    detail=message_of(error),
                ) from error
            raise


def ready(described: Mapping[str, Any]) -> bool:
    """Tell whether CloudFormation has worked a described change set out.

    Raises ParityError when CloudFormation has refused it.
    """
    status, reason = described["Status"], str(described.get("StatusReason", ""))
    if status == "FAILED" and not NO_CHANGES.search(reason):
        raise ParityError(
            f"CloudFormation refuses the change: {reason}",
            hint="mend the template or the parameter that it names, then parity deploy",
        )
    return status in ("CREATE_COMPLETE", "FAILED")


def changes_of(described: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return the changes of resources on one page of a described change set."""
    entries = described.get("Changes", [])
    return tuple(_change(each["ResourceChange"]) for each in entries if "ResourceChange" in each)


def rows(changes: Sequence[Change]) -> list[list[str]]:
    """Return the changes with Rich markup, matching COLUMNS; what is lost comes first.

    Resources of one type that change alike share a row: a first deploy makes more than fifty.
    """
    alike: dict[Change, list[str]] = {}
    for change in sorted(changes, key=lambda each: (not each.is_precious_loss, each.logical_id)):
        alike.setdefault(replace(change, logical_id=""), []).append(change.logical_id)
    return [
        [
            f"[red]{words(change, len(ids))}[/]"
            if change.is_precious_loss
            else words(change, len(ids)),
            escape(", ".join(ids)),
            escape(", ".join(change.causes)),
        ]
        for change, ids in alike.items()
    ]


def words(change: Change, count: int = 1) -> str:
    """Return what happens to so many resources, such as 'replaces the task definition'."""
    noun = f"the {kind_of(change.type)}" if count == 1 else kinds_of(change.type, count)
    if change.action == "Modify":
        verb = {"True": "replaces", "Conditional": "updates, perhaps replaces,"}.get(
            change.replacement, "updates"
        )
    else:
        verb = {"Add": "creates", "Remove": "removes", "Import": "takes in"}.get(
            change.action, "may change"
        )
    loss = " with what users wrote" if change.is_precious_loss else ""
    return f"{verb} {noun}{loss}"


def kinds_of(resource_type: str, count: int) -> str:
    """Return so many resources of a type in words, such as '2 scaling policies'."""
    kind = kind_of(resource_type)
    if count == 1:
        return kind
    return f"{count} {kind[:-1]}ies" if re.search(r"[^aeiou]y$", kind) else f"{count} {kind}s"


def kind_of(resource_type: str) -> str:
    """Return a resource type in words: 'AWS::ECS::TaskDefinition' is 'task definition'."""
    last = resource_type.rpartition("::")[2]
    parts = re.findall(r"[A-Z]+(?=[A-Z][a-z]|\d|$)|[A-Z]?[a-z]+|\d+", last)
    return " ".join(part.upper() if part.upper() in ACRONYMS else part.lower() for part in parts)


def _wait_ready(account: Account, request: Request) -> tuple[Change, ...] | None:
    """Return all changes; None when CloudFormation says that there is nothing to change."""
    client = account.client("cloudformation")
    which = {"StackName": request.stack, "ChangeSetName": request.name}
    deadline = time.monotonic() + READY_SECONDS
    while not ready(described := client.describe_change_set(**which)):
        if time.monotonic() > deadline:
            raise ParityError(
                f"CloudFormation has not worked the change set out in {READY_SECONDS} s",
                hint="parity deploy    (drops it and makes a new one)",
            )
        time.sleep(POLL_SECONDS)
    if described["Status"] == "FAILED":
        return None
    changes = changes_of(described)
    while token := described.get("NextToken"):  # a page has up to 1 MB
        described = client.describe_change_set(**which, NextToken=token)
        changes += changes_of(described)
    return changes


def _change(entry: Mapping[str, Any]) -> Change:
    causes = (
        str(detail.get("Target", {}).get("Name") or detail.get("Target", {}).get("Attribute", ""))
        for detail in entry.get("Details", [])
    )
    return Change(
        action=str(entry.get("Action", "")),
        logical_id=str(entry["LogicalResourceId"]),
        type=str(entry.get("ResourceType", "")),
        replacement=str(entry.get("Replacement", "")),
        causes=tuple(dict.fromkeys(cause for cause in causes if cause)),
    )
