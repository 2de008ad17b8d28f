"""What tasks that have served people leave behind, looked at from inside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parity.rehearsal.fargate.surroundings import LABEL, TASK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from docker import DockerClient
    from docker.models.containers import Container

# What the app keeps on the volume where its environment gives it no cookie secret.
OWN_SECRET = "cookie-secret"  # noqa: S105 - a file's name
TEMPORARY = ["python3", "-c", "import tempfile; tempfile.TemporaryFile()"]
LISTING = ["-mindepth", "1", "-printf", "%U:%G %f\\n"]


def running_tasks(client: DockerClient, network: str) -> list[Container]:
    """Return the containers of the tasks that run now."""
    labels = [f"{LABEL}={network}", TASK]
    return client.containers.list(filters={"label": labels})


def wrong_with_tasks(tasks: Iterable[Container], image_id: str, owner: str) -> list[str]:
    """Return what is wrong with tasks after somebody has chatted; nothing if all is well.

    image_id: the tested image, as the local engine names it. owner: uid:gid of the access point.
    """
    return [
        f"task {task.labels[TASK]}: {fault}"
        for task in tasks
        for fault in (
            *_wrong_image(task, image_id),
            *_wrong_volume(task, owner),
            *_no_temporary_files(task),
        )
    ]


def wrong_on_volume(listing: Iterable[str], owner: str) -> list[str]:
    """Return what is wrong with a volume. listing: 'uid:gid name' of each file on it."""
    files = [line.split(" ", 1) for line in listing]
    strangers = {whose for whose, _ in files if whose != owner}
    found = [] if files else ["nothing is on the volume: the app keeps its sessions elsewhere"]
    found += [f"files on the volume belong to {each}, not to {owner}" for each in sorted(strangers)]
    if any(name == OWN_SECRET for _, name in files):
        found.append(
            "the app has made a cookie secret of its own: the one of Secrets Manager does not"
            " reach it by the name that the task definition gives it"
        )
    return found


def _wrong_image(task: Container, image_id: str) -> list[str]:
    runs = str(task.attrs["Image"])
    return [] if runs == image_id else [f"it runs {runs}, and the tested image is {image_id}"]


def _wrong_volume(task: Container, owner: str) -> list[str]:
    folders = [mount["Destination"] for mount in task.attrs["Mounts"] if mount["Type"] == "bind"]
    if not folders:
        return ["it has no volume"]
    code, output = _inside(task, ["find", *folders, *LISTING])
    if code:
        return [f"it cannot read its volume: {output.strip()}"]
    return wrong_on_volume(output.splitlines(), owner)


def _no_temporary_files(task: Container) -> list[str]:
    """An upload of more than a megabyte goes through one."""
    code, output = _inside(task, TEMPORARY)
    last = output.strip().rpartition("\n")[2]
    return [f"it cannot write a temporary file: {last}"] if code else []


def _inside(task: Container, argv: list[str]) -> tuple[int, str]:
    """Return exit code and output of a program that runs in a task, as the task's user."""
    result: Any = task.exec_run(argv)
    return result.exit_code, result.output.decode(errors="replace")
