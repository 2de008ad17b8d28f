"""The task definition: image, size, architecture, what its containers may do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parity.template.contract import IMAGE_PARAMETERS, STOP_SECONDS
from parity.template.place import places
from parity.template.rules.reading import (
    SERVICE,
    TASK_DEFINITION,
    containers,
    environment,
    servings,
    task_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.template.place import Fault, Place
    from parity.template.values import Resolved

GIB = 1024
MEMORY = {  # MiB by CPU units
    256: (512, 1 * GIB, 2 * GIB),
    512: tuple(range(1 * GIB, 4 * GIB + 1, GIB)),
    1024: tuple(range(2 * GIB, 8 * GIB + 1, GIB)),
    2048: tuple(range(4 * GIB, 16 * GIB + 1, GIB)),
    4096: tuple(range(8 * GIB, 30 * GIB + 1, GIB)),
    8192: tuple(range(16 * GIB, 60 * GIB + 1, 4 * GIB)),
    16384: tuple(range(32 * GIB, 120 * GIB + 1, 8 * GIB)),
}
TMP = "/tmp"  # noqa: S108 - the container's own
TMP_MIB = 64  # Python's libraries spool there what is too large for a buffer
TELLING = 8  # characters; a shorter value may stand anywhere by chance
STOP_TIMEOUT = (2, 120)  # seconds, on Fargate
DEFAULT_STOP_TIMEOUT = 30  # seconds, ECS's and the app's


def image_by_digest(resolved: Resolved) -> Iterator[Fault]:
    """A tag such as `latest` may mean another image tomorrow; a digest is the image itself."""
    for container in containers(resolved):
        if not re.search(r"@sha256:[0-9a-f]{64}$", container["Image"].text):
            yield container["Image"].fault("an image by digest: repository@sha256:...")


def size_pair(resolved: Resolved) -> Iterator[Fault]:
    """Fargate offers only certain amounts of memory for each amount of CPU."""
    for task in places(resolved, TASK_DEFINITION):
        cpu, memory = int(task["Cpu"].number or 0), int(task["Memory"].number or 0)
        if cpu not in MEMORY:
            yield task["Cpu"].fault(f"one of {', '.join(map(str, MEMORY))}")
        elif memory not in MEMORY[cpu]:
            choice = ", ".join(map(str, MEMORY[cpu]))
            yield task["Memory"].fault(f"for {cpu} CPU units one of {choice}")


def runs_on_fargate(resolved: Resolved) -> Iterator[Fault]:
    """Fargate runs only tasks that say so and that have a network interface of their own."""
    for task in places(resolved, TASK_DEFINITION):
        if "FARGATE" not in task["RequiresCompatibilities"].texts:
            yield task["RequiresCompatibilities"].fault("FARGATE")
        if task["NetworkMode"].text != "awsvpc":
            yield task["NetworkMode"].fault("awsvpc")


def architecture(resolved: Resolved) -> Iterator[Fault]:
    """An image is built for one kind of processor; on the other kind it does not start."""
    wanted = resolved.parameters.get("Architecture")
    for task in places(resolved, TASK_DEFINITION):
        given = task["RuntimePlatform"]["CpuArchitecture"]
        allowed = [str(wanted)] if wanted else ["X86_64", "ARM64"]
        if given.text not in allowed:
            yield given.fault(" or ".join(allowed))


def execution_role(resolved: Resolved) -> Iterator[Fault]:
    """ECS itself pulls the image, fetches secrets and writes logs, with the execution role."""
    for task in places(resolved, TASK_DEFINITION):
        if not task["ExecutionRoleArn"]:
            yield task["ExecutionRoleArn"].fault("the ARN of an execution role")


def task_role(resolved: Resolved) -> Iterator[Fault]:
    """The app calls Bedrock and mounts EFS with the task role, which is not ECS's own role."""
    for task in places(resolved, TASK_DEFINITION):
        role = task["TaskRoleArn"]
        if not role or role.value == task["ExecutionRoleArn"].value:
            yield role.fault("the ARN of a role of the task's own")


