"""A task definition becomes Docker's arguments whole, or not at all."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from botocore.session import Session

from parity.deploy.template import read_template
from parity.rehearsal.fargate.said import UnknownSettingError
from parity.rehearsal.fargate.translate import Mount, translate
from parity.rehearsal.stacks.fit import fit
from parity.template.resolve import resolve

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGE = "127.0.0.1:5000/chat@sha256:" + "0" * 64
# As DescribeTaskDefinition gives it.
DEFINITION: dict[str, Any] = {
    "taskDefinitionArn": "arn:aws:ecs:us-east-1:123456789012:task-definition/chat:1",
    "family": "chat",
    "revision": 1,
    "status": "ACTIVE",
    "compatibilities": ["EC2", "FARGATE"],
    "requiresCompatibilities": ["FARGATE"],
    "networkMode": "awsvpc",
    "cpu": "256",
    "memory": "512",
    "runtimePlatform": {"operatingSystemFamily": "LINUX", "cpuArchitecture": "X86_64"},
    "taskRoleArn": "arn:aws:iam::123456789012:role/task",
    "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
    "placementConstraints": [],
    "volumes": [
        {
            "name": "data",
            "efsVolumeConfiguration": {
                "fileSystemId": "fs-1",
                "transitEncryption": "ENABLED",
                "authorizationConfig": {"accessPointId": "fsap-1", "iam": "ENABLED"},
            },
        }
    ],
    "containerDefinitions": [
        {
            "name": "app",
            "image": IMAGE,
            "cpu": 0,
            "essential": True,
            "user": "10001:10001",
            "readonlyRootFilesystem": True,
            "portMappings": [{"containerPort": 8501, "hostPort": 8501, "protocol": "tcp"}],
            "mountPoints": [{"sourceVolume": "data", "containerPath": "/mnt/data"}],
            "volumesFrom": [],
            "linuxParameters": {
                "initProcessEnabled": True,
                "capabilities": {"drop": ["ALL"]},
                "tmpfs": [{"containerPath": "/tmp", "size": 128, "mountOptions": ["noexec"]}],  # noqa: S108 - in a container
            },
            "stopTimeout": 20,
            "healthCheck": {"command": ["CMD", "check"], "interval": 10, "startPeriod": 60},
            "environment": [{"name": "SESSION_ROOT", "value": "/mnt/data"}],
            "secrets": [{"name": "SECRET", "valueFrom": "arn:aws:secretsmanager:x"}],
            "dockerLabels": {"parity.receipt": "r1"},
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {"awslogs-group": "g", "awslogs-stream-prefix": "p", "mode": "blocking"},
            },
        }
    ],
}


def container(definition: dict[str, Any]) -> dict[str, Any]:
    """Return the definition's one container."""
    only: dict[str, Any] = definition["containerDefinitions"][0]
    return only


def test_everything_that_is_said_arrives() -> None:
    """Limits in Docker's units, the check's times in nanoseconds, no swap beside the memory."""
    plan = translate(DEFINITION)

    assert plan.arguments == {
        "platform": "linux/amd64",
        "nano_cpus": 250_000_000,
        "mem_limit": 512 * 1024**2,
        "memswap_limit": 512 * 1024**2,
        "user": "10001:10001",
        "read_only": True,
        "environment": {"SESSION_ROOT": "/mnt/data"},
        "labels": {"parity.receipt": "r1"},
        "ports": {"8501/tcp": ("127.0.0.1", None)},
        "healthcheck": {
            "test": ["CMD", "check"],
            "interval": 10 * 10**9,
            "timeout": 5 * 10**9,
            "retries": 3,
            "start_period": 60 * 10**9,
        },
        "init": True,
        "ulimits": [],
        "cap_add": [],
        "cap_drop": ["ALL"],
        "tmpfs": {"/tmp": "size=128m,noexec"},  # noqa: S108 - as above
    }
    assert (plan.container, plan.image, plan.ports) == ("app", IMAGE, (8501,))
    assert plan.secrets == {"SECRET": "arn:aws:secretsmanager:x"}
    assert plan.mounts == (Mount("fs-1", "fsap-1", "/mnt/data", read_only=False),)
    assert (plan.log_group, plan.log_prefix, plan.stop_seconds) == ("g", "p", 20)


