"""Where a deployed stack's service is, as the stack's outputs tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.cluster.task import last_part
from parity.deploy.stack_state import check_exists, read_stack
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parity.aws.account import Account


@dataclass(frozen=True)
class Service:
    """Where a stack's service is: its URL, the names of ECS cluster and service, its target group.

    stack: the name of the CloudFormation stack.
    """

    stack: str
    url: str
    cluster: str
    name: str
    target_group: str

    @property
    def hint(self) -> str:
        """The command that shows what is there."""
        return f"parity status --stack {self.stack}"


def find_service(account: Account, stack: str) -> Service:
    """Return where a stack's service is. Raises ParityError when there is no such stack of ours."""
    state = read_stack(account, stack)
    check_exists(state)
    return service_of(stack, state.outputs)


def service_of(stack: str, outputs: Mapping[str, str]) -> Service:
    """Return what the template's outputs tell. Raises ParityError naming those missing."""
    needed = ("Url", "ClusterName", "ServiceName", "TargetGroupArn")
    if missing := [name for name in needed if not outputs.get(name)]:
        raise ParityError(
            f"the stack '{stack}' has no output {', '.join(missing)}:"
            " its first deploy has not ended",
            hint=f"parity status --stack {stack}",
        )
    return Service(
        stack=stack,
        url=outputs["Url"].rstrip("/"),
        cluster=last_part(outputs["ClusterName"]),
        name=last_part(outputs["ServiceName"]),
        target_group=outputs["TargetGroupArn"],
    )
