"""What every scenario of the rehearsal stands on: the stack, looked at before and after."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from parity.deploy.carry_out import Manner, service_of
from parity.deploy.promote import Wish, promote
from parity.deploy.stack_state import read_stack
from parity.host import client
from parity.rehearsal.fargate.evidence import running_tasks, wrong_with_tasks
from parity.rehearsal.known_gaps import unknown
from parity.rehearsal.read_back import Reading, read_back
from parity.template.resolve import resolve
from parity.template.rules.table import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from parity.aws.account import Account
    from parity.deploy.receipt import Receipt
    from parity.deploy.stack_state import StackState
    from parity.deploy.template import Template
    from parity.rehearsal.fargate.surroundings import Surroundings
    from parity.rehearsal.workshop import Workshop
    from parity.template.rules.rule import Rule
    from parity.template.values import Resolved

STACK = "parity-rehearse"


class Broken(AssertionError):  # noqa: N818 - what a scenario promises and what it found
    """A scenario has not come out as it has to."""


def expect(truth: object, what: str) -> None:
    """Raise Broken with these words unless it is so."""
    if not truth:
        raise Broken(what)


@dataclass
class Stage:
    """The emulated account, the template, the images, and what was seen of the stack so far.

    registry: its host and port. around: where tasks are run, if they are. rules: that the template
    must keep; none, to see what running it finds by itself.
    """

    account: Account
    template: Template
    workshop: Workshop
    registry: str
    around: Surroundings | None = None
    stack: str = STACK
    rules: Sequence[Rule] = RULES
    shown: list[list[str]] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)

    def other(self, stack: str, template: Template) -> Stage:
        """Return a stage for another stack; what is read there counts here, too."""
        return replace(self, stack=stack, template=template, shown=[])

    def deploy(
        self, receipt: Receipt, given: Mapping[str, str] | None = None, *, smoke: bool = False
    ) -> str:
        """Do what `parity deploy --yes` does; the smoke tests need tasks that are executed."""
        manner, parameters = self.manner(smoke=smoke), dict(given or {})
        wish = Wish(self.stack, receipt, self.template, manner, parameters, rules=self.rules)
        return promote(self.account, self.account.identity(), wish, self.workshop.engine)

    def manner(self, *, smoke: bool) -> Manner:
        """Say yes to everything, and keep what was asked."""
        return Manner(confirm=self.agree, smoke=smoke and self.workshop.runs)

    def look_into_tasks(self, receipt: Receipt) -> str:
        """Return what running them has proven. Raises Broken for what is wrong in one of them."""
        if self.around is None:
            return "nothing was run"
        tasks = running_tasks(client.connect(), self.around.network)
        points = self.account.client("efs").describe_access_points()["AccessPoints"]
        user = points[0]["PosixUser"]
        for fault in wrong_with_tasks(tasks, receipt.image_id, f"{user['Uid']}:{user['Gid']}"):
            expect(truth=False, what=fault)
        return f"{len(tasks)} tasks run on this engine, smoke tests passed"

    def agree(self, _: str) -> bool:
        """Note which resources the change set in question names, and agree."""
        cloudformation = self.account.client("cloudformation")
        waiting = [
            summary["ChangeSetName"]
            for summary in cloudformation.list_change_sets(StackName=self.stack)["Summaries"]
            if summary["ExecutionStatus"] == "AVAILABLE"
        ]
        described: dict[str, Any] = cloudformation.describe_change_set(
            StackName=self.stack, ChangeSetName=waiting[-1]
        )
        changes = [change["ResourceChange"] for change in described["Changes"]]
        self.shown.append(sorted(str(change["LogicalResourceId"]) for change in changes))
        return True

    @property
    def state(self) -> StackState:
        """The stack as it is now."""
        return read_stack(self.account, self.stack)

    def tasks(self) -> set[str]:
        """Return the ARNs of the running tasks."""
        return set(self._tasks())

    def running(self) -> set[str]:
        """Return the digests that running tasks have pulled."""
        return set(self._tasks().values())

    def _tasks(self) -> dict[str, str]:
        service, ecs = service_of(self.state), self.account.client("ecs")
        arns = ecs.list_tasks(cluster=service.cluster, serviceName=service.name)["taskArns"]
        found = ecs.describe_tasks(cluster=service.cluster, tasks=arns)["tasks"] if arns else []
        return {task["taskArn"]: task["containers"][0].get("imageDigest", "") for task in found}

    def resolved(self) -> Resolved:
        """Return what the template comes to with the parameters that the stack has."""
        return resolve(
            self.template.parsed,
            dict(self.state.parameters),
            region=self.account.region,
            account=self.state.stack_id.split(":")[4],
            stack_name=self.stack,
            stack_id=self.state.stack_id,
        )

    def hold_to_template(self) -> int:
        """Read everything back and hold it to the template; return how many fields are proven.

        Raises Broken for the first that says something else, for a resource that is missing, and
        for whatever is not said and not known to be so.
        """
        readings = read_back(self.account, self.stack, self.resolved())
        self.readings.extend(readings)
        for reading in readings:
            expect(not reading.missing, f"{reading.logical_id}: {reading.trouble}")
            for field_ in reading.differences:
                expect(
                    truth=False,
                    what=f"{reading.logical_id}.{field_.path} is {field_.found}, and not"
                    f" {field_.expected} as in the template",
                )
        fresh = unknown(readings)
        expect(not fresh, f"not said, and no known gap (known_gaps.py): {', '.join(fresh)}")
        return sum(reading.proven for reading in readings)
