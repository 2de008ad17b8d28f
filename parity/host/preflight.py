"""What must hold before anything is installed, built or started."""

from __future__ import annotations

import errno
import os
import random
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from docker.errors import DockerException

from parity.errors import ParityError
from parity.host.client import connect
from parity.host.command import run
from parity.project import MAX_PORT, ROOT

if TYPE_CHECKING:
    from docker import DockerClient

    from parity.project import Settings

LOOPBACK = "127.0.0.1"
GIB = 1024**3
BUILD_BYTES = 3 * GIB
SERVER_PORTS = range(20_000, 32_000)
PORTS_TRIED = 100
COMMAND = "scripts/up"
PROJECT = "com.docker.compose.project"
FOLDER = "com.docker.compose.project.working_dir"


def check_ports(settings: Settings, command: str = COMMAND) -> None:
    """Raise ParityError naming the ports that somebody else has, and free ones to take instead.

    command: what to run with them.
    """
    wanted = {"PORT": settings.port, "BEDROCK_PORT": settings.bedrock_port}
    if settings.https:
        if settings.https_port in wanted.values():
            raise ParityError(
                f"HTTPS_PORT is {settings.https_port}, which is another port of the stack's, too",
                hint=f"HTTPS_PORT={next_free(settings.https_port)} scripts/up --https",
            )
        wanted["HTTPS_PORT"] = settings.https_port
    taken = {name: port for name, port in wanted.items() if not port_is_free(port)}
    if not taken:
        return
    holders = port_holders()
    strange = {
        name: port
        for name, port in taken.items()
        if holders.get(port, ("", ""))[0] != settings.project
    }
    if strange:
        used = (
            f"{port} ({name}) by {_holder(holders.get(port))}" for name, port in strange.items()
        )
        free = (f"{name}={next_free(port)}" for name, port in strange.items())
        command = f"{command} --https" if settings.https else command
        raise ParityError(
            f"port already in use: {', '.join(used)}", hint=f"{' '.join(free)} {command}"
        )


def port_is_free(port: int) -> bool:
    """Tell whether nobody listens on a port of the loopback interface."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            return error.errno != errno.EADDRINUSE
    return True


def next_free(port: int) -> int:
    """Return the first port after `port` that is free, or any free one at the end of the range."""
    candidates = (other for other in range(port + 1, MAX_PORT) if port_is_free(other))
    return next(candidates, 0) or any_free_port()


def any_free_port() -> int:
    """Return a port that is free now, and that no connection takes until a server listens on it.

    Raises ParityError when none is free. The kernel gives outgoing connections the ports from
    32768 on (on macOS from 49152), each for a minute longer than the connection lasts.
    """
    tried = random.sample(SERVER_PORTS, PORTS_TRIED)
    free = next((port for port in tried if port_is_free(port)), None)
    if free is None:
        raise ParityError(
            f"no free port among {PORTS_TRIED} from {SERVER_PORTS.start} to {SERVER_PORTS.stop}",
            hint="end the programs that hold them: ss --listening --tcp --processes",
        )
    return free


def port_holders() -> dict[int, tuple[str, str]]:
    """Return, by published port, the Compose project and the name of the container that has it."""
    try:
        containers = connect().containers.list(ignore_removed=True)
    except (ParityError, DockerException):
        return {}
    return {
        int(binding["HostPort"]): (container.labels.get(PROJECT, ""), str(container.name))
        for container in containers
        for bindings in container.ports.values()
        for binding in bindings or []
    }


def check_same_checkout(settings: Settings, client: DockerClient) -> None:
    """Raise ParityError when the project's containers belong to another checkout that exists."""
    containers = client.containers.list(
        all=True, filters={"label": f"{PROJECT}={settings.project}"}, ignore_removed=True
    )
    folders = {container.labels.get(FOLDER, str(ROOT)) for container in containers} - {str(ROOT)}
    others = sorted(folder for folder in folders if Path(folder).exists())
    if others:
        raise ParityError(
            f"the project '{settings.project}' is another checkout's: {others[0]}",
            hint=f"COMPOSE_PROJECT_NAME={settings.project}-2 with the same command,"
            f" or {others[0]}/scripts/down first",
        )


def ensure_data_folder(folder: Path) -> None:
    """Make the shared volume's folder. Raises ParityError when it cannot be made or written."""
    problem = data_folder_problem(folder)
    if problem is None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            problem = str(error.strerror).lower()
    if problem:
        raise ParityError(
            f"the session volume's folder '{folder}' cannot be used: {problem}",
            hint="DATA_FOLDER=./data scripts/up, or another folder that can be written",
        )


def data_folder_problem(folder: Path) -> str | None:
    """Return why the engine could not make or write a folder; None when it can.

    Who owns the folder does not matter: the `volume` service of compose.yaml gives it to the app's
    user, as an EFS access point does.
    """
    nearest = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
    if not nearest.is_dir():
        return "there is a file in its place" if nearest == folder else f"'{nearest}' is no folder"
    if os.statvfs(nearest).f_flag & os.ST_RDONLY:
        return "read-only file system"
    if nearest != folder and not os.access(nearest, os.W_OK | os.X_OK):
        return f"this user may not make it in '{nearest}'"
    return None


def check_disk() -> None:
    """Raise ParityError when the engine's disk has too little room for the stack's images."""
    free = docker_free_bytes()
    if free is not None and free < BUILD_BYTES:
        raise ParityError(
            f"too little disk space for the images: {free / GIB:.1f} GiB free where Docker keeps"
            f" them, about {BUILD_BYTES / GIB:.0f} GiB needed",
            hint="docker system prune --all    (frees what no container uses), then run this again",
        )


def docker_free_bytes() -> int | None:
    """Return the free bytes of the disk that holds the engine's images; None if it is not here."""
    root = Path(run(["docker", "info", "--format", "{{.DockerRootDir}}"], timeout=20).strip())
    try:
        return shutil.disk_usage(root).free
    except OSError:
        return None


def _holder(holder: tuple[str, str] | None) -> str:
    return f"container {holder[1]}" if holder else "another program"
