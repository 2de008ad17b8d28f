"""Run a program of the host and say clearly what happened when it fails."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

TAIL_LINES = 30


def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float | None = None,
    hint: str = "",
) -> str:
    """Run argv and return its stdout.

    env is added to this process's environment; timeout is in seconds. Raises ParityError with the
    last lines of output when the program is missing, fails or takes too long.
    """
    try:
        done = subprocess.run(
            argv,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            timeout=timeout,
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError as error:
        raise ParityError(f"'{argv[0]}' is not installed", hint=hint) from error
    except subprocess.TimeoutExpired as error:
        raise ParityError(f"'{' '.join(argv)}' took over {timeout:.0f} s", hint=hint) from error
    if done.returncode:
        lines = (done.stdout + done.stderr).splitlines()[-TAIL_LINES:]
        raise ParityError(
            f"'{' '.join(argv)}' failed with exit code {done.returncode}",
            hint=hint,
            detail="\n".join(lines),
        )
    return done.stdout


def succeeds(argv: Sequence[str], *, timeout: float = 20) -> bool:
    """Tell whether argv runs and exits with 0 within timeout seconds."""
    if shutil.which(argv[0]) is None:
        return False
    try:
        run(argv, timeout=timeout)
    except ParityError:
        return False
    return True
