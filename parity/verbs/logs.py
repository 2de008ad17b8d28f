"""`parity logs`: what the stack has written, as it comes."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from parity import console, stack
from parity.cluster.compose import Compose
from parity.host.command import show

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from parity.project import Settings

ERASE_LINE = b"\x1b[2K"


def show_logs(
    settings: Settings, which: int | str | None, *, follow: bool, tail: int | None
) -> int:
    """Show the log of one replica, or of every service; return the exit code of Docker."""
    cluster = Compose(settings)
    environment = stack.compose_environment(settings)
    if which is not None:
        name = cluster.serving(which).name
        return show(stack.logs_command(follow=follow, tail=tail, container=name), env=environment)
    cluster.url()  # says so when the stack is not up
    argv = stack.logs_command(follow=follow, tail=tail, container=None)
    in_terminal = console.out.is_terminal
    return show(argv, env=environment) if in_terminal else show_plainly(argv, environment)


def show_plainly(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run argv, leaving out the escape sequence that Compose writes even into a pipe."""
    variables = {**os.environ, **environment}
    with subprocess.Popen(argv, env=variables, stdout=subprocess.PIPE) as process:
        for line in process.stdout or ():
            sys.stdout.buffer.write(line.removeprefix(ERASE_LINE))
            sys.stdout.buffer.flush()
    return process.returncode