def test_containers_own_limits_arrive() -> None:
    """Of the task's memory it may have less, never more; a ulimit has its own name."""
    definition = copy.deepcopy(DEFINITION)
    limit = {"name": "nofile", "softLimit": 1024, "hardLimit": 2048}
    container(definition).update(memory=128, memoryReservation=64, cpu=128, ulimits=[limit])
    arguments = translate(definition).arguments

    assert (arguments["mem_limit"], arguments["memswap_limit"]) == (128 * 1024**2, 128 * 1024**2)
    assert arguments["mem_reservation"] == 64 * 1024**2
    assert arguments["ulimits"] == [{"Name": "nofile", "Soft": 1024, "Hard": 2048}]
    container(definition).update(memory=1024)
    assert translate(definition).arguments["mem_limit"] == 512 * 1024**2


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "a key of the task": lambda task: task.update(pidMode="task"),
    "a second container": lambda task: task["containerDefinitions"].append({"name": "proxy"}),
    "another network mode": lambda task: task.update(networkMode="host"),
    "another processor": lambda task: task["runtimePlatform"].update(cpuArchitecture="RISCV"),
    "another kind of volume": lambda task: task["volumes"].append({"name": "x", "host": {"a": 1}}),
    "an EFS root directory": lambda task: task["volumes"][0]["efsVolumeConfiguration"].update(
        rootDirectory="/other"
    ),
    "a key of the container": lambda task: container(task).update(privileged=True),
    "a mount of no volume": lambda task: container(task).update(
        mountPoints=[{"sourceVolume": "other", "containerPath": "/x"}]
    ),
    "another host port": lambda task: container(task)["portMappings"][0].update(hostPort=80),
    "a key of Linux": lambda task: container(task)["linuxParameters"].update(swappiness=1),
    "a key of the check": lambda task: container(task)["healthCheck"].update(jitter=1),
    "another log driver": lambda task: container(task)["logConfiguration"].update(
        logDriver="splunk"
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_not_understood_is_an_error_and_never_dropped(
    change: Callable[[dict[str, Any]], object],
) -> None:
    """A setting that Docker was not given would be a rehearsal of something else."""
    definition = copy.deepcopy(DEFINITION)
    change(definition)

    with pytest.raises(UnknownSettingError):
        translate(definition)


def test_without_a_health_check_the_images_own_does_not_count() -> None:
    """ECS does not read it, so a task definition without one has none."""
    definition = copy.deepcopy(DEFINITION)
    del container(definition)["healthCheck"]

    assert translate(definition).arguments["healthcheck"] == {"test": ["NONE"]}


def test_nothing_is_given_that_is_not_said() -> None:
    """No user, no tmpfs, a writable root: then Docker's defaults are what ECS would do, too."""
    definition = copy.deepcopy(DEFINITION)
    for name in ("user", "readonlyRootFilesystem", "linuxParameters"):
        del container(definition)[name]
    arguments = translate(definition).arguments

    assert "user" not in arguments
    assert (arguments["read_only"], arguments["init"], arguments["tmpfs"]) == (False, False, {})


@pytest.mark.parametrize("parameters", [{}, {"EnableExecuteCommand": "on"}])
def test_the_templates_own_task_definition_is_understood_whole(parameters: dict[str, str]) -> None:
    """All of it, as RegisterTaskDefinition takes it, with and without Exec."""
    image = {"ImageUri": IMAGE}
    resolved = resolve(
        read_template().parsed,
        image | parameters,
        region="us-east-1",
        account="123456789012",
        stack_name="chat",
    )
    properties = resolved.resources["TaskDefinition"].properties
    model: Any = Session().get_service_model("ecs")
    shape = model.operation_model("RegisterTaskDefinition").input_shape
    plan = translate(fit(shape, literal(properties), "t"))

    assert plan.image == IMAGE
    assert plan.arguments["read_only"] is not bool(parameters)


def literal(value: Any) -> Any:  # noqa: ANN401 - any value of a template
    """Return a value with its references as text."""
    if isinstance(value, dict):
        return {name: literal(item) for name, item in value.items()}
    if isinstance(value, list):
        return [literal(item) for item in value]
    return value if isinstance(value, str | int | float | bool) else str(value)
