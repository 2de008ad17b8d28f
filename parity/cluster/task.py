"""Read what ECS and the load balancer say of a task: pure functions over their own JSON."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from parity.aws.task_log import CONTAINER
from parity.cluster.container import sessions
from parity.cluster.protocol import Replica, Target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json = dict[str, Any]

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
STATES = {
    "PROVISIONING": "created",
    "PENDING": "created",
    "ACTIVATING": "created",
    "RUNNING": "running",
    "DEACTIVATING": "stopping",
    "STOPPING": "stopping",
    "DEPROVISIONING": "exited",  # its containers have ended, its network interface goes
    "STOPPED": "exited",
    "DELETED": "exited",
}
# The state of a target: anything else, such as draining, is no verdict on its health.
HEALTH = {"initial": "starting", "healthy": "healthy", "unhealthy": "unhealthy"}


def replica(task: Json, *, number: int, target: str | None, log: bytes) -> Replica:
    """Return the replica that a task is, from its description, its target's state and its log.

    ECS tells the memory of a service, not of a task.
    """
    return Replica(
        number=number,
        name=identity(task),
        hostname=hostname(task),
        state=state_of(task),
        health=health_of(task, target),
        exit_code=_container(task).get("exitCode") if has_exited(task) else None,
        started_at=task.get("startedAt"),
        memory=None,
        sessions=len(sessions(log)),
    )


def target(described: Json, number: int | None, hostname: str) -> Target:
    """Return a target from its entry in DescribeTargetHealth and the task that has its address."""
    where, health = described["Target"], described["TargetHealth"]
    return Target(
        address=where["Id"],
        port=where["Port"],
        replica=number,
        hostname=hostname,
        zone=where.get("AvailabilityZone", ""),
        state=health["State"],
        reason=health.get("Reason", ""),
        description=health.get("Description", ""),
        outstanding=None,
    )


def identity(task: Json) -> str:
    """Return the task's id, the last part of its ARN."""
    return last_part(task["taskArn"])


def last_part(arn: str) -> str:
    """Return what comes after the last slash; a bare name is returned as it is."""
    return arn.rsplit("/", 1)[-1]


def state_of(task: Json) -> str:
    """Return the state in the words of Replica."""
    status = str(task["lastStatus"])
    return STATES.get(status, status.lower())


def has_exited(task: Json) -> bool:
    """Tell whether nothing of the task runs any more."""
    return state_of(task) == "exited"


def is_wanted(task: Json) -> bool:
    """Tell whether ECS means the task to run, whether or not it does already."""
    return task["desiredStatus"] == "RUNNING" and not has_exited(task)


def created_at(task: Json) -> datetime:
    """Return when ECS accepted the task."""
    moment: datetime | None = task.get("createdAt")
    return moment or datetime.min.replace(tzinfo=UTC)


def address(task: Json) -> str:
    """Return the private IPv4 address; empty while the task has no network interface yet."""
    return _interface(task).get("privateIPv4Address", "")


def hostname(task: Json) -> str:
    """Return the host name that the container sees: the private DNS name of its interface.

    A VPC without DNS host names tells none; Fargate then names the host after the address alone.
    """
    given = _interface(task).get("privateDnsName", "")
    own = address(task)
    return given or (f"ip-{own.replace('.', '-')}" if own else "")


def is_called(task: Json, name: str) -> bool:
    """Tell whether a host name or a task id is this task's.

    The domain behind `ip-10-0-1-23` depends on region and VPC, so only the address counts.
    """
    match = re.fullmatch(r"ip-(\d+)-(\d+)-(\d+)-(\d+)(\..+)?", name)
    by_address = match is not None and ".".join(match.group(1, 2, 3, 4)) == address(task)
    return by_address or (name != "" and name in (hostname(task), identity(task)))


def health_of(task: Json, target: str | None) -> str:
    """Return what the load balancer says, unless the container's own check says worse.

    target: the state of its target; None while it is not registered.
    """
    if state_of(task) != "running":
        return ""
    if _container(task).get("healthStatus") == "UNHEALTHY":
        return "unhealthy"
    if target is None:
        return "starting" if is_wanted(task) else ""
    return HEALTH.get(target, "")


def takes_requests(own: str, targets: Mapping[str, str]) -> bool:
    """Tell whether the load balancer may send a new request to an address.

    targets: state by address. With no healthy target at all an Application Load Balancer fails
    open: it sends requests to every target that is registered and not draining.
    """
    state = targets.get(own)
    if "healthy" in targets.values():
        return state == "healthy"
    return state in HEALTH


def in_order(tasks: Sequence[Json]) -> list[Json]:
    """Return the tasks as they are to be numbered: those alive first, then by age."""
    return sorted(tasks, key=lambda task: (has_exited(task), created_at(task)))


def shown(tasks: Sequence[Json], desired: int) -> list[Json]:
    """Return the tasks that are replicas now: all alive, and the last dead not yet replaced.

    ECS tells of a dead task for an hour and more, also of those that nobody misses.
    """
    alive = [task for task in tasks if not has_exited(task)]
    dead = [task for task in tasks if has_exited(task)]
    never = datetime.min.replace(tzinfo=UTC)
    dead.sort(key=lambda task: task.get("stoppedAt") or never, reverse=True)
    return alive + dead[: max(0, desired - len(alive))]


def rollout(service: Json, deployment: Json) -> Json:
    """Return a service's deployment as it is now; empty when ECS does not list it."""
    return next((each for each in service["deployments"] if each["id"] == deployment["id"]), {})


def has_failed(service: Json, deployment: Json) -> bool:
    """Tell whether a deployment failed, was rolled back, or gave way to a later one.

    One that is not listed and has no successor was begun a moment ago.
    """
    if found := rollout(service, deployment):
        return found.get("rolloutState") == "FAILED" or found["status"] != "PRIMARY"
    return any(each["createdAt"] > deployment["createdAt"] for each in service["deployments"])


def _container(task: Json) -> Json:
    containers: list[Json] = task.get("containers", [])
    return next((each for each in containers if each.get("name") == CONTAINER), {})


def _interface(task: Json) -> dict[str, str]:
    for attachment in task.get("attachments", []):
        if attachment["type"] in ("ElasticNetworkInterface", "eni"):
            return {each["name"]: each.get("value", "") for each in attachment["details"]}
    return {}
