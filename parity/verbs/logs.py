"""`parity logs`: what the stack has written, straight to the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity import console, stack
from parity.cluster.compose import Compose
from parity.host.command import show

if TYPE_CHECKING:
    from parity.project import Settings


def show_logs(
    settings: Settings, which: int | str | None, *, follow: bool, tail: int | None
) -> int:
    """Show the log of one replica, or of every service; return the exit code of Compose."""
    cluster = Compose(settings)
    cluster.url()  # says so when the stack is not up
    number = None if which is None else cluster.serving(which).number
    colours = console.out.is_terminal and not console.out.no_color
    argv = stack.logs_command(follow=follow, tail=tail, number=number, colours=colours)
    return show(argv, env=stack.compose_environment(settings))
