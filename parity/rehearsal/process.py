"""A server of the rehearsal: started on loopback, waited for, ended by its own process id."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from parity.errors import ParityError
from parity.host.preflight import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

READY_SECONDS = 60
GRACE_SECONDS = 5
POLL_SECONDS = 0.1
TAIL_LINES = 30


@contextmanager
def server(
    argv: Sequence[str], *, port: int, log: Path, env: Mapping[str, str], cwd: Path
) -> Iterator[None]:
    """Run a server while the block runs; it answers on the port from the block's first line on.

    env is its whole environment. Output goes to the log. Raises ParityError with the log's end
    when it ends at once or does not answer in time.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            argv,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is the rehearsal's, which then ends its servers
        )
    try:
        _wait_ready(process, argv[0], port, log)
        yield
    finally:
        _end(process)


def bare_environment(**more: str) -> dict[str, str]:
    """Return an environment without a trace of the user's AWS: no profile, no keys, no proxy."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | more


def _wait_ready(process: subprocess.Popen[bytes], name: str, port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return
        if process.poll() is not None:
            raise _broken(f"'{name}' has ended with exit code {process.returncode}", log)
        time.sleep(POLL_SECONDS)
    raise _broken(f"'{name}' does not answer on port {port} after {READY_SECONDS} s", log)


def _broken(what: str, log: Path) -> ParityError:
    detail = "\n".join(log.read_text(errors="replace").splitlines()[-TAIL_LINES:])
    return ParityError(what, hint="parity deploy --rehearse    (once more)", detail=detail)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
