"""Who has deployed what a stack has: its last change set says so, which CloudFormation keeps.

ECS knows only who has registered a task definition. That is CloudFormation's role where the stack
has one, whoever asked for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from parity.deploy.plan import RECEIPT

if TYPE_CHECKING:
    from datetime import datetime

    from parity.aws.account import Account
    from parity.deploy.stack_state import StackState

SAID = re.compile(r"parity \w+ to receipt (\S+), by (\S+)")


@dataclass(frozen=True)
class Deployer:
    """Who it was, by ARN, and when the change set was made."""

    by: str
    at: datetime | None


def description(command: str, receipt_id: str, by: str) -> str:
    """Return what a change set says of itself: which command brings whose receipt."""
    return f"parity {command} to receipt {receipt_id}, by {by}"


def read_deployer(account: Account, state: StackState) -> Deployer | None:
    """Return who has made the last change; None where nothing tells it of what the stack has.

    So it is after a change in the console, or one that was rolled back.
    """
    if not state.change_set_id or "ROLLBACK" in state.status:
        return None
    try:
        found = account.client("cloudformation").describe_change_set(
            StackName=state.name, ChangeSetName=state.change_set_id
        )
    except (BotoCoreError, ClientError):  # gone by now, or not for everybody to see
        return None
    said = SAID.fullmatch(str(found.get("Description", "")))
    if said is None or said[1] != state.parameters.get(RECEIPT):
        return None
    return Deployer(said[2], found.get("CreationTime"))
