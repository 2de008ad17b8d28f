"""The tasks of an ECS service: what each runs, where, how it ended, and its log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parity.aws.errors import plainly
from parity.aws.task_log import CONTAINER, TaskLogs, log_stream

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from parity.aws.account import Account

PAGE = 100
GOOD_ENDS = ("ServiceSchedulerInitiated", "UserInitiated", "")


@dataclass(frozen=True)
class Task:
    """A task at one moment.

    digest: of the image that its container `app` runs, as ECS pulled it. health: HEALTHY, UNHEALTHY
    or UNKNOWN. stop_code, stopped_reason, container_reason, exit_code: how it ended, if it has.
    """

    id: str
    zone: str
    status: str
    health: str
    digest: str
    task_definition: str
    stop_code: str = ""
    stopped_reason: str = ""
    container_reason: str = ""
    exit_code: int | None = None
    stopped_at: datetime | None = None

    @property
    def failed(self) -> bool:
        """Whether it ended otherwise than by being told to for scaling or a rollout."""
        if self.status != "STOPPED":
            return False
        unhealthy = "health check" in self.stopped_reason.lower()
        return unhealthy or self.stop_code not in GOOD_ENDS


def read_tasks(
    account: Account, cluster: str, service: str, desired: str = "RUNNING"
) -> list[Task]:
    """Return the tasks of a service whose desired status is RUNNING, or STOPPED (for an hour)."""
    ecs = account.client("ecs")
    with plainly():
        pages = ecs.get_paginator("list_tasks").paginate(
            cluster=cluster, serviceName=service, desiredStatus=desired
        )
        arns = [arn for page in pages for arn in page["taskArns"]]
        described = [
            task
            for first in range(0, len(arns), PAGE)
            for task in ecs.describe_tasks(cluster=cluster, tasks=arns[first : first + PAGE])[
                "tasks"
            ]
        ]
    return sorted((parse(task) for task in described), key=lambda task: task.id)


def parse(task: Mapping[str, Any]) -> Task:
    """Return a task from ECS's description of it."""
    containers = task.get("containers", [])
    app: Mapping[str, Any] = next(
        (each for each in containers if each.get("name") == CONTAINER), {}
    )
    return Task(
        id=str(task["taskArn"]).rpartition("/")[2],
        zone=str(task.get("availabilityZone", "")),
        status=str(task.get("lastStatus", "")),
        health=str(task.get("healthStatus", "UNKNOWN")),
        digest=str(app.get("imageDigest", "")),
        task_definition=str(task.get("taskDefinitionArn", "")),
        stop_code=str(task.get("stopCode", "")),
        stopped_reason=str(task.get("stoppedReason", "")),
        container_reason=str(app.get("reason", "")),
        exit_code=app.get("exitCode"),
        stopped_at=task.get("stoppedAt"),
    )


def reasons(task: Task) -> str:
    """Return why a task ended, in ECS's words."""
    code = "" if task.exit_code is None else f"exit code {task.exit_code}"
    parts = (task.stopped_reason, code, task.container_reason)
    return "; ".join(dict.fromkeys(part for part in parts if part)) or "stopped"


def log_tail(account: Account, task: Task, lines: int) -> str:
    """Return the last lines of a task's log, found through its task definition; empty if none."""
    with plainly():
        definition = account.client("ecs").describe_task_definition(
            taskDefinition=task.task_definition
        )["taskDefinition"]
    where = log_stream(definition, task.id)
    last = TaskLogs(account).last(*where, lines) if where else []
    return "\n".join(f"  {line.rstrip()}" for line in last)
