"""`parity status`: what there is in the cloud, and whether it is what it should be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from parity.aws.errors import code_of, plainly
from parity.deploy import drift, history, rollout
from parity.deploy.carry_out import service_of
from parity.deploy.deployer import Deployer, read_deployer
from parity.deploy.plan import IMAGE, RECEIPT
from parity.deploy.promote import read_body
from parity.deploy.push import find_repository
from parity.deploy.scaling import read_scaling
from parity.deploy.stack_state import check_exists, read_stack
from parity.deploy.tasks import read_tasks
from parity.deploy.template import parse_template
from parity.errors import ParityError
from parity.template.resolve import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parity.aws.account import Account
    from parity.deploy.drift import Drift
    from parity.deploy.history import Revision
    from parity.deploy.scaling import Scaling
    from parity.deploy.stack_state import StackState
    from parity.deploy.tasks import Task


@dataclass(frozen=True)
class Status:
    """A stack and what runs in it. service: '' where the stack has none yet.

    history: the newest revisions of the task definition first; live: the receipts that were proven
    in a rollout. deployer: who has changed the stack last, if that is known. scaling: None where
    nothing scales the service. unknown: what could not be looked at, and why.
    """

    stack: StackState
    region: str
    service: str = ""
    summary: str = ""
    desired: int = 0
    running: int = 0
    tasks: tuple[Task, ...] = ()
    history: tuple[Revision, ...] = ()
    live: frozenset[str] = frozenset()
    deployer: Deployer | None = None
    drift: tuple[Drift, ...] = ()
    scaling: Scaling | None = None
    unknown: tuple[str, ...] = field(default=())

    @property
    def receipt(self) -> str:
        """The receipt that the stack was given."""
        return self.stack.parameters.get(RECEIPT, "")

    @property
    def deployed_by(self) -> Deployer | None:
        """Who has deployed, and when; by ECS where no change set tells it."""
        if self.deployer or not self.deployed:
            return self.deployer
        return Deployer(self.deployed.by, self.deployed.registered_at)

    @property
    def deployed(self) -> Revision | None:
        """The revision of the task definition that the stack has."""
        current = self.stack.outputs.get("TaskDefinitionArn", "")
        return next((each for each in self.history if each.arn == current), None)

    @property
    def as_it_should_be(self) -> bool:
        """Whether the stack is complete, its tasks run and scale, and nothing has drifted."""
        complete = self.stack.status.endswith("_COMPLETE") and "ROLLBACK" not in self.stack.status
        back = self.stack.status == "UPDATE_ROLLBACK_COMPLETE"  # the former version, and whole
        whole = (complete or back) and self.running == self.desired and not self.drift
        return whole and not (self.scaling and self.scaling.suspended)


def read_status(account: Account, name: str) -> Status:
    """Return all there is to know. Raises ParityError where there is no such stack of the kit's."""
    state = read_stack(account, name)
    check_exists(state)
    try:
        service = service_of(state)
    except ParityError:  # of a stack in the making, or one that failed
        return Status(state, account.region)
    described = rollout.read_service(account, service)
    if described is None:
        return Status(state, account.region, unknown=(f"the service {service.name} is gone",))
    tasks = read_tasks(account, service.cluster, service.name)
    current = state.outputs.get("TaskDefinitionArn", "")
    revisions = history.read_history(account, current) if current else []
    repository = find_repository(account, name)
    drifts, unknown = _drifts(account, state, described, tasks, revisions)
    return Status(
        stack=state,
        region=account.region,
        service=service.name,
        summary=rollout.judge(described).summary,
        desired=int(described.get("desiredCount", 0)),
        running=int(described.get("runningCount", 0)),
        tasks=tuple(tasks),
        history=tuple(revisions),
        live=frozenset(history.live_receipts(repository) if repository else ()),
        deployer=read_deployer(account, state),
        drift=tuple(drifts),
        scaling=read_scaling(account, service),
        unknown=unknown,
    )


def _drifts(
    account: Account,
    state: StackState,
    described: Mapping[str, Any],
    tasks: list[Task],
    revisions: list[Revision],
) -> tuple[list[Drift], tuple[str, ...]]:
    has = str(described.get("taskDefinition", ""))
    image = next((each.image for each in revisions if each.arn == has), "")
    template = parse_template(read_body(account, state))
    resolved = resolve(
        template.parsed, state.parameters, region=account.region, stack_name=state.name
    )
    expected = drift.expected_attributes(resolved)
    found = _attributes(account, state.outputs.get("TargetGroupArn", ""))
    drifts = [
        *drift.image_drift(state.parameters.get(IMAGE, ""), image, tasks),
        *drift.definition_drift(state.outputs.get("TaskDefinitionArn", ""), has, tasks),
        *(drift.attribute_drift(expected, found) if found is not None else []),
    ]
    unknown = () if found is not None else ("the target group's attributes",)
    return drifts, unknown


def _attributes(account: Account, target_group: str) -> dict[str, str] | None:
    """Return a target group's attributes; None where there is no such target group."""
    if not target_group:
        return None
    with plainly():
        try:
            answer = account.client("elbv2").describe_target_group_attributes(
                TargetGroupArn=target_group
            )
        except ClientError as error:
            if code_of(error) in ("TargetGroupNotFound", "TargetGroupNotFoundException"):
                return None
            raise
    return {str(each["Key"]): str(each["Value"]) for each in answer["Attributes"]}
