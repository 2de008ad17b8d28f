"""`parity destroy`: what goes with a stack, what stays, and the deletion itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.aws.errors import plainly
from parity.deploy import progress
from parity.deploy.change_set import kind_of
from parity.deploy.stack_state import TO_DELETE, check_own, read_stack
from parity.deploy.template import as_text, parse_template
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.aws.account import Account
    from parity.deploy.progress import Event
    from parity.deploy.stack_state import StackState

GONE, SKIPPED = "DELETE_COMPLETE", "DELETE_SKIPPED"
# What deletes a resource that outlives its stack, with all that is in it.
COMMANDS = {
    "AWS::EFS::FileSystem": "aws efs delete-file-system --file-system-id {}",
    "AWS::S3::Bucket": "aws s3 rb --force s3://{}",
}


@dataclass(frozen=True)
class Member:
    """A resource of the stack. retained: it outlives the stack, and goes on costing."""

    logical_id: str
    physical_id: str
    type: str
    retained: bool

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return kind_of(self.type)

    @property
    def command(self) -> str:
        """What deletes it where the stack does not; '' where no command is known."""
        return COMMANDS.get(self.type, "").format(self.physical_id)


def read_own_stack(account: Account, name: str) -> StackState:
    """Return the stack to delete. Raises ParityError when there is none, or it is not the kit's."""
    state = read_stack(account, name)
    if state.status in ("", "DELETE_COMPLETE"):
        raise ParityError(
            f"there is no stack '{name}' in this account and region",
            hint="aws cloudformation list-stacks, or export AWS_REGION=<where it is>",
        )
    check_own(state)
    if state.in_progress and state.status != "DELETE_IN_PROGRESS":
        raise ParityError(
            f"the stack '{name}' is in {state.status}: CloudFormation is at work on it",
            hint=f"parity status --stack {name}    (until it is done), then parity destroy",
        )
    return state


def read_members(account: Account, state: StackState) -> list[Member]:
    """Return the stack's resources that still exist, by logical id.

    Among them, as retained, is what CloudFormation has left behind earlier: where a first deploy is
    rolled back, it takes nothing away that the template retains.
    """
    client = account.client("cloudformation")
    with plainly():
        pages = client.get_paginator("list_stack_resources").paginate(StackName=state.name)
        summaries = [each for page in pages for each in page["StackResourceSummaries"]]
        body = ""
        if state.exists:
            body = as_text(client.get_template(StackName=state.name)["TemplateBody"])
    template = parse_template(body) if body else None
    listed = [
        Member(
            logical_id=str(each["LogicalResourceId"]),
            physical_id=str(each.get("PhysicalResourceId", "")),
            type=str(each["ResourceType"]),
            retained=each["ResourceStatus"] == SKIPPED
            or (template is not None and template.retained(str(each["LogicalResourceId"]))),
        )
        for each in summaries
        if each["ResourceStatus"] != GONE
    ]
    # Not every list goes on naming what was left behind; the stack's events do, for 90 days.
    skipped = [
        Member(event.logical_id, event.physical_id, event.type, retained=True)
        for event in progress.read_events(account, state.stack_id)
        if event.status == SKIPPED
    ]
    members = dict.fromkeys(each for each in (*listed, *skipped) if each.physical_id)
    return sorted(members, key=lambda member: (member.logical_id, member.physical_id))


def delete(account: Account, state: StackState) -> None:
    """Delete the stack and follow it to the end.

    Raises ParityError that names what could not be deleted. One whose deletion is under way already
    is followed.
    """
    seen = {event.id for event in progress.read_events(account, state.stack_id)}
    if state.status != "DELETE_IN_PROGRESS":
        with plainly():
            account.client("cloudformation").delete_stack(StackName=state.name)
    after, causes = progress.follow(account, state, seen=seen)
    check_gone(after, causes)


def check_gone(state: StackState, causes: Sequence[Event]) -> None:
    """Raise ParityError for a stack that is still there."""
    if state.status in ("", "DELETE_COMPLETE"):
        return
    first = f": {causes[0].logical_id}: {causes[0].reason}" if causes else ""
    hint = f"mend that, then parity destroy --stack {state.name}"
    if state.status not in TO_DELETE:
        hint = f"parity destroy --stack {state.name}"
    raise ParityError(
        f"the stack '{state.name}' could not be deleted, it is in {state.status}{first}",
        hint=hint,
        detail="\n".join(f"{event.logical_id}: {event.reason}" for event in causes),
    )
