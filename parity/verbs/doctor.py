"""`parity doctor`: what is here, what is missing, and how to mend it. Changes nothing."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.markup import escape

from parity.efs import service as efs
from parity.efs.mounting import DEVICE
from parity.errors import ParityError
from parity.host import preflight
from parity.host.base_images import (
    can_build_stand_ins,
    nginx_base,
    present,
    python_base,
)
from parity.host.browser import HINT as BROWSER_HINT
from parity.host.browser import find_browser
from parity.host.command import complaint, run
from parity.host.distribution import read_distribution
from parity.host.engine import HINT as ENGINE_HINT
from parity.host.engine import engine_problem
from parity.host.packages import can_install

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.host.base_images import BaseImage
    from parity.project import Settings

COLUMNS = ("check", "state", "found", "to mend it")
OLDEST_PYTHON = (3, 11)
REGISTRY_SECONDS = 15


@dataclass(frozen=True)
class Check:
    """One thing looked at. needed: `up` cannot do without; found: what is there, or is not."""

    name: str
    ok: bool
    found: str
    mend: str = ""
    needed: bool = True

    @property
    def state(self) -> str:
        """One word: ok, missing, or optional for what only the browser suite needs."""
        if self.ok:
            return "ok"
        return "missing" if self.needed else "optional"


def examine(settings: Settings) -> list[Check]:
    """Look at everything that `up` and `test` need."""
    engine = _engine()
    return [
        _python(),
        _program("Docker client", ["docker", "--version"]),
        engine,
        _program("Docker Compose v2", ["docker", "compose", "version", "--short"]),
        _program("Docker buildx", ["docker", "buildx", "version"]),
        *(_images(settings) if engine.ok else []),
        *([_disk()] if engine.ok else []),
        _ports(settings),
        _data_folder(settings),
        _browser(),
        _efs(),
    ]


def rows(checks: Sequence[Check]) -> list[list[str]]:
    """Return one row a check, with Rich markup, matching COLUMNS."""
    colours = {"ok": "green", "missing": "red", "optional": "yellow"}
    return [
        [
            check.name,
            f"[{colours[check.state]}]{check.state}[/]",
            escape(check.found),
            "" if check.ok else escape(check.mend),
        ]
        for check in checks
    ]


def _python() -> Check:
    name = f"Python {platform.python_version()}"
    wanted = ".".join(map(str, OLDEST_PYTHON))
    return Check(
        "Python", sys.version_info >= OLDEST_PYTHON, name, f"install Python {wanted} or newer"
    )


def _program(name: str, argv: Sequence[str]) -> Check:
    try:
        found = run(argv, timeout=20).strip().splitlines()[0]
        found = found.removeprefix("github.com/docker/buildx ")
    except ParityError as error:
        return Check(name, ok=False, found=error.what, mend=_mend_docker())
    return Check(name, ok=True, found=found)


def _engine() -> Check:
    problem = engine_problem()
    if problem is not None:
        return Check("Docker Engine", ok=False, found=problem, mend=_mend_docker())
    version = run(["docker", "version", "--format", "{{.Server.Version}} ({{.Server.Arch}})"])
    return Check("Docker Engine", ok=True, found=version.strip())


def _mend_docker() -> str:
    return "scripts/up installs and starts it" if can_install() else ENGINE_HINT


def _images(settings: Settings) -> list[Check]:
    return [
        _image("Python base image", python_base(settings.python_image)),
        _image("nginx base image", nginx_base(settings.nginx_image)),
    ]


def _image(name: str, image: BaseImage) -> Check:
    held = present(image)
    if held == image.stand_in:
        return Check(name, ok=True, found=f"{held}, a stand-in built from Debian's packages")
    if held:
        return Check(name, ok=True, found=held)
    argv = ["docker", "manifest", "inspect", image.public]
    problem = complaint(argv, timeout=REGISTRY_SECONDS)
    if problem is None:
        return Check(name, ok=True, found=f"{image.public} can be pulled")
    if can_build_stand_ins(read_distribution()):
        return Check(
            name, ok=True, found="no registry in reach; to be built from Debian's packages"
        )
    return Check(name, ok=False, found=problem, mend=f"docker pull {image.public}")


def _disk() -> Check:
    free = preflight.docker_free_bytes()
    if free is None:
        return Check("Disk of Docker", ok=True, found="not on this machine")
    found = f"{free / preflight.GIB:.0f} GiB free"
    return Check(
        "Disk of Docker", free >= preflight.BUILD_BYTES, found, "docker system prune --all"
    )


def _ports(settings: Settings) -> Check:
    try:
        preflight.check_ports(settings)
    except ParityError as error:
        return Check("Ports", ok=False, found=error.what, mend=error.hint)
    found = f"{settings.port} and {settings.bedrock_port} are free, or this stack's"
    return Check("Ports", ok=True, found=found)


def _data_folder(settings: Settings) -> Check:
    problem = preflight.data_folder_problem(settings.data)
    found = f"{settings.data}: {problem}" if problem else str(settings.data)
    return Check("Session volume", problem is None, found, "DATA_FOLDER=./data scripts/up")


def _browser() -> Check:
    found = find_browser()
    mend = "scripts/test installs it" if can_install() else BROWSER_HINT
    return Check("Browser for tests", bool(found), found or "none found", mend, needed=False)


def _efs() -> Check:
    problem = efs.host_problem()
    if problem is None and not efs.has_library():
        problem = "libfuse is not installed"
    mend = efs.PLAIN_HINT
    if efs.host_problem() is None:
        mend = "parity up --efs installs it" if can_install() else efs.LIBRARY_HINT
    found = problem or f"{DEVICE} and libfuse"
    return Check("EFS semantics", problem is None, found, mend, needed=False)