def stop_timeout(resolved: Resolved) -> Iterator[Fault]:
    """After SIGTERM a container has this long to finish answers; Fargate allows 2 to 120 s."""
    low, high = STOP_TIMEOUT
    for container in containers(resolved):
        if not low <= (container["StopTimeout"].number or 0) <= high:
            yield container["StopTimeout"].fault(f"{low} to {high} s")


def told_stop_timeout(resolved: Resolved) -> Iterator[Fault]:
    """The app drains for as long as it is told to have; if that is wrong, answers die with it."""
    for serving in servings(resolved):
        if serving.container is None:
            continue
        limit = serving.container["StopTimeout"].number or DEFAULT_STOP_TIMEOUT
        told = environment(serving.container).get(STOP_SECONDS)
        if told is None and limit != DEFAULT_STOP_TIMEOUT:
            yield serving.container["Environment"].fault(f"{STOP_SECONDS} = {limit:g}")
        elif told is not None and told.number != limit:
            yield told.fault(f"StopTimeout, {limit:g} s")


def init_process(resolved: Resolved) -> Iterator[Fault]:
    """Without an init process nobody reaps children and signals may get lost."""
    for container in containers(resolved):
        flag = container["LinuxParameters"]["InitProcessEnabled"]
        if not flag.true:
            yield flag.fault("true")


def no_privileges(resolved: Resolved) -> Iterator[Fault]:
    """A chatbot needs no kernel capabilities, so what breaks into it should find none."""
    for container in containers(resolved):
        if container["Privileged"].true:
            yield container["Privileged"].fault("false")
        drop = container["LinuxParameters"]["Capabilities"]["Drop"]
        if "ALL" not in drop.texts:
            yield drop.fault("ALL")


def read_only_root(resolved: Resolved) -> Iterator[Fault]:
    """What cannot write its own file system cannot be changed; ECS Exec alone needs it writable."""
    exec_tasks = _tasks_with_exec(resolved)
    for container in containers(resolved):
        flag = container["ReadonlyRootFilesystem"]
        if container.resource.logical_id in exec_tasks:
            if flag.true and not _mounted(container, "/var/lib/amazon"):
                yield flag.fault("false where the service has EnableExecuteCommand")
        elif not flag.true:
            yield flag.fault("true")


def writable_tmp(resolved: Resolved) -> Iterator[Fault]:
    """Streamlit writes to /tmp: a task volume there would belong to root, a tmpfs does not."""
    for container in containers(resolved):
        tmpfs = container["LinuxParameters"]["Tmpfs"]
        sizes = {item["ContainerPath"].text: item["Size"] for item in tmpfs}
        if container["ReadonlyRootFilesystem"].true and TMP not in sizes:
            yield tmpfs.fault("a tmpfs at /tmp")
        elif TMP in sizes and (sizes[TMP].number or 0) < TMP_MIB:
            yield sizes[TMP].fault(f"at least {TMP_MIB} MiB")


def volume_exists(resolved: Resolved) -> Iterator[Fault]:
    """A container can mount only a volume that its task definition declares."""
    for container in containers(resolved):
        names = [volume["Name"].text for volume in task_of(container)["Volumes"]]
        for mount in container["MountPoints"]:
            if mount["SourceVolume"].text not in names:
                yield mount["SourceVolume"].fault(f"one of the Volumes: {', '.join(names)}")


def image_only_in_task(resolved: Resolved) -> Iterator[Fault]:
    """A deploy of a new image should touch the task definition and the service, nothing else."""
    for owner in places(resolved, *{found.type for found in resolved.resources.values()}):
        if owner.resource.type in {TASK_DEFINITION, SERVICE}:
            continue
        for name in IMAGE_PARAMETERS:
            value = resolved.parameters.get(name)
            if isinstance(value, str) and len(value) > TELLING and value in repr(owner.value):
                yield owner.fault(f"no use of {name} here")


def _tasks_with_exec(resolved: Resolved) -> set[str]:
    return {
        task.logical_id
        for service in places(resolved, SERVICE)
        if service["EnableExecuteCommand"].true and (task := service["TaskDefinition"].target)
    }


def _mounted(container: Place, path: str) -> bool:
    return any(
        mount["ContainerPath"].text == path and not mount["ReadOnly"].true
        for mount in container["MountPoints"]
    )
