"""What ECS and ELBv2 say of a task is read as their documentation gives it.

The shapes are those of DescribeTasks on Fargate, DescribeServices and DescribeTargetHealth; moto
keeps no task's way to its end, no failing health check and no failed deployment.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from parity.cluster import task as read

STARTED = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ARN = "arn:aws:ecs:eu-central-1:123456789012:task/chat-cluster/0f9de17a6465404e8b1b2356dc13c2f8"
INTERFACE = {
    "subnetId": "subnet-1",
    "networkInterfaceId": "eni-1",
    "macAddress": "0a:98:eb:a7:29:ba",
    "privateDnsName": "ip-10-0-1-23.eu-central-1.compute.internal",
    "privateIPv4Address": "10.0.1.23",
}
OURS = {
    "status": "PRIMARY",
    "id": "ecs-svc/2",
    "rolloutState": "IN_PROGRESS",
    "createdAt": STARTED,
}
OLDER = OURS | {"id": "ecs-svc/1", "createdAt": STARTED - timedelta(hours=1)}
NEWER = OURS | {"id": "ecs-svc/3", "createdAt": STARTED + timedelta(minutes=5)}


def task(
    last: str = "RUNNING",
    interface: dict[str, str] | None = None,
    **other: Any,  # noqa: ANN401 - as the API has it
) -> dict[str, Any]:
    """Return a task as DescribeTasks does, with what matters here."""
    details = [{"name": k, "value": v} for k, v in (interface or INTERFACE).items()]
    return {
        "taskArn": ARN,
        "lastStatus": last,
        "desiredStatus": "RUNNING",
        "createdAt": STARTED,
        "startedAt": STARTED + timedelta(seconds=30),
        "attachments": [
            {"id": "a", "type": "ElasticNetworkInterface", "status": "ATTACHED", "details": details}
        ],
        "containers": [{"name": "app", "lastStatus": last, "healthStatus": "HEALTHY"}],
    } | other


def ended(minute: int, **other: object) -> dict[str, Any]:
    """Return a task that stopped so many minutes after it was created."""
    stopped = {"desiredStatus": "STOPPED", "stoppedAt": STARTED + timedelta(minutes=minute)}
    return task("STOPPED", taskArn=f"task/stopped-{minute}") | stopped | other


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("PROVISIONING", "created"),
        ("PENDING", "created"),
        ("ACTIVATING", "created"),
        ("RUNNING", "running"),
        ("DEACTIVATING", "stopping"),
        ("STOPPING", "stopping"),
        ("DEPROVISIONING", "exited"),
        ("STOPPED", "exited"),
        ("DELETED", "exited"),
        ("HIBERNATING", "hibernating"),
    ],
)
def test_life_of_a_task_is_told_in_the_words_of_a_replica(status: str, state: str) -> None:
    """It counts as ended once nothing of it runs; a status yet unknown is shown as it is."""
    assert read.state_of(task(status)) == state
    assert read.has_exited(task(status)) == (state == "exited")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ip-10-0-1-23.eu-central-1.compute.internal", True),
        ("ip-10-0-1-23.ec2.internal", True),
        ("ip-10-0-1-23", True),
        ("0f9de17a6465404e8b1b2356dc13c2f8", True),
        ("ip-10-0-1-2.eu-central-1.compute.internal", False),
        ("ip-10-0-12-3.eu-central-1.compute.internal", False),
        ("10.0.1.23", False),
        ("", False),
    ],
)
def test_host_name_means_the_task_that_has_its_address(name: str, *, meant: bool) -> None:
    """Whatever domain the VPC appends."""
    assert read.is_called(task(), name) == meant


def test_host_name_is_derived_where_the_vpc_gives_none() -> None:
    """A VPC with DNS host names turned off."""
    bare = task(interface={"privateIPv4Address": "10.0.1.23"})
    assert read.hostname(bare) == "ip-10-0-1-23"
    assert read.is_called(bare, "ip-10-0-1-23")


def test_task_without_an_interface_yet_is_called_by_its_id_alone() -> None:
    """No empty address matches an empty name."""
    fresh = task("PROVISIONING", attachments=[])
    assert (read.address(fresh), read.hostname(fresh)) == ("", "")
    assert not read.is_called(fresh, "")
    assert read.is_called(fresh, read.identity(fresh))


@pytest.mark.parametrize(
    ("target", "health"),
    [
        ("initial", "starting"),
        ("healthy", "healthy"),
        ("unhealthy", "unhealthy"),
        ("draining", ""),
        ("unhealthy.draining", ""),
        ("unused", ""),
        ("unavailable", ""),
        (None, "starting"),
    ],
)
def test_health_is_what_the_load_balancer_says(target: str | None, health: str) -> None:
    """A target that is not checked has no health; one to be registered is starting."""
    assert read.health_of(task(), target) == health


def test_failing_container_check_outweighs_the_load_balancer() -> None:
    """ECS is about to replace that task."""
    failing = task(containers=[{"name": "app", "healthStatus": "UNHEALTHY"}])
    assert read.health_of(failing, "healthy") == "unhealthy"


@pytest.mark.parametrize("status", ["PENDING", "STOPPING", "STOPPED"])
def test_task_that_does_not_run_has_no_health(status: str) -> None:
    """Its target may still be called healthy for a moment, or another's by now."""
    assert read.health_of(task(status), "healthy") == ""


