"""The replicas of a deployed stack: the tasks of its ECS service, through boto3.

ECS replaces every task that ends, with a new id, a new address and so a new host name. A replica's
number is therefore given by the order in which this driver saw the tasks, and never given again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parity.cluster import task as read
from parity.cluster.aws import calling, find_service, session
from parity.cluster.container import SESSION_OPENED
from parity.cluster.task_log import TaskLogs
from parity.cluster.waiting import wait_until_none
from parity.errors import ParityError, UsageError
from parity.project import MAX_REPLICAS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from parity.cluster.aws import Service
    from parity.cluster.protocol import Ability, Replica
    from parity.cluster.task import Json

POLL_SECONDS = 2.0  # ECS and ELBv2 throttle who asks much more often
STOP_SECONDS = 900  # deregistration delay, 300 by default, then the stop timeout, 120 at most
HEALTHY_SECONDS = 600  # image pull, start, and the target's health checks
ROLLOUT_SECONDS = 1800
BATCH = 100  # tasks, the most that one call describes
SUSPENDED = {
    "DynamicScalingInSuspended": True,
    "DynamicScalingOutSuspended": True,
    "ScheduledScalingSuspended": True,
}


@dataclass(frozen=True)
class Before:
    """What there was before the first `scale`: how many tasks, and what scaling was suspended."""

    desired: int
    suspended: Mapping[str, bool]


class Ecs:
    """The tasks of one ECS service; see Cluster for what each method promises."""

    abilities: frozenset[Ability] = frozenset()

    def __init__(self, service: Service, aws: Any) -> None:  # noqa: ANN401 - boto3 has no types
        self._where = service
        with calling("reach AWS"):
            self._ecs = aws.client("ecs")
            self._elb = aws.client("elbv2")
            self._scaling = aws.client("application-autoscaling")
            self._logs = TaskLogs(aws.client("logs"))
        self._numbers: dict[str, int] = {}
        self._definitions: dict[str, Json] = {}
        self._before: Before | None = None

    @classmethod
    def of_stack(cls, stack: str) -> Ecs:
        """Return the driver of a stack, with credentials and region as the AWS CLI finds them."""
        aws = session()
        return cls(find_service(aws, stack), aws)

    def url(self) -> str:
        """Return the stack's Url output."""
        return self._where.url

    def is_sticky(self) -> bool:
        """Tell whether the target group keeps a browser on one task."""
        with calling("read the target group's attributes"):
            described = self._elb.describe_target_group_attributes(
                TargetGroupArn=self._where.target_group
            )
        return {"Key": "stickiness.enabled", "Value": "true"} in described["Attributes"]

    def replicas(self) -> list[Replica]:
        """Return the tasks by number; one call of CloudWatch Logs each, for the sessions."""
        tasks = read.shown(self._tasks(), self._service()["desiredCount"])
        targets = self._targets()
        replicas = [self._measured(task, targets) for task in tasks]
        return sorted(replicas, key=lambda replica: replica.number)

    def serving(self, which: int | str) -> Replica:
        """Return that task as it is now, for about an hour after its end, too."""
        return self._measured(self._find(which), self._targets())

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

    def start(self, which: int | str) -> None:
        """Wait until as many tasks run as shall: what ended does not come back, ECS replaces it."""
        self._find(which)

        def missing() -> str:
            desired = self._service()["desiredCount"]
            running = [each for each in self._wanted() if read.state_of(each) == "running"]
            return "" if len(running) >= desired else f"{len(running)} of {desired} tasks run"

        self._wait(missing, HEALTHY_SECONDS, "ECS did not replace what ended")

    def restart(self, which: int | str) -> None:
        """Stop it and wait until another runs in its place."""
        self.stop(which)
        self.start(which)

    def scale(self, replicas: int) -> None:
        """Set the service's desired count, with Application Auto Scaling suspended until `mend`.

        Suspended, not narrowed to that number: a schedule would write over minimum and maximum,
        and who is stopped before `mend` would leave them wrong with nobody to tell the right ones.
        """
        if not 1 <= replicas <= MAX_REPLICAS:
            raise UsageError(f"'{replicas}' is not a number of replicas from 1 to {MAX_REPLICAS}")
        suspended = self._suspended()
        self._before = self._before or Before(self._service()["desiredCount"], suspended or {})
        if suspended is not None:
            self._suspend(SUSPENDED)
        self._set_desired(replicas)

    def redeploy(self) -> None:
        """Force a new deployment of the same task definition, and wait until it is through."""
        old = {each["taskArn"] for each in self._wanted()}
        with calling("start a deployment"):
            updated = self._ecs.update_service(**self._names(), forceNewDeployment=True)
        primary = next(e for e in updated["service"]["deployments"] if e["status"] == "PRIMARY")

        def unfinished() -> str:
            service = self._service()
            if read.has_failed(service, primary):
                raise self._failed_rollout(service, primary)
            state = read.rollout(service, primary).get("rolloutState", "not listed yet")
            if state != "COMPLETED":
                return f"deployment {primary['id']} is {state}"
            kept = [each for each in self._wanted() if each["taskArn"] in old]
            return f"{len(kept)} old tasks run on" if kept else ""

        self._wait(unfinished, ROLLOUT_SECONDS, "the deployment did not end")
        self._wait_settled()

    def mend(self) -> None:
        """Bring back the desired count and the auto scaling there was before the first `scale`."""
        if self._before:
            self._set_desired(self._before.desired)
            if self._suspended() is not None:
                self._suspend({name: self._before.suspended.get(name, False) for name in SUSPENDED})
            self._before = None
        self._wait_settled()

    def logs(self, which: int | str, *, tail: int | None = None) -> str:
        """Return what it wrote, as CloudWatch Logs has it: some seconds late."""
        group, stream = self._stream(self._find(which))
        if not group:
            raise ParityError(
                f"the container '{read.CONTAINER}' does not log to CloudWatch Logs",
                hint=f"parity status --stack {self._where.stack}",
            )
        logs = self._logs
        lines = logs.read(group, stream) if tail is None else logs.last(group, stream, tail)
        return "".join(f"{line}\n" for line in lines)

    def wait_healthy(
        self, timeout: float = HEALTHY_SECONDS, *, only: int | str | None = None
    ) -> None:
        """Wait until as many tasks as shall are healthy targets; or one task only.

        One that has ended or is about to stands for whatever replaces it: then all are waited for.
        """

        def sick() -> str:
            chosen = None if only is None else self._find(only)
            if chosen is not None and read.is_wanted(chosen):
                return self._sick([chosen])
            desired, wanted = self._service()["desiredCount"], self._wanted()
            counted = "" if len(wanted) == desired else f"{len(wanted)} of {desired} tasks"
            return ", ".join(filter(None, [counted, self._sick(wanted)]))

        self._wait(sick, timeout, "not healthy")

    def wait_out_of_rotation(self, which: int | str, timeout: float = HEALTHY_SECONDS) -> None:
        """Wait until its target is unhealthy beside a healthy one, draining or deregistered."""
        task = self._find(which)
        own = read.address(task)

        def in_rotation() -> str:
            targets = self._targets()
            return f"target {own} is {targets[own]}" if read.takes_requests(own, targets) else ""

        self._wait(in_rotation, timeout, f"{read.hostname(task)} was not taken out of rotation")

    def _stop(self, which: int | str, *, reason: str) -> None:
        arn = self._find(which)["taskArn"]
        with calling(f"stop the task {read.last_part(arn)}"):
            self._ecs.stop_task(cluster=self._where.cluster, task=arn, reason=reason)

        def alive() -> str:
            left = [each for each in self._described([arn]) if not read.has_exited(each)]
            return f"the task is {left[0]['lastStatus']}" if left else ""

        self._wait(alive, STOP_SECONDS, f"replica '{which}' did not end")

    def _set_desired(self, replicas: int) -> None:
        with calling(f"set the desired count to {replicas}"):
            self._ecs.update_service(**self._names(), desiredCount=replicas)
        self._wait_settled()

    def _wait_settled(self) -> None:
        """Wait until all are healthy and those that have to go are gone."""
        self.wait_healthy(ROLLOUT_SECONDS)

        def leaving() -> str:
            left = [
                each
                for each in self._tasks()
                if not read.is_wanted(each) and not read.has_exited(each)
            ]
            return ", ".join(f"{read.hostname(each)} is {each['lastStatus']}" for each in left)

        self._wait(leaving, STOP_SECONDS, "tasks did not end")

    def _sick(self, tasks: list[Json]) -> str:
        targets = self._targets()
        conditions = {
            read.hostname(each) or read.identity(each): (
                read.state_of(each),
                read.health_of(each, targets.get(read.address(each))),
            )
            for each in tasks
        }
        return ", ".join(
            f"{name}: {' '.join(condition).strip()}"
            for name, condition in conditions.items()
            if condition != ("running", "healthy")
        )

    def _suspended(self) -> dict[str, bool] | None:
        """Return what of the scaling is suspended; None where the service has no auto scaling."""
        with calling("read the scalable target"):
            described = self._scaling.describe_scalable_targets(
                ServiceNamespace="ecs",
                ResourceIds=[self._resource()],
                ScalableDimension="ecs:service:DesiredCount",
            )
        found = described["ScalableTargets"]
        return dict(found[0].get("SuspendedState") or {}) if found else None

    def _suspend(self, state: Mapping[str, bool]) -> None:
        with calling("suspend or resume auto scaling"):
            self._scaling.register_scalable_target(
                ServiceNamespace="ecs",
                ResourceId=self._resource(),
                ScalableDimension="ecs:service:DesiredCount",
                SuspendedState=dict(state),
            )

    def _resource(self) -> str:
        return f"service/{self._where.cluster}/{self._where.name}"

    def _names(self) -> dict[str, str]:
        return {"cluster": self._where.cluster, "service": self._where.name}

    def _service(self) -> Json:
        with calling(f"describe the service '{self._where.name}'"):
            described = self._ecs.describe_services(
                cluster=self._where.cluster, services=[self._where.name]
            )
        for service in described["services"]:
            if service["status"] != "INACTIVE":  # which ECS goes on telling of a deleted one
                found: Json = service
                return found
        raise ParityError(
            f"the cluster '{self._where.cluster}' has no service '{self._where.name}'",
            hint=f"parity status --stack {self._where.stack}",
        )

    def _tasks(self) -> list[Json]:
        """Return all that ECS still tells of, and give each a number that has none yet."""
        arns: list[str] = []
        with calling("list the tasks"):
            pages = self._ecs.get_paginator("list_tasks")
            for status in ("RUNNING", "STOPPED"):
                given = {"cluster": self._where.cluster, "serviceName": self._where.name}
                for page in pages.paginate(**given, desiredStatus=status):
                    arns += page["taskArns"]
        tasks = read.in_order(self._described(list(dict.fromkeys(arns))))
        for task in tasks:
            self._numbers.setdefault(task["taskArn"], len(self._numbers) + 1)
        return tasks

    def _described(self, arns: list[str]) -> list[Json]:
        tasks: list[Json] = []
        with calling("describe the tasks"):
            for start in range(0, len(arns), BATCH):
                some = arns[start : start + BATCH]
                tasks += self._ecs.describe_tasks(cluster=self._where.cluster, tasks=some)["tasks"]
        return tasks

    def _wanted(self) -> list[Json]:
        return [task for task in self._tasks() if read.is_wanted(task)]

    def _targets(self) -> dict[str, str]:
        """Return the state of each registered target by its address."""
        with calling("read the targets' health"):
            described = self._elb.describe_target_health(TargetGroupArn=self._where.target_group)
        return {
            each["Target"]["Id"]: each["TargetHealth"]["State"]
            for each in described["TargetHealthDescriptions"]
        }

    def _find(self, which: int | str) -> Json:
        """Return the task that is meant; of two that had the same address, the newer."""
        tasks = self._tasks()
        for task in tasks:
            if self._numbers[task["taskArn"]] == which:
                return task
        for task in sorted(tasks, key=read.created_at, reverse=True):
            if isinstance(which, str) and read.is_called(task, which):
                return task
        known = ", ".join(
            f"{self._numbers[task['taskArn']]} ({read.hostname(task) or read.identity(task)})"
            for task in read.shown(tasks, self._service()["desiredCount"])
        )
        raise UsageError(
            f"there is no replica '{which}'; there are {known or 'none'}",
            hint=f"parity status --stack {self._where.stack}",
        )

    def _measured(self, task: Json, targets: Mapping[str, str]) -> Replica:
        group, stream = self._stream(task)
        opened = self._logs.read(group, stream, containing=SESSION_OPENED) if group else []
        return read.replica(
            task,
            number=self._numbers[task["taskArn"]],
            target=targets.get(read.address(task)),
            log="\n".join(opened).encode(),
        )

    def _stream(self, task: Json) -> tuple[str, str]:
        arn = task["taskDefinitionArn"]
        if arn not in self._definitions:
            with calling(f"read the task definition {arn}"):
                described = self._ecs.describe_task_definition(taskDefinition=arn)
            self._definitions[arn] = described["taskDefinition"]
        return read.log_stream(self._definitions[arn], task)

    def _failed_rollout(self, service: Json, deployment: Json) -> ParityError:
        events = [event["message"] for event in reversed(service.get("events", [])[:5])]
        reason = read.rollout(service, deployment).get("rolloutStateReason", "it was replaced")
        return ParityError(
            f"the deployment {deployment['id']} failed: {reason}",
            hint=f"parity status --stack {self._where.stack}",
            detail="\n".join(events),
        )

    def _wait(self, problem: Callable[[], str], timeout: float, what: str) -> None:
        hint = f"parity status --stack {self._where.stack}"
        wait_until_none(problem, timeout, every=POLL_SECONDS, what=what, hint=hint)


def _impossible(verb: str, which: int | str) -> ParityError:
    return ParityError(
        f"ECS cannot {verb} a task, so replica '{which}' is as it was",
        hint="do it to the local stack: scripts/up",
    )
