"""Docker Engine with Compose v2: use the one that runs, else install and start one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from parity.console import step
from parity.errors import ParityError
from parity.host.command import run, succeeds
from parity.host.distribution import Distribution, read_distribution
from parity.host.packages import can_install, install, install_newer
from parity.project import STATE

PID_FILE = STATE / "dockerd.pid"
LOG_FILE = STATE / "dockerd.log"
START_SECONDS = 60
DEBIAN_WITH_OLD_DOCKER = "12"
HINT = "install Docker Engine with the Compose v2 plugin, start it, then run this again"


def ensure_engine() -> bool:
    """Make sure that `docker compose` works; True when the kit itself had to start the engine.

    A running engine is used as it is, and nothing of the host is touched. A missing one is
    installed from the distribution's packages on Debian and Ubuntu as root. Raises ParityError
    with one next step everywhere else.
    """
    if engine_answers() and has_compose():
        return False
    if os.environ.get("DOCKER_HOST"):
        raise ParityError(
            f"DOCKER_HOST='{os.environ['DOCKER_HOST']}' does not answer with Compose v2",
            hint="start that engine, or unset DOCKER_HOST",
        )
    if not (shutil.which("dockerd") and has_compose()) and not (engine_answers() and has_compose()):
        with step("Install Docker Engine and Compose from the distribution's packages"):
            _install(read_distribution())
    if engine_answers():
        return False
    with step("Start Docker Engine"):
        _start()
    return True


def engine_answers() -> bool:
    """Tell whether an engine answers the docker client."""
    return succeeds(["docker", "version", "--format", "{{.Server.Version}}"])


def has_compose() -> bool:
    """Tell whether the docker client has the Compose v2 plugin."""
    return succeeds(["docker", "compose", "version"])


def stop_engine() -> bool:
    """Stop the engine that the kit started; True when there was one."""
    if not PID_FILE.exists():
        return False
    pid = int(PID_FILE.read_text())
    PID_FILE.unlink()
    command = Path(f"/proc/{pid}/cmdline")
    if not command.exists() or b"dockerd" not in command.read_bytes():
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + START_SECONDS
    while command.exists() and command.read_bytes() and time.monotonic() < deadline:
        time.sleep(0.2)
    return True


def _install(distribution: Distribution) -> None:
    if not can_install():
        raise ParityError(
            "Docker Engine with Compose v2 was not found, and the kit installs it only on Debian"
            " and Ubuntu as root",
            hint=HINT,
        )
    if distribution.id == "ubuntu":
        install(["docker.io", "docker-compose-v2", "docker-buildx"], hint=HINT)
        return
    packages = ["docker.io", "docker-cli", "docker-compose", "docker-buildx"]
    if distribution.version == DEBIAN_WITH_OLD_DOCKER:
        # iptables is only recommended by docker.io, yet no published port works without it.
        install(["iptables"], hint=HINT)
        install_newer(packages, hint=HINT)
    else:
        install([*packages, "iptables"], hint=HINT)


def _start() -> None:
    if Path("/run/systemd/system").exists():
        run(["systemctl", "start", "docker"], hint="journalctl -u docker")
    else:
        if os.geteuid() != 0:
            raise ParityError("Docker Engine is not running, and starting it needs root", hint=HINT)
        STATE.mkdir(exist_ok=True)
        with LOG_FILE.open("wb") as log:
            daemon = subprocess.Popen(
                ["dockerd"], stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )
        PID_FILE.write_text(str(daemon.pid))
    deadline = time.monotonic() + START_SECONDS
    while not engine_answers():
        if time.monotonic() > deadline:
            tail = LOG_FILE.read_text().splitlines()[-15:] if LOG_FILE.exists() else []
            raise ParityError(
                f"Docker Engine did not answer within {START_SECONDS} s",
                hint=f"read {LOG_FILE}",
                detail="\n".join(tail),
            )
        time.sleep(0.3)
