"""The rehearsal's terminal: a line for each scenario; all that `deploy` says goes into a file."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from parity.project import STATE

if TYPE_CHECKING:
    from collections.abc import Iterator

LOG = STATE / "rehearsal.log"
STDERR = 2  # the descriptor, which programs that are started inherit


class Quiet:
    """Sends stderr into the log while scenarios run, and shows which one does."""

    def __init__(self, log: IO[str]) -> None:
        self._log = log
        terminal = os.fdopen(os.dup(STDERR), "w")
        self._console = Console(file=terminal, highlight=False, emoji=False, soft_wrap=True)

    @contextmanager
    def scenario(self, title: str) -> Iterator[None]:
        """Show the title while the block runs; what the block prints on stderr goes to the log."""
        if self._console.is_terminal:
            with self._console.status(escape(title)), self._aside():
                yield
        else:
            self._console.print(f"[dim]·[/] {escape(title)}")
            with self._aside():
                yield

    def position(self) -> int:
        """Return how long the log is, to show later what has come since."""
        return self._log.tell()

    def show_since(self, position: int) -> None:
        """Print what the log holds from a position on."""
        self._log.seek(position)
        self._console.print(escape(self._log.read().rstrip()))

    @contextmanager
    def _aside(self) -> Iterator[None]:
        sys.stderr.flush()
        kept = os.dup(STDERR)
        os.dup2(self._log.fileno(), STDERR)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, STDERR)
            os.close(kept)


@contextmanager
def quiet() -> Iterator[Quiet]:
    """Give a quiet terminal whose log begins anew."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("w+") as log:
        yield Quiet(log)
