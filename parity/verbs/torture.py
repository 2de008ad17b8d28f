"""`parity torture`: run the program of torture/, which needs the development environment."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.errors import UsageError
from parity.faults import FAULTS
from parity.host.command import show
from parity.host.python_environment import ensure_dev_environment, tool
from parity.project import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SEEDS = 2**32


@dataclass(frozen=True)
class Run:
    """What is asked for. seed: None draws one. picture: the PNG to write, if any.

    only: the names of the faults to choose from; empty for all that can be made.
    """

    turns: int
    minutes: float
    seed: int | None
    clients: int
    picture: Path | None = None
    as_json: bool = False
    only: Sequence[str] = ()


def command(run: Run) -> list[str]:
    """Return the argv of a run, with a seed of its own where it has none. Raises UsageError."""
    names = [fault.name for fault in FAULTS]
    if unknown := [name for name in run.only if name not in names]:
        raise UsageError(
            f"'{unknown[0]}' is none of {', '.join(names)}",
            hint=f'parity torture --only "{names[0]}"',
        )
    options: dict[str, object] = {
        "--turns": run.turns,
        "--minutes": run.minutes,
        "--seed": secrets.randbelow(SEEDS) if run.seed is None else run.seed,
        "--clients": run.clients,
    }
    if run.picture:
        options["--picture"] = run.picture.absolute()
    given = [f"{name}={value}" for name, value in options.items()]
    given += [f"--only={name}" for name in run.only]
    return [tool("python"), "-m", "torture", *given, *(["--json"] if run.as_json else [])]


def run_torture(run: Run) -> int:
    """Torture the running stack and return the exit code: 1 for a finding."""
    ensure_dev_environment()
    return show(command(run), cwd=ROOT)
