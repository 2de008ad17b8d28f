"""Run a program of the host and say clearly what happened when it fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager, suppress
from threading import Event, Timer
from typing import IO, TYPE_CHECKING

from parity.diagnosis import diagnose
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

TAIL_LINES = 30
GRACE_SECONDS = 15
STEP_SECONDS = 1
NOT_FOUND = 127


def run(  # noqa: PLR0913 - each is a thing that a program is run with
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float | None = None,
    hint: str = "",
    shielded: bool = False,
) -> str:
    """Run argv and return its stdout.

    env is added to this process's environment; timeout is in seconds; a shielded program does not
    hear the terminal's Ctrl-C. Raises ParityError with the last lines of output when the program is
    missing, fails or takes too long.
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
            start_new_session=shielded,
        )
    except (FileNotFoundError, PermissionError) as error:
        raise ParityError(f"'{argv[0]}' is not installed", hint=hint) from error
    except subprocess.TimeoutExpired as error:
        raise ParityError(f"'{' '.join(argv)}' took over {timeout:.0f} s", hint=hint) from error
    if done.returncode:
        raise failed(argv, done.returncode, done.stdout + done.stderr, hint=hint)
    return done.stdout


def follow(
    argv: Sequence[str],
    tell: Callable[[str], None],
    *,
    env: Mapping[str, str] | None = None,
    timeout: float,
    hint: str = "",
) -> None:
    """Run argv as `run` does, and tell each line of its output as it comes."""
    output: list[str] = []
    try:
        started = subprocess.Popen(
            argv,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except (FileNotFoundError, PermissionError) as error:
        raise ParityError(f"'{argv[0]}' is not installed", hint=hint) from error
    expired = Event()

    def give_up() -> None:
        expired.set()
        started.terminate()

    too_late = Timer(timeout, give_up)
    with started as process:
        too_late.start()
        try:
            for line in process.stdout or ():
                output.append(line.rstrip("\n"))
                tell(output[-1])
            code = process.wait()
        except BaseException:
            process.terminate()
            _wait_or_kill(process)
            raise
        finally:
            too_late.cancel()
    if code and expired.is_set():
        raise ParityError(f"'{' '.join(argv)}' took over {timeout:.0f} s", hint=hint)
    if code:
        raise failed(argv, code, "\n".join(output), hint=hint)


def failed(argv: Sequence[str], code: int, output: str, *, hint: str = "") -> ParityError:
    """Return the error for a program that failed; a known cause wins over the bare exit code."""
    detail = "\n".join(output.splitlines()[-TAIL_LINES:])
    if known := diagnose(output):
        return ParityError(known.what, hint=known.hint, detail=detail)
    return ParityError(f"'{' '.join(argv)}' failed with exit code {code}", hint=hint, detail=detail)


def succeeds(argv: Sequence[str], *, timeout: float = 20) -> bool:
    """Tell whether argv runs and exits with 0 within timeout seconds."""
    return complaint(argv, timeout=timeout) is None


def complaint(argv: Sequence[str], *, timeout: float = 20) -> str | None:
    """Run argv: None when it exits with 0 within timeout seconds, else the last line it printed."""
    if shutil.which(argv[0]) is None:
        return f"'{argv[0]}' is not installed"
    try:
        run(argv, timeout=timeout)
    except ParityError as error:
        return error.detail.strip().splitlines()[-1] if error.detail.strip() else error.what
    return None


def show(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdout_is_stderr: bool = False,
) -> int:
    """Run argv with this process's own terminal and return its exit code.

    stdout_is_stderr: what it prints is progress of this command, not its data. On Ctrl-C, or
    whatever else ends the wait, the program gets time to end itself first.
    """
    try:
        process = subprocess.Popen(
            argv,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            stdout=sys.stderr.fileno() if stdout_is_stderr else None,
        )
    except (FileNotFoundError, PermissionError):
        return NOT_FOUND
    with _ending(process):
        return _wait_in_steps(process)


@contextmanager
def beside(
    argv: Sequence[str], output: IO[str], *, cwd: Path | None = None
) -> Iterator[Callable[[], int]]:
    """Run argv beside the block, its output going into a file; give what waits for its exit code.

    It yields the processor to whatever else wants it. If the block ends in an error or by a signal,
    the program gets time to end itself first; else it is waited for.
    """
    process = subprocess.Popen(["nice", *argv], cwd=cwd, stdout=output, stderr=subprocess.STDOUT)
    with _ending(process):
        yield lambda: _wait_in_steps(process)
        _wait_in_steps(process)


@contextmanager
def _ending(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Have the program end itself if the block ends in an error or by a signal."""
    try:
        yield
    except BaseException as error:
        if not isinstance(error, KeyboardInterrupt):
            process.terminate()  # it has not heard of it: only Ctrl-C reaches the whole group
        _wait_or_kill(process)
        raise


def _wait_in_steps(process: subprocess.Popen[bytes]) -> int:
    """Wait for the program's end, open to signals.

    One that arrives in the moment before a system call that blocks is not seen until that call
    returns, which without steps would be at the program's own end.
    """
    while True:
        with suppress(subprocess.TimeoutExpired):
            return process.wait(STEP_SECONDS)


def _wait_or_kill(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    try:
        process.wait(GRACE_SECONDS)
    except (subprocess.TimeoutExpired, KeyboardInterrupt, SystemExit):  # too slow; Ctrl-C again
        process.kill()
        process.wait()
