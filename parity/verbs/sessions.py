"""`parity sessions`: the store's own command, inside the app's image, on the stack's volume."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity import stack
from parity.efs import service as efs
from parity.errors import ParityError
from parity.host.command import NOT_FOUND, show, succeeds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.project import Settings


def run_sessions(settings: Settings, arguments: Sequence[str]) -> int:
    """Run the command with this process's stdin, stdout and stderr; return its exit code.

    The stack may be up or down: it is a container of its own, which no load balancer finds and
    which is gone afterwards. On a stack with EFS semantics it is a client of those as the replicas
    are: past them, its locks would hold against nobody. Raises ParityError where there is no image,
    no volume or no Docker.
    """
    efs.revive(settings)
    settings = stack.as_running(settings)
    if not settings.data.is_dir():
        raise ParityError(f"there are no sessions yet: no '{settings.data}'", hint="scripts/up")
    if not succeeds(["docker", "image", "inspect", f"{settings.project}-app"]):
        raise ParityError(f"the image '{settings.project}-app' is not there", hint="scripts/up")
    code = show(stack.sessions_command(arguments), env=stack.compose_environment(settings))
    if code == NOT_FOUND:
        raise ParityError("'docker' is not installed", hint="scripts/up")
    return code