@pytest.mark.parametrize(
    ("targets", "taken"),
    [
        ({"a": "healthy"}, True),
        ({"a": "unhealthy", "b": "healthy"}, False),
        ({"a": "initial", "b": "healthy"}, False),
        ({"a": "draining", "b": "healthy"}, False),
        ({"a": "unhealthy", "b": "unhealthy"}, True),
        ({"a": "draining", "b": "unhealthy"}, False),
        ({"a": "unhealthy.draining"}, False),
        ({"b": "unhealthy"}, False),
        ({}, False),
    ],
)
def test_load_balancer_sends_to_healthy_targets_or_failing_those_to_any(
    targets: dict[str, str], *, taken: bool
) -> None:
    """It fails open; what is draining gets nothing new in any case."""
    assert read.takes_requests("a", targets) == taken


def test_replica_tells_the_exit_code_of_what_ended_only() -> None:
    """137 is a SIGKILL after the grace period; a container that never started has none."""
    dead = ended(1, containers=[{"name": "app", "exitCode": 137}])
    told = read.replica(dead, number=3, target=None, log=b"")
    assert (told.state, told.exit_code, told.number) == ("exited", 137, 3)
    assert read.replica(ended(1), number=1, target=None, log=b"").exit_code is None
    running = read.replica(task(), number=1, target="healthy", log=b"")
    assert (running.exit_code, running.memory) == (None, None)
    assert running.started_at == STARTED + timedelta(seconds=30)


def test_only_the_dead_that_are_not_replaced_are_replicas() -> None:
    """The last ones; ECS tells of all that ended within the hour."""
    alive, leaving = task(), task("DEACTIVATING", taskArn="task/leaving")
    dead = [ended(1), ended(3), ended(2)]
    names = [read.identity(each) for each in read.shown([*dead, alive], desired=3)]
    assert names == [read.identity(alive), "stopped-3", "stopped-2"]
    assert read.shown([*dead, alive, leaving], desired=2) == [alive, leaving]
    assert read.shown([*dead, alive], desired=0) == [alive]


def test_tasks_are_numbered_alive_first_and_by_age() -> None:
    """What ran before is not what one means by 1."""
    young = task(createdAt=STARTED + timedelta(hours=1), taskArn="task/young")
    assert read.in_order([ended(1), young, task()]) == [task(), young, ended(1)]


def test_task_told_to_stop_is_not_wanted_though_it_runs() -> None:
    """It drains, and its replacement is on its way."""
    assert read.is_wanted(task())
    assert read.is_wanted(task("PENDING"))
    assert not read.is_wanted(task(desiredStatus="STOPPED"))
    assert not read.is_wanted(task("STOPPED"))


@pytest.mark.parametrize(
    ("deployments", "failed"),
    [
        ([OURS, OLDER | {"status": "ACTIVE"}], False),
        ([OURS | {"rolloutState": "COMPLETED"}], False),
        ([OURS | {"rolloutState": "FAILED"}], True),
        ([NEWER, OURS | {"status": "ACTIVE"}], True),
        ([NEWER], True),
        ([OLDER], False),
    ],
)
def test_deployment_failed_or_rolled_back_is_told_from_one_under_way(
    deployments: list[dict[str, Any]], *, failed: bool
) -> None:
    """The circuit breaker marks it FAILED, then makes one of the old definition primary."""
    assert read.has_failed({"deployments": deployments}, OURS) is failed


def test_target_that_drains_is_told_with_reason_and_zone() -> None:
    """As DescribeTargetHealth has it; a healthy one has neither."""
    described = {
        "Target": {"Id": "10.0.1.23", "Port": 8501, "AvailabilityZone": "eu-central-1a"},
        "TargetHealth": {
            "State": "draining",
            "Reason": "Target.DeregistrationInProgress",
            "Description": "Target deregistration is in progress",
        },
    }
    found = read.target(described, 2, "ip-10-0-1-23")
    assert (found.address, found.port, found.zone) == ("10.0.1.23", 8501, "eu-central-1a")
    assert (found.state, found.reason) == ("draining", "Target.DeregistrationInProgress")
    assert (found.replica, found.outstanding) == (2, None)
    healthy = {
        "Target": {"Id": "10.0.1.23", "Port": 8501},
        "TargetHealth": {"State": "healthy"},
    }
    found = read.target(healthy, None, "")
    assert (found.zone, found.reason, found.description, found.replica) == ("", "", "", None)
