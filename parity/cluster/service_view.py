"""A service as ECS and its load balancer tell of it now; nothing here changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.aws.errors import plainly
from parity.aws.task_log import CONTAINER, TaskLogs, log_stream
from parity.cluster import task as read
from parity.errors import ParityError

if TYPE_CHECKING:
    from parity.aws.account import Account
    from parity.cluster.service import Service
    from parity.cluster.task import Json

BATCH = 100  # tasks, the most that one call describes


class ServiceView:
    """One service: its description, its tasks' descriptions, its targets, its logs."""

    def __init__(self, account: Account, where: Service) -> None:
        self.where = where
        self.logs = TaskLogs(account)
        self._ecs = account.client("ecs")
        self._elb = account.client("elbv2")
        self._definitions: dict[str, Json] = {}

    @property
    def names(self) -> dict[str, str]:
        """How ECS's calls name the service."""
        return {"cluster": self.where.cluster, "service": self.where.name}

    def is_sticky(self) -> bool:
        """Tell whether the target group keeps a browser on one task."""
        with plainly():
            described = self._elb.describe_target_group_attributes(
                TargetGroupArn=self.where.target_group
            )
        return {"Key": "stickiness.enabled", "Value": "true"} in described["Attributes"]

    def service(self) -> Json:
        """Return the description of the service. Raises ParityError when it is deleted."""
        with plainly():
            described = self._ecs.describe_services(
                cluster=self.where.cluster, services=[self.where.name]
            )
        for service in described["services"]:
            if service["status"] != "INACTIVE":  # which ECS goes on telling of a deleted one
                found: Json = service
                return found
        raise ParityError(
            f"the cluster '{self.where.cluster}' has no service '{self.where.name}'",
            hint=self.where.hint,
        )

    def desired(self) -> int:
        """Return how many tasks there shall be."""
        return int(self.service()["desiredCount"])

    def tasks(self) -> list[Json]:
        """Return all tasks of the service that ECS still tells of: those alive first, then by age.

        One that was started by hand is not the service's, and is not among them.
        """
        arns: list[str] = []
        given = {"cluster": self.where.cluster, "serviceName": self.where.name}
        with plainly():
            pages = self._ecs.get_paginator("list_tasks")
            for status in ("RUNNING", "STOPPED"):
                for page in pages.paginate(**given, desiredStatus=status):
                    arns += page["taskArns"]
        return read.in_order(self.described(list(dict.fromkeys(arns))))

    def described(self, arns: list[str]) -> list[Json]:
        """Return the tasks of these ARNs, without those that ECS has forgotten."""
        tasks: list[Json] = []
        with plainly():
            for start in range(0, len(arns), BATCH):
                some = arns[start : start + BATCH]
                tasks += self._ecs.describe_tasks(cluster=self.where.cluster, tasks=some)["tasks"]
        return tasks

    def wanted(self) -> list[Json]:
        """Return the tasks that are to run."""
        return [task for task in self.tasks() if read.is_wanted(task)]

    def targets(self) -> dict[str, str]:
        """Return the state of each registered target by its address."""
        return {
            each["Target"]["Id"]: each["TargetHealth"]["State"] for each in self.target_health()
        }

    def target_health(self) -> list[Json]:
        """Return the description of each registered target's health."""
        with plainly():
            described = self._elb.describe_target_health(TargetGroupArn=self.where.target_group)
        found: list[Json] = described["TargetHealthDescriptions"]
        return found

    def stream(self, task: Json) -> tuple[str, str] | None:
        """Return log group and stream of a task; None if it logs elsewhere."""
        arn = task["taskDefinitionArn"]
        if arn not in self._definitions:
            with plainly():
                described = self._ecs.describe_task_definition(taskDefinition=arn)
            self._definitions[arn] = described["taskDefinition"]
        return log_stream(self._definitions[arn], read.identity(task))

    def needed_stream(self, task: Json) -> tuple[str, str]:
        """Return log group and stream of a task. Raises ParityError if it logs elsewhere."""
        if found := self.stream(task):
            return found
        raise ParityError(
            f"the container '{CONTAINER}' does not log to CloudWatch Logs", hint=self.where.hint
        )
