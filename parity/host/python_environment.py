"""The development environment: the same .venv, with linters, test tools and the app's libraries."""

from __future__ import annotations

import hashlib
import re
import sys
from typing import TYPE_CHECKING

from parity.console import step
from parity.errors import ParityError
from parity.host.command import run
from parity.project import ROOT

if TYPE_CHECKING:
    from pathlib import Path

VENV = ROOT / ".venv"
LOCK = ROOT / "requirements-dev.txt"
STAMP = VENV / ".dev-made-from"
INSTALL_SECONDS = 1800
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")
INDEX = re.compile(r"^\S+\.index-url='(.+)'$", re.MULTILINE)


def tool(name: str) -> str:
    """Return the path of a program of the development environment."""
    return str(VENV / "bin" / name)


def ensure_dev_environment() -> None:
    """Install what requirements-dev.txt names, unless that has been done for this very file."""
    wanted = fingerprint(LOCK)
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    with step("Install the development tools into .venv"):
        install(LOCK, sys.executable)
    STAMP.write_text(wanted)


def install(lock: Path, python: str) -> None:
    """Install a lock file into the environment of that Python, checking every hash.

    By uv, which takes a twentieth of pip's time; by pip where uv fails, as it may where only pip's
    configuration leads to an index.
    """
    what = ["install", "--require-hashes", "-r", str(lock)]
    try:
        run(
            [tool("uv"), "pip", *what, "--quiet", "--no-cache", "--python", python],
            env=_index_of_pip(),
            timeout=INSTALL_SECONDS,
        )
    except ParityError:
        run([*PIP, "--python", python, *what, "-qq", "--no-cache-dir"], timeout=INSTALL_SECONDS)


def _index_of_pip() -> dict[str, str]:
    """Return the index that pip was told of, if any, as uv takes it."""
    told = INDEX.findall(run([*PIP, "config", "list"]))
    return {"UV_DEFAULT_INDEX": told[-1]} if told else {}


def fingerprint(file: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
