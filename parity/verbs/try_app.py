"""`parity test --app`: run the program of e2e/adopted/, which needs the development environment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from parity import stack
from parity.adopt import service as adoption
from parity.cluster.compose import Compose
from parity.errors import ParityError
from parity.host.browser import ensure_browser
from parity.host.command import show
from parity.host.python_environment import ensure_dev_environment, tool
from parity.project import ROOT, STATE

if TYPE_CHECKING:
    from pathlib import Path

    from parity.project import Settings

OWN = ("chatbot", "app/")  # name and folder of what the stack runs where nothing was adopted


@dataclass(frozen=True)
class Trial:
    """What is asked for.

    name, source: of the app. folder: for the report. only: one check; empty for all.
    """

    name: str
    source: str
    folder: Path
    only: str = ""
    as_json: bool = False


def command(trial: Trial) -> list[str]:
    """Return the argv of the program."""
    options = {"--name": trial.name, "--source": trial.source, "--folder": trial.folder}
    given = [f"{name}={value}" for name, value in options.items()]
    given += [f"--only={trial.only}"] if trial.only else []
    return [tool("python"), "-m", "e2e.adopted", *given, *(["--json"] if trial.as_json else [])]


def try_app(settings: Settings, *, folder: Path | None, only: str, as_json: bool) -> int:
    """Try the app that the stack runs; return the exit code: 1 for a loss.

    folder: where the report goes; by default one of the app's name in .parity/reports. Raises
    ParityError when no stack is up.
    """
    settings = adoption.as_running(settings)
    replicas = Compose(settings).replicas()
    if not replicas:
        raise ParityError(
            f"the stack '{settings.project}' is not up, so there is no app to try",
            hint="parity adopt ./my-app",
        )
    record = adoption.running(settings.project)
    name, source = (record.name, record.source) if record else OWN
    ensure_dev_environment()
    ensure_browser()
    trial = Trial(name, source, (folder or STATE / "reports" / name).absolute(), only, as_json)
    # What is ended is started again, and no more than there were.
    environment = stack.compose_environment(replace(settings, replicas=len(replicas)))
    return show(command(trial), env=environment, cwd=ROOT)
