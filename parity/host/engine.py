"""Docker Engine with Compose v2: use the one that runs, else install and start one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from parity.console import step
from parity.errors import ParityError
from parity.host.command import complaint, run, succeeds
from parity.host.distribution import Distribution, read_distribution
from parity.host.packages import can_install, install, install_newer, is_installed
from parity.project import STATE

if TYPE_CHECKING:
    from collections.abc import Callable

PID_FILE = STATE / "dockerd.pid"  # of the engine that the kit started itself
UNIT_FILE = STATE / "dockerd.unit"  # the boot in which the kit had systemd start it
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
LOG_FILE = STATE / "dockerd.log"
SYSTEMD = Path("/run/systemd/system")
SYSTEM_PATH = "/usr/local/sbin:/usr/sbin:/sbin"
# After a crash, the engine first takes up its old containers: 15 s for each one whose volume plugin
# went, too.
START_SECONDS = 300
STOP_SECONDS = 60
LOG_LINES = 15
HINT = "install Docker Engine with the Compose v2 plugin, start it, then run this again"


@dataclass(frozen=True)
class Packages:
    """What makes up Docker: packages of the distribution itself, and some of a newer one."""

    own: tuple[str, ...]
    newer: tuple[str, ...] = ()


def ensure_engine() -> bool:
    """Make sure that `docker compose` works; True when the kit itself had to start the engine.

    A running engine is used as it is, and nothing of the host is touched. A missing one is
    installed from the distribution's packages on Debian and Ubuntu as root. Raises ParityError
    with one next step everywhere else.
    """
    problem = engine_problem()
    if problem is None and has_compose():
        return False
    _refuse_to_meddle(problem)
    if not (find_dockerd() and has_compose()):
        _require_packages("Docker's Compose v2" if problem is None else "Docker Engine")
        with step("Install Docker Engine and Compose from the distribution's packages"):
            _install(read_distribution())
    if engine_problem() is None:
        return False
    _require_root_to_start()
    with step("Start Docker Engine"):
        return _start()


def engine_problem() -> str | None:
    """Return why no engine answers the docker client; None when one does."""
    return complaint(["docker", "version", "--format", "{{.Server.Version}}"])


def architecture() -> str:
    """Return the architecture of the engine's machine as Docker names it: amd64, arm64, ..."""
    return run(["docker", "version", "--format", "{{.Server.Arch}}"], hint="parity doctor").strip()


def has_compose() -> bool:
    """Tell whether the docker client has the Compose v2 plugin."""
    return succeeds(["docker", "compose", "version"])


def find_dockerd() -> str | None:
    """Return the path of the engine's program, which need not be on the PATH of a plain user."""
    return shutil.which("dockerd") or shutil.which("dockerd", path=SYSTEM_PATH)


def started_by_kit() -> bool:
    """Tell whether the engine that runs was started by the kit from this checkout."""
    return _own_unit() or _own_daemon() is not None


def stop_engine() -> bool:
    """Stop the engine that the kit started; True when there was one."""
    unit, daemon = _own_unit(), _own_daemon()
    UNIT_FILE.unlink(missing_ok=True)
    PID_FILE.unlink(missing_ok=True)
    if unit:
        run(["systemctl", "stop", "docker.socket", "docker.service"], hint="journalctl -u docker")
        return True
    if daemon is None:
        return False
    os.kill(daemon, signal.SIGTERM)
    if not _wait(lambda: not _is_dockerd(daemon), STOP_SECONDS):
        raise ParityError(
            f"Docker Engine (process {daemon}) did not stop within {STOP_SECONDS} s",
            hint=f"read {LOG_FILE}",
        )
    LOG_FILE.unlink(missing_ok=True)
    return True


def docker_packages(distribution: Distribution) -> Packages:
    """Return the packages to install. Raises ParityError where there are none new enough."""
    if distribution.id == "ubuntu":
        return Packages(own=("docker.io", "docker-compose-v2", "docker-buildx"))
    docker = ("docker.io", "docker-cli", "docker-compose", "docker-buildx")
    # iptables is only recommended by docker.io, yet no published port works without it.
    if distribution.version == "12":
        return Packages(own=("iptables",), newer=docker)
    if distribution.version.isdigit() and int(distribution.version) < 12:  # noqa: PLR2004 - Debian 12
        raise ParityError(
            f"Debian {distribution.version} has no Docker with Compose v2 in its packages",
            hint=HINT,
        )
    return Packages(own=(*docker, "iptables"))


