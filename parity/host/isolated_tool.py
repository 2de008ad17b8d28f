"""A tool with dependencies that do not go with ours: an environment of its own from a lock file."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from parity.console import step
from parity.host.command import run
from parity.host.python_environment import INSTALL_SECONDS, fingerprint, install
from parity.project import STATE

if TYPE_CHECKING:
    from pathlib import Path

TOOLS = STATE / "tools"
STAMP = ".made-from"


def ensure_tool(name: str, lock: Path, folder: Path = TOOLS) -> Path:
    """Return the bin folder of the tool's environment, made unless it was for this very file."""
    environment = folder / name
    stamp, wanted = environment / STAMP, fingerprint(lock)
    if stamp.exists() and stamp.read_text() == wanted:
        return environment / "bin"
    with step(f"Install {name} into an environment of its own"):
        shutil.rmtree(environment, ignore_errors=True)
        venv = [sys.executable, "-m", "venv", "--without-pip", str(environment)]
        run(venv, timeout=INSTALL_SECONDS)
        install(lock, str(environment / "bin" / "python"))
    stamp.write_text(wanted)
    return environment / "bin"
