"""The replicas of a deployed stack: the tasks of its ECS service, through boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.aws.account import connect
from parity.aws.errors import plainly
from parity.cluster import task as read
from parity.cluster.desired_count import DesiredCount
from parity.cluster.numbered_tasks import NumberedTasks
from parity.cluster.one_off_task import OneOffTasks
from parity.cluster.redeployment import Redeployment
from parity.cluster.service import find_service
from parity.cluster.service_view import ServiceView
from parity.cluster.target_group import TargetGroup
from parity.cluster.waiting import wait_until_none
from parity.errors import ParityError, UsageError
from parity.project import MAX_REPLICAS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from parity.aws.account import Account
    from parity.cluster.protocol import Ability, Replica, Target
    from parity.cluster.service import Service
    from parity.efs.faults import Kind

POLL_SECONDS = 2.0  # ECS and ELBv2 throttle who asks much more often
STOP_SECONDS = 900  # deregistration delay, 300 by default, then the stop timeout, 120 at most
HEALTHY_SECONDS = 600  # image pull, start, and the target's health checks
ROLLOUT_SECONDS = 1800


class Ecs:
    """The tasks of one ECS service; see Cluster for what each method promises."""

    abilities: frozenset[Ability] = frozenset()

    def __init__(self, account: Account, service: Service) -> None:
        self._account = account
        self._view = ServiceView(account, service)
        self._tasks = NumberedTasks(self._view)
        self._count = DesiredCount(account, self._view)
        self._group = TargetGroup(account, service.target_group)

    @classmethod
    def of_stack(cls, stack: str) -> Ecs:
        """Return the driver of a stack, with credentials and region as the AWS CLI finds them."""
        account = connect()
        return cls(account, find_service(account, stack))

    def url(self) -> str:
        """Return the stack's Url output."""
        return self._view.where.url

    def is_sticky(self) -> bool:
        """Tell whether the target group keeps a browser on one task."""
        return self._view.is_sticky()

    def one_off_tasks(self) -> OneOffTasks:
        """Return a way to run commands beside the replicas, with all that they have."""
        return OneOffTasks(self._account, self._view)

    def replicas(self) -> list[Replica]:
        """Return the tasks by number; one call of CloudWatch Logs each, for the sessions."""
        return self._tasks.replicas()

    def serving(self, which: int | str) -> Replica:
        """Return that task as it is now, for about an hour after its end, too."""
        return self._tasks.replica(which)

    def kill(self, which: int | str) -> None:
        """StopTask: as abrupt as ECS allows, which is not very.

        It takes the task out of the load balancer and sends SIGTERM; SIGKILL follows only after
        the task's stop timeout. Returns when nothing of it runs any more.
        """
        self._stop(which, reason="parity kill")

    def stop(self, which: int | str) -> None:
        """StopTask, as a scale-in or a deploy does it."""
        self._stop(which, reason="parity stop")

    def pause(self, which: int | str) -> None:
        """Raise ParityError: Fargate gives no hold of a task's processes."""
        raise _impossible("pause", which)

    def unpause(self, which: int | str) -> None:
        """Raise ParityError, as pause does."""
        raise _impossible("unpause", which)

    def cut(self, which: int | str) -> None:
        """Raise ParityError: a task's network interface belongs to Fargate.

        A security group would cut all tasks, and not even then the connections that are open.
        """
        raise _impossible("cut", which)

    def reconnect(self, which: int | str) -> None:
        """Raise ParityError, as cut does."""
        raise _impossible("reconnect", which)

    def targets(self) -> list[Target]:
        """Return the registered targets, and those that drain."""
        return self._tasks.targets()

    def deregister(self, which: int | str) -> None:
        """DeregisterTargets; ECS may take the task for unhealthy, and replace it."""
        self._group.deregister(read.address(self._tasks.find(which)))

    def register(self, which: int | str) -> None:
        """RegisterTargets, at the target group's port."""
        self._group.register(read.address(self._tasks.find(which)))

    def modify_target_group(self, attributes: Mapping[str, bool | int | str]) -> None:
        """ModifyTargetGroupAttributes: drift, until the template is deployed again."""
        self._group.modify(attributes)

    def reload_balancer(self) -> None:
        """Raise ParityError: a load balancer of AWS is nobody's to restart."""
        raise _not_ours("load balancer")

    restart_balancer = reload_balancer

    def cut_model(self) -> None:
        """Raise ParityError: all tasks reach Bedrock through AWS's own network."""
        raise _not_ours("way to Bedrock")

    reconnect_model = cut_model

    def break_volume(self, _which: int | str, _kind: Kind, _seconds: float) -> None:
        """Raise ParityError: nobody breaks EFS at will."""
        raise _not_ours("way to EFS")

    def volume_fault(self, _which: int | str) -> None:
        """Return None: it has none that anybody here has made."""

    def mend_volume(self, _which: int | str) -> None:
        """Raise ParityError, as break_volume does."""
        raise _not_ours("way to EFS")

    def start(self, which: int | str) -> None:
        """Wait until as many tasks run as shall: what ended does not come back, ECS replaces it."""
        self._tasks.find(which)

        def missing() -> str:
            desired = self._view.desired()
            running = [each for each in self._view.wanted() if read.state_of(each) == "running"]
            return "" if len(running) >= desired else f"{len(running)} of {desired} tasks run"

        self._wait(missing, HEALTHY_SECONDS, "ECS did not replace what ended")

    def restart(self, which: int | str) -> None:
        """Stop it and wait until another runs in its place."""
        self.stop(which)
        self.start(which)

    def scale(self, replicas: int) -> None:
        """Set the service's desired count, with Application Auto Scaling suspended until `mend`."""
        if not 1 <= replicas <= MAX_REPLICAS:
            raise UsageError(f"'{replicas}' is not a number of replicas from 1 to {MAX_REPLICAS}")
        self._count.set(replicas)
        self._wait_settled()

    def redeploy(self, steps: str = "") -> None:
        """Force a new deployment of the same task definition, and wait until it is through.

        Raises ParityError for steps: no image gets to the cloud that was not tested.
        """
        if steps:
            raise ParityError(
                "only a tested image is deployed to the cloud, so all replicas are as they were",
                hint="scripts/test, then scripts/deploy",
            )
        deployment = Redeployment(self._account, self._view)
        self._wait(deployment.unfinished, ROLLOUT_SECONDS, "the deployment did not end")
        self._wait_settled()

    def mend(self) -> None:
        """Register what was deregistered; bring back desired count and auto scaling as they were.

        That is, as they were before the first `scale`.
        """
        targets = self._view.targets()
        for task in self._view.wanted():
            if (own := read.address(task)) and targets.get(own, "draining") == "draining":
                self._group.register(own)
        self._count.bring_back()
        self._wait_settled()

    def logs(self, which: int | str, *, tail: int | None = None) -> str:
        """Return what it wrote, as CloudWatch Logs has it: some seconds late."""
        group, stream = self._view.needed_stream(self._tasks.find(which))
        logs = self._view.logs
        lines = logs.read(group, stream) if tail is None else logs.last(group, stream, tail)
        return "".join(f"{line}\n" for line in lines)

    def wait_healthy(
        self, timeout: float = HEALTHY_SECONDS, *, only: int | str | None = None
    ) -> None:
        """Wait until as many tasks as shall are healthy targets; or one task only.

        One that has ended or is about to stands for whatever replaces it: then all are waited for.
        """

        def sick() -> str:
            chosen = None if only is None else self._tasks.find(only)
            if chosen is not None and read.is_wanted(chosen):
                return self._tasks.sick([chosen])
            desired, wanted = self._view.desired(), self._view.wanted()
            counted = "" if len(wanted) == desired else f"{len(wanted)} of {desired} tasks"
            return ", ".join(filter(None, [counted, self._tasks.sick(wanted)]))

        self._wait(sick, timeout, "not healthy")

    def wait_out_of_rotation(self, which: int | str, timeout: float = HEALTHY_SECONDS) -> None:
        """Wait until its target is unhealthy beside a healthy one, draining or deregistered."""
        task = self._tasks.find(which)
        own = read.address(task)

        def in_rotation() -> str:
            targets = self._view.targets()
            return f"target {own} is {targets[own]}" if read.takes_requests(own, targets) else ""

        self._wait(in_rotation, timeout, f"{read.hostname(task)} was not taken out of rotation")

    def _stop(self, which: int | str, *, reason: str) -> None:
        arn = self._tasks.find(which)["taskArn"]
        with plainly():
            self._account.client("ecs").stop_task(
                cluster=self._view.where.cluster, task=arn, reason=reason
            )

        def alive() -> str:
            left = [each for each in self._view.described([arn]) if not read.has_exited(each)]
            return f"the task is {left[0]['lastStatus']}" if left else ""

        self._wait(alive, STOP_SECONDS, f"replica '{which}' did not end")

    def _wait_settled(self) -> None:
        """Wait until all are healthy and those that have to go are gone."""
        self.wait_healthy(ROLLOUT_SECONDS)

        def leaving() -> str:
            left = [
                each
                for each in self._tasks.all()
                if not read.is_wanted(each) and not read.has_exited(each)
            ]
            return ", ".join(f"{read.hostname(each)} is {each['lastStatus']}" for each in left)

        self._wait(leaving, STOP_SECONDS, "tasks did not end")

    def _wait(self, problem: Callable[[], str], timeout: float, what: str) -> None:
        hint = self._view.where.hint
        wait_until_none(problem, timeout, every=POLL_SECONDS, what=what, hint=hint)


def _not_ours(what: str) -> ParityError:
    return ParityError(
        f"nobody but AWS can break the {what}", hint="do it to the local stack: scripts/up"
    )


def _impossible(verb: str, which: int | str) -> ParityError:
    return ParityError(
        f"ECS cannot {verb} a task, so replica '{which}' is as it was",
        hint="do it to the local stack: scripts/up",
    )
