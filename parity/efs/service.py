"""EFS semantics of one stack, on this host: the plugin runs, or nothing of it is left."""

from __future__ import annotations

import os
import platform
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

from docker.errors import DockerException

from parity.console import step
from parity.efs.clients import RUN, USER_FILE, mountpoints, remove
from parity.efs.mounting import DEVICE
from parity.errors import ParityError
from parity.host.client import connect
from parity.host.packages import install
from parity.project import ROOT

if TYPE_CHECKING:
    from parity.project import Settings

OVERRIDE = "compose.efs.yaml"
PLUGINS = Path("/run/docker/plugins")
START_SECONDS = 10
VOLUME = "efs"  # its name in compose.efs.yaml
LIBRARY_HINT = "install fuse3, then run this again"
PLAIN_HINT = "parity up    (without --efs: the same sessions on a plain folder)"


def is_wanted(settings: Settings) -> bool:
    """Tell whether the settings ask for EFS semantics."""
    return OVERRIDE in settings.overrides


def wanted(settings: Settings) -> Settings:
    """Return the settings with EFS semantics."""
    return settings if is_wanted(settings) else _with_override(settings)


def as_running(settings: Settings) -> Settings:
    """Return the settings with EFS semantics if that is what the stack runs on now."""
    return wanted(settings) if is_on(settings.project) else settings


def is_on(project: str) -> bool:
    """Tell whether a stack has EFS semantics, even if its plugin has died."""
    return (RUN / project).exists()


def prepare(settings: Settings) -> None:
    """Make sure that user-space file systems can be mounted for containers. Raises ParityError."""
    if problem := host_problem():
        raise ParityError(f"EFS semantics are not to be had here: {problem}", hint=PLAIN_HINT)
    folder = RUN / settings.project / "folder"
    if folder.exists() and folder.read_text() != str(settings.data):
        raise ParityError(
            f"the stack '{settings.project}' has its volume in '{folder.read_text()}'",
            hint="parity down --keep-images, then run this again",
        )
    ensure_library()


def ensure_running(settings: Settings, user: str | None = None) -> None:
    """Have the plugin of this stack answer.

    user: uid:gid that the access point makes of everybody, for clients from now on; None for its
    usual one.
    """
    run = RUN / settings.project
    RUN.mkdir(mode=0o711, exist_ok=True)
    run.mkdir(mode=0o700, exist_ok=True)  # whoever reaches a mount may read it
    if user is None:
        (run / USER_FILE).unlink(missing_ok=True)
    else:
        (run / USER_FILE).write_text(user)
    if is_running(settings.project):
        return
    (run / "folder").write_text(str(settings.data))
    _start(settings, run)


def host_problem() -> str | None:
    """Return why no client can be mounted into containers from here; None when that works."""
    if platform.system() != "Linux":
        return "the engine is in a virtual machine, and cannot see what is mounted outside"
    if not DEVICE.exists():
        return f"{DEVICE} is missing (modprobe fuse)"
    if os.geteuid() != 0:
        return "mounting for containers needs root (sudo)"
    if not PLUGINS.parent.exists():
        return f"the engine that answers is not this machine's: '{PLUGINS.parent}' is missing"
    return None


def ensure_library() -> None:
    """Install libfuse where it is missing. Raises ParityError where the kit may not."""
    if not has_library():
        with step("Install libfuse from the distribution's packages"):
            install(["fuse3"], hint=LIBRARY_HINT)


def has_library() -> bool:
    """Tell whether libfuse is installed."""
    ask = [sys.executable, "-c", "import mfusepy"]
    return subprocess.run(ask, capture_output=True, check=False).returncode == 0


def is_running(project: str) -> bool:
    """Tell whether the plugin of a stack answers."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(socket_of(project))) == 0


def stop(settings: Settings) -> None:
    """Take away the volume, the plugin and every client, those of a crashed plugin, too.

    The stack's containers must be gone, or use the volume no more. Does nothing where there is
    none of it.
    """
    run = RUN / settings.project
    if not run.exists():
        return
    if not is_running(settings.project):
        _start(settings, run)  # or the engine could not let go of the volume
    _remove_volume(settings.project)
    _end(run)
    for place in mountpoints(run):
        remove(place)
    socket_of(settings.project).unlink(missing_ok=True)
    rmtree(run)
    if not any(RUN.iterdir()):
        RUN.rmdir()


def revive(settings: Settings) -> None:
    """Start a plugin that has died: without it the engine starts no replica, and ends it late."""
    if os.geteuid() == 0 and is_on(settings.project) and not is_running(settings.project):
        _start(settings, RUN / settings.project)


def socket_of(project: str) -> Path:
    """Return the socket that makes the driver known by its name; see compose.efs.yaml."""
    return PLUGINS / f"{project}-efs.sock"


def _with_override(settings: Settings) -> Settings:
    return replace(settings, overrides=(*settings.overrides, OVERRIDE))


def _start(settings: Settings, run: Path) -> None:
    PLUGINS.mkdir(mode=0o700, exist_ok=True)
    place = socket_of(settings.project)
    folder = Path((run / "folder").read_text())
    log = run / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "parity.efs.plugin", str(folder), str(run), str(place)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # outlives this command and its terminal
        )
    (run / "pid").write_text(str(process.pid))
    deadline = time.monotonic() + START_SECONDS
    while not is_running(settings.project):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            detail = log.read_text(errors="replace")
            raise ParityError("the volume plugin did not start", hint=PLAIN_HINT, detail=detail)
        time.sleep(0.02)


def _remove_volume(project: str) -> None:
    try:
        client = connect()
        for volume in client.volumes.list(filters={"name": f"{project}_{VOLUME}"}):
            if volume.attrs.get("Driver") == socket_of(project).stem:
                volume.remove()
    except (DockerException, ParityError):
        return  # no engine, no volume; one in use is kept, and named at the next `up`


def _end(run: Path) -> None:
    """End the plugin by its own id, unless that is some other process by now."""
    pid = (run / "pid").read_text()
    command = Path(f"/proc/{pid}/cmdline")
    try:
        ours = b"parity.efs.plugin" in command.read_bytes()
    except OSError:
        return
    if ours:
        os.kill(int(pid), signal.SIGTERM)
    deadline = time.monotonic() + START_SECONDS
    while ours and command.exists() and command.read_bytes() and time.monotonic() < deadline:
        time.sleep(0.02)
