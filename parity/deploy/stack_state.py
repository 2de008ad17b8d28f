"""The CloudFormation stack as it is, and what may be done to a stack in that state."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from parity.aws.errors import message_of, plainly
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parity.aws.account import Account

TAG = "ParityKit"
METADATA = "ParityKit"
UPDATABLE = {
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
}
# A first deploy that failed: the stack is an empty shell that CloudFormation only lets one delete.
TO_DELETE = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}
Next = Literal["create", "update", "wait"]


@dataclass(frozen=True)
class StackState:
    """A stack at one moment; status '' means that there is none.

    parameters and outputs: by name; a NoEcho parameter's value is asterisks. own: whether the kit
    made it, or its template is the kit's. change_set_id: of the last change; role_arn: whom
    CloudFormation acts as; '' where there is none.
    """

    name: str
    status: str = ""
    stack_id: str = ""
    reason: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    own: bool = True
    change_set_id: str = ""
    role_arn: str = ""

    @property
    def exists(self) -> bool:
        """Whether it has, or may have, resources."""
        return self.status not in ("", "REVIEW_IN_PROGRESS", "DELETE_COMPLETE")

    @property
    def in_progress(self) -> bool:
        """Whether CloudFormation is at work on it."""
        return self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS"


def next_step(state: StackState) -> Next:
    """Return what a deploy does next; ParityError where it can do nothing, naming what can.

    Somebody else's stack is never touched, whatever its state.
    """
    check_own(state)
    if state.in_progress:
        return "wait"
    if not state.exists:
        return "create"
    if state.status in UPDATABLE:
        return "update"
    if state.status in TO_DELETE:
        raise ParityError(
            f"the stack '{state.name}' is in {state.status}: it can only be deleted",
            hint=f"parity destroy --stack {state.name}, then parity deploy again",
            detail=state.reason,
        )
    if state.status == "UPDATE_ROLLBACK_FAILED":
        raise ParityError(
            f"the stack '{state.name}' is in UPDATE_ROLLBACK_FAILED: an update failed, and so did"
            " the way back",
            hint="mend what the stack's events name, then:"
            f" aws cloudformation continue-update-rollback --stack-name {state.name}",
            detail=state.reason,
        )
    raise ParityError(
        f"the stack '{state.name}' is in {state.status}: nothing can be deployed onto that",
        hint=f"aws cloudformation rollback-stack --stack-name {state.name}",
        detail=state.reason,
    )


def check_own(state: StackState) -> None:
    """Raise ParityError for a stack that is there and not the kit's."""
    if not state.own:
        raise ParityError(
            f"the stack '{state.name}' is not Parity Kit's: it has no tag {TAG}, and its template"
            f" no metadata {METADATA}",
            hint=f"parity deploy --stack {state.name}-chat    (or another free name)",
        )


def check_exists(state: StackState) -> None:
    """Raise ParityError for a stack that is not there, or not the kit's."""
    if not state.exists:
        raise ParityError(
            f"there is no stack '{state.name}' in this account and region",
            hint="parity deploy, or export AWS_REGION=<where it is>",
        )
    check_own(state)


def read_stack(account: Account, name: str) -> StackState:
    """Return the stack of that name (or id) as it is now."""
    cloudformation = account.client("cloudformation")
    with plainly():
        try:
            (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if "does not exist" in message_of(error):
                return StackState(name)
            raise
        tags = {tag["Key"]: tag["Value"] for tag in stack.get("Tags", [])}
    status = str(stack["StackStatus"])
    return StackState(
        name=str(stack["StackName"]),
        status=status,
        stack_id=str(stack["StackId"]),
        reason=str(stack.get("StackStatusReason", "")),
        parameters=_by_key(stack.get("Parameters", []), "ParameterKey", "ParameterValue"),
        outputs=_by_key(stack.get("Outputs", []), "OutputKey", "OutputValue"),
        own=TAG in tags or _is_own_without_tag(account, name, status),
        change_set_id=str(stack.get("ChangeSetId", "")),
        role_arn=str(stack.get("RoleARN", "")),
    )


def _is_own_without_tag(account: Account, name: str, status: str) -> bool:
    """Tell the kit's stack by its template, as one that was made in the console has no tag.

    One that was never executed has neither template nor resources, so it is nobody's.
    """
    if status in ("REVIEW_IN_PROGRESS", "DELETE_COMPLETE"):
        return True
    cloudformation = account.client("cloudformation")
    with plainly():
        summary = cloudformation.get_template_summary(StackName=name)
    return METADATA in re.findall(r"\w+", str(summary.get("Metadata", "")))


def _by_key(entries: list[dict[str, str]], key: str, value: str) -> dict[str, str]:
    return {entry[key]: str(entry.get(value, "")) for entry in entries}
