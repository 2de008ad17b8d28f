"""One task before all others: a template whose task cannot boot, or not write, replaces nothing."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from docker.errors import DockerException, NotFound

from parity import console, stack
from parity.errors import ParityError
from parity.from_template.model import runs_as
from parity.from_template.volume import access_point
from parity.host.client import connect
from parity.host.command import run
from parity.host.signals import deaf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient
    from docker.models.containers import Container

    from parity.from_template.planned import Planned
    from parity.host.base_images import BaseImages
    from parity.project import Settings
    from parity.template.place import Place

POLL_SECONDS = 0.2
LOG_LINES = 15
PROCESSORS = {"amd64": "linux/amd64", "arm64": "linux/arm64"}
NOT_FOUND = (126, 127)  # exit codes
# Run in the task as its user: what the app does to keep a message, and to spool an upload.
WRITE = "import sys, tempfile; tempfile.NamedTemporaryFile(dir=sys.argv[1]).write(b'1')"


def try_one(planned: Planned, settings: Settings, images: BaseImages) -> None:
    """Run one task as the stack's will run, see it healthy and writing, and take it away.

    settings: of the try. Raises ParityError with file, line and resource where it does not boot,
    becomes unhealthy or cannot write.
    """
    with _task(planned, settings, images) as container:
        _wait_healthy(planned, container, stack.healthy_seconds(settings))
        _check_writes(planned, container)


@contextmanager
def _task(planned: Planned, settings: Settings, images: BaseImages) -> Iterator[Container]:
    client = connect()
    name = f"{settings.project}-first-task"
    argv = stack.compose("run", "--detach", "--name", name, "app")
    environment = stack.compose_environment(settings, images)
    _remove(client, name)  # of an `up` that was killed
    try:
        try:
            run(argv, env=environment, timeout=stack.healthy_seconds(settings))
        except ParityError as error:
            _check_processor(planned, client, settings)
            place = _command(planned)
            what = f"the task does not start: {_last_line(error.detail)}"
            raise _error(planned, place, what, error.detail) from error
        yield client.containers.get(name)
    finally:
        with deaf():
            _remove(client, name)


def _remove(client: DockerClient, name: str) -> None:
    with suppress(NotFound):
        client.containers.get(name).remove(force=True)


def _wait_healthy(planned: Planned, container: Container, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        container.reload()
        state: dict[str, Any] = container.attrs["State"]
        if not state["Running"] or state["Restarting"] or container.attrs["RestartCount"]:
            raise _ended(planned, container, state)
        health = (state.get("Health") or {}).get("Status", "healthy")
        if health == "healthy":
            return
        if health == "unhealthy" or time.monotonic() > deadline:
            last = (state["Health"].get("Log") or [{}])[-1].get("Output", "").strip()
            what = f"the task does not become healthy: {_last_line(last) or health}"
            raise _error(planned, planned.source.container["HealthCheck"], what, _log(container))
        time.sleep(POLL_SECONDS)


def _ended(planned: Planned, container: Container, state: dict[str, Any]) -> ParityError:
    source = planned.source
    if state.get("OOMKilled"):
        own = source.container["Memory"]
        mebibytes = planned.wanted.plan.arguments["mem_limit"] // 2**20
        what = f"the task was killed, as {mebibytes} MiB of memory are too little for it"
        return _error(planned, own or source.task["Memory"], what, _log(container))
    what = f"the task ends by itself, with exit code {state['ExitCode']}"
    if state.get("Error"):
        what += f": {state['Error']}"
    return _error(planned, _command(planned), what, _log(container))


def _check_writes(planned: Planned, container: Container) -> None:
    source, volume = planned.source, planned.wanted.volume
    if failed := _failure(container, volume.path):
        user = runs_as(planned.wanted) if not planned.wanted.efs else volume.user
        what = f"the task cannot write to its volume at {volume.path}: {failed}"
        if "Permission" in failed or "permitted" in failed:
            what += f" (the folder is {volume.owner}'s, of mode {volume.mode}; it writes as {user})"
            point = access_point(source)
            raise _error(planned, point["PosixUser"] if volume.user else point, what, "")
        raise _error(planned, source.container["MountPoints"][0], what, "")
    if failed := _failure(container, ""):
        what = f"the task cannot write a temporary file, as for an upload: {failed}"
        raise _error(planned, source.container["LinuxParameters"]["Tmpfs"], what, "")


def _failure(container: Container, folder: str) -> str:
    """Return why nothing can be written to a folder, '' being the one for temporary files."""
    program = WRITE if folder else "import tempfile; tempfile.TemporaryFile().write(b'1')"
    result: Any = container.exec_run(["python3", "-c", program, *([folder] if folder else [])])
    if result.exit_code in NOT_FOUND:
        console.note("Whether it can write is not tried: the image has no python3.")
        return ""
    output = result.output.decode(errors="replace")
    return _last_line(output) or f"exit code {result.exit_code}" if result.exit_code else ""


def _check_processor(planned: Planned, client: DockerClient, settings: Settings) -> None:
    wanted = planned.wanted.plan.arguments["platform"]
    with suppress(DockerException):
        image = client.images.get(f"{settings.project}-app")
        if wanted != PROCESSORS.get(image.attrs["Architecture"], wanted):
            what = f"the task wants {wanted}, and the image is for {image.attrs['Architecture']}"
            error = _error(planned, planned.source.task["RuntimePlatform"], what, "")
            error.hint = "parity up --from-template --parameter Architecture=ARM64, or X86_64"
            raise error


def _command(planned: Planned) -> Place:
    """Return what says how a task begins; the container where the image alone does."""
    container = planned.source.container
    said = (container[name] for name in ("Command", "EntryPoint"))
    return next((place for place in said if place), container)


def _error(planned: Planned, place: Place, what: str, detail: str) -> ParityError:
    error = planned.source.error_at(place, what)
    error.detail = detail
    return error


def _log(container: Container) -> str:
    try:
        text: bytes = container.logs(tail=LOG_LINES)
    except DockerException:
        return ""
    return text.decode(errors="replace")


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2].strip()