def _refuse_to_meddle(problem: str | None) -> None:
    """Raise where an engine is meant that is not the kit's to install or start."""
    if host := os.environ.get("DOCKER_HOST"):
        raise ParityError(
            f"DOCKER_HOST='{host}' does not answer with Compose v2",
            hint="start that engine, or: unset DOCKER_HOST",
            detail=problem or "",
        )
    context = _docker_context()
    if problem and context != "default":
        raise ParityError(
            f"Docker's context '{context}' does not answer",
            hint="start that engine, or: docker context use default",
            detail=problem,
        )
    if problem and "permission denied" in problem:
        raise ParityError(
            "this user may not talk to Docker Engine",
            hint="sudo usermod -aG docker $USER, log in again, then run this again",
            detail=problem,
        )


def _docker_context() -> str:
    try:
        return run(["docker", "context", "show"], timeout=10).strip() or "default"
    except ParityError:
        return "default"


def _require_packages(missing: str) -> None:
    """Raise where the kit may not install what is missing."""
    if not can_install():
        raise ParityError(
            f"{missing} was not found, and the kit installs it only on Debian and Ubuntu, as root",
            hint=HINT,
        )
    if is_installed("docker-ce") or is_installed("docker-ce-cli"):
        # The distribution's packages would drive out Docker's own.
        raise ParityError(
            "Docker's own packages (docker-ce) are here, but not all of them",
            hint="apt-get install docker-ce docker-compose-plugin docker-buildx-plugin",
        )


def _install(distribution: Distribution) -> None:
    packages = docker_packages(distribution)
    install(packages.own, hint=HINT)
    if packages.newer:
        install_newer(packages.newer, hint=HINT)


def _require_root_to_start() -> None:
    if os.geteuid() != 0:
        start = "sudo systemctl start docker" if SYSTEMD.exists() else "start it as root"
        raise ParityError(
            "Docker Engine is not running, and starting it needs root",
            hint=f"{start}, then run this again",
        )


def _start() -> bool:
    """Start the engine; False when another start, such as the package's own, came first."""
    STATE.mkdir(exist_ok=True)
    if SYSTEMD.exists():
        run(["systemctl", "start", "docker"], timeout=START_SECONDS, hint="journalctl -u docker")
        UNIT_FILE.write_text(BOOT_ID.read_text())
        _wait_for_answer(lambda: True)
        return True
    daemon = _spawn()
    PID_FILE.write_text(str(daemon.pid))
    _wait_for_answer(lambda: daemon.poll() is None or _daemon_of_others())
    if daemon.poll() is not None:
        PID_FILE.unlink()
        return False
    return True


def _spawn() -> subprocess.Popen[bytes]:
    with LOG_FILE.open("wb") as log:
        return subprocess.Popen(
            [find_dockerd() or "dockerd"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # outlives this command and its terminal
        )


def _wait_for_answer(still_starting: Callable[[], bool]) -> None:
    _wait(lambda: engine_problem() is None or not still_starting(), START_SECONDS)
    problem = engine_problem()
    if problem is not None:
        log = LOG_FILE.read_text(errors="replace").splitlines() if LOG_FILE.exists() else []
        raise ParityError(
            f"Docker Engine did not start: {problem}",
            hint="journalctl -u docker" if SYSTEMD.exists() else f"read {LOG_FILE}",
            detail="\n".join(log[-LOG_LINES:]),
        )


def _wait(done: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def _own_unit() -> bool:
    return UNIT_FILE.exists() and UNIT_FILE.read_text() == BOOT_ID.read_text()


def _own_daemon() -> int | None:
    text = PID_FILE.read_text().strip() if PID_FILE.exists() else ""
    return int(text) if text.isdigit() and _is_dockerd(int(text)) else None


def _daemon_of_others() -> bool:
    processes = (path.name for path in Path("/proc").iterdir() if path.name.isdigit())
    return any(_is_dockerd(int(pid)) for pid in processes)


def _is_dockerd(pid: int) -> bool:
    """Tell whether a process is a living dockerd; one that only awaits its parent is not."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return Path(os.fsdecode(words[0])).name == "dockerd"
