"""A registered task definition as arguments for Docker: all that it says, or an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from docker.types import Ulimit

from parity.rehearsal.fargate.said import Said

if TYPE_CHECKING:
    from collections.abc import Mapping

CPU_UNITS = 1024  # of one processor
SECOND = 1_000_000_000  # nanoseconds, in which Docker counts
MEBIBYTE = 1024 * 1024
PLATFORMS = {"X86_64": "linux/amd64", "ARM64": "linux/arm64"}
STOP_SECONDS = 30  # ECS's default stopTimeout
HEALTH_CHECK = {"interval": 30, "timeout": 5, "startPeriod": 0}  # seconds; ECS's defaults
HEALTH_RETRIES = 3  # as above
# What ECS adds to the definition that was registered; it asks nothing of whoever runs it.
OF_THE_REGISTRATION = (
    *("taskDefinitionArn", "family", "revision", "status", "registeredAt", "registeredBy"),
    *("compatibilities", "requiresAttributes", "placementConstraints", "tags"),
)


@dataclass(frozen=True)
class Mount:
    """An EFS file system in the container, through an access point. path: in the container."""

    file_system: str
    access_point: str
    path: str
    read_only: bool


@dataclass(frozen=True)
class TaskPlan:
    """One task as Docker is to run it.

    image: by digest. ports: that others may reach. arguments: all else, as the Docker SDK's
    `containers.create` takes it. secrets: ids in Secrets Manager by variable. log_group and
    log_prefix: where CloudWatch would find its log. stop_seconds: from SIGTERM to SIGKILL.
    """

    container: str
    image: str
    ports: tuple[int, ...]
    arguments: Mapping[str, Any]
    secrets: Mapping[str, str]
    mounts: tuple[Mount, ...]
    log_group: str
    log_prefix: str
    stop_seconds: int


def translate(definition: Mapping[str, Any]) -> TaskPlan:
    """Return how Docker runs a task definition, given as ECS describes it.

    Raises UnknownSettingError for anything in it that is not understood here.
    """
    with Said("taskDefinition", definition) as task:
        for name in OF_THE_REGISTRATION:
            task.take(name)
        # Needed to start and to call AWS; the rehearsal says of both that they are not proven.
        task.take("executionRoleArn")
        task.take("taskRoleArn")
        task.expect("requiresCompatibilities", ["FARGATE"])
        task.expect("networkMode", "awsvpc")
        cpu, memory = int(task.take("cpu")), int(task.take("memory")) * MEBIBYTE
        limits = {
            "nano_cpus": cpu * SECOND // CPU_UNITS,
            "mem_limit": memory,
        }
        platform = _platform(task.inner("runtimePlatform"))
        volumes = dict(_volume(volume) for volume in task.each("volumes"))
        containers = task.each("containerDefinitions")
        if len(containers) != 1:
            raise task.unknown("containerDefinitions", f"{len(containers)} containers")
        return _container(containers[0], volumes, limits | platform)


def _platform(said: Said) -> dict[str, str]:
    with said as platform:
        platform.expect("operatingSystemFamily", "LINUX")
        processor = platform.take("cpuArchitecture", "X86_64")
        if processor not in PLATFORMS:
            raise platform.unknown("cpuArchitecture", processor)
        return {"platform": PLATFORMS[processor]}


def _volume(said: Said) -> tuple[str, tuple[str, str]]:
    """Return name, file system and access point; any other kind of volume is unknown."""
    with said as volume:
        name = volume.take("name")
        with volume.inner("efsVolumeConfiguration") as efs:
            file_system = efs.take("fileSystemId")
            efs.expect("rootDirectory", "/")  # the access point names the real one
            efs.expect("transitEncryption", "ENABLED")
            with efs.inner("authorizationConfig") as access:
                access.expect("iam", "ENABLED")
                point = access.take("accessPointId")
        if not file_system or not point:
            raise volume.unknown(name, "no EFS volume with an access point")
        return name, (file_system, point)


def _container(
    said: Said, volumes: Mapping[str, tuple[str, str]], of_the_task: Mapping[str, Any]
) -> TaskPlan:
    with said as one:
        one.take("essential")  # the only one is
        one.take("cpu")  # a share of the task's, of which there is nobody to take another
        ports = tuple(_port(mapping) for mapping in one.each("portMappings"))
        arguments = {
            **of_the_task,
            **_memory(one, of_the_task["mem_limit"]),
            "user": one.take("user"),
            "read_only": one.take("readonlyRootFilesystem", default=False),
            "entrypoint": one.take("entryPoint"),
            "command": one.take("command"),
            "working_dir": one.take("workingDirectory"),
            "environment": {pair["name"]: pair["value"] for pair in one.take("environment", [])},
            "labels": one.take("dockerLabels", {}),
            "ports": {f"{port}/tcp": ("127.0.0.1", None) for port in ports},
            "healthcheck": _health_check(one.inner("healthCheck")),
            "ulimits": [_ulimit(limit) for limit in one.each("ulimits")],
            **_linux(one.inner("linuxParameters")),
        }
        group, prefix = _log(one.inner("logConfiguration"))
        return TaskPlan(
            container=one.take("name"),
            image=one.take("image"),
            ports=ports,
            arguments={name: value for name, value in arguments.items() if value is not None},
            secrets={pair["name"]: pair["valueFrom"] for pair in one.take("secrets", [])},
            mounts=tuple(_mount(mount, volumes) for mount in one.each("mountPoints")),
            log_group=group,
            log_prefix=prefix,
            stop_seconds=one.take("stopTimeout", STOP_SECONDS),
        )


def _memory(container: Said, of_the_task: int) -> dict[str, int]:
    """Return what the container may have of the task's memory, in bytes."""
    limit = min(container.take("memory", of_the_task // MEBIBYTE) * MEBIBYTE, of_the_task)
    reserved = container.take("memoryReservation", 0) * MEBIBYTE
    return {
        "mem_limit": limit,
        "memswap_limit": limit,  # both together: Fargate has no swap
        **({"mem_reservation": reserved} if reserved else {}),
    }


def _ulimit(said: Said) -> Ulimit:
    with said as limit:
        soft, hard = limit.take("softLimit", 0), limit.take("hardLimit", 0)
        return Ulimit(name=limit.take("name"), soft=soft, hard=hard)


def _port(said: Said) -> int:
    with said as mapping:
        port = int(mapping.take("containerPort"))
        mapping.expect("hostPort", port, 0)  # with awsvpc the two are one
        mapping.expect("protocol", "tcp")
        return port


def _mount(said: Said, volumes: Mapping[str, tuple[str, str]]) -> Mount:
    with said as mount:
        volume = mount.take("sourceVolume")
        if volume not in volumes:
            raise mount.unknown("sourceVolume", volume)
        path, read_only = mount.take("containerPath"), mount.take("readOnly", default=False)
        return Mount(*volumes[volume], path, read_only)


def _linux(said: Said) -> dict[str, Any]:
    with said as linux:
        with linux.inner("capabilities") as capabilities:
            added, dropped = capabilities.take("add", []), capabilities.take("drop", [])
        return {
            "init": linux.take("initProcessEnabled", default=False),
            "cap_add": added,
            "cap_drop": dropped,
            "tmpfs": dict(_tmpfs(mount) for mount in linux.each("tmpfs")),
        }


def _tmpfs(said: Said) -> tuple[str, str]:
    with said as tmpfs:
        options = [f"size={tmpfs.take('size')}m", *tmpfs.take("mountOptions", [])]
        return tmpfs.take("containerPath"), ",".join(options)


def _health_check(said: Said) -> dict[str, Any] | None:
    """Without one in the definition the image's own does not count: ECS does not read it."""
    with said as check:
        command = check.take("command")
        if not command:
            return {"test": ["NONE"]}
        seconds = {name: check.take(name, default) for name, default in HEALTH_CHECK.items()}
        return {
            "test": command,
            "interval": seconds["interval"] * SECOND,
            "timeout": seconds["timeout"] * SECOND,
            "retries": check.take("retries", HEALTH_RETRIES),
            "start_period": seconds["startPeriod"] * SECOND,
        }


def _log(said: Said) -> tuple[str, str]:
    """Return log group and stream prefix. How the driver behaves is not rehearsed."""
    with said as log:
        log.expect("logDriver", "awslogs")
        with log.inner("options") as options:
            for name in ("awslogs-region", "mode", "max-buffer-size", "awslogs-create-group"):
                options.take(name)
            return options.take("awslogs-group", ""), options.take("awslogs-stream-prefix", "")
