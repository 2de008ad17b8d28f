"""The development environment: the same .venv, with linters, test tools and the app's libraries."""

from __future__ import annotations

import hashlib
import sys
from typing import TYPE_CHECKING

from parity.console import step
from parity.host.command import run
from parity.project import ROOT

if TYPE_CHECKING:
    from pathlib import Path

VENV = ROOT / ".venv"
LOCK = ROOT / "requirements-dev.txt"
STAMP = VENV / ".dev-made-from"
INSTALL_SECONDS = 1800


def tool(name: str) -> str:
    """Return the path of a program of the development environment."""
    return str(VENV / "bin" / name)


def ensure_dev_environment() -> None:
    """Install what requirements-dev.txt names, unless that has been done for this very file."""
    wanted = fingerprint(LOCK)
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    with step("Install the development tools into .venv"):
        run(install_command(LOCK), timeout=INSTALL_SECONDS, hint="look at pip's output above")
    STAMP.write_text(wanted)


def install_command(lock: Path) -> list[str]:
    """Return the pip call that installs a lock file, checking every hash."""
    quiet = ["-qq", "--disable-pip-version-check", "--no-cache-dir"]
    return [sys.executable, "-m", "pip", "install", *quiet, "--require-hashes", "-r", str(lock)]


def fingerprint(file: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
