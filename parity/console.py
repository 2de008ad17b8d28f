"""Everything that is printed: data on stdout, progress and errors on stderr."""

from __future__ import annotations

import json
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TextIO

    from parity.errors import ParityError

PIPE_WIDTH = 200  # columns; a table that goes into a file or a pipe is not folded


def _console(stream: TextIO, *, stderr: bool) -> Console:
    width = None if stream.isatty() else PIPE_WIDTH
    return Console(stderr=stderr, highlight=False, emoji=False, soft_wrap=True, width=width)


out = _console(sys.stdout, stderr=False)
err = _console(sys.stderr, stderr=True)


class Step:
    """A step under way."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self.given_up = ""

    def say(self, text: str) -> None:
        """Tell what the step is at now."""
        self._show(text)

    def give_up(self, reason: str) -> None:
        """Say why it does not come to its end, though that is no failure, or none of the step."""
        self.given_up = reason


@contextmanager
def step(title: str, *, keep: bool = False) -> Iterator[Step]:
    """Show a step while it runs and how long it took; a failed one stays visible as failed.

    A terminal shows what it is at beside its title; into a file goes no line that is overwritten.
    With keep, each goes there as a line of its own. Steps do not nest.
    """
    started = time.monotonic()
    title = escape(title)
    try:
        if err.is_terminal:
            with err.status(title) as status:
                current = Step(lambda text: status.update(f"{title} [dim]{escape(text)}[/]"))
                yield current
        else:
            err.print(f"[dim]·[/] {title}")
            current = Step(lambda text: note(f"  {text}") if keep else None)
            yield current
    except BaseException:
        err.print(f"[red]✗[/] {title}")
        raise
    seconds = f"[dim]{time.monotonic() - started:.1f} s[/]"
    if current.given_up:
        err.print(f"[yellow]-[/] {title}: {escape(current.given_up)} {seconds}")
    else:
        err.print(f"[green]✓[/] {title} {seconds}")


def verbatim(text: str) -> None:
    """Print what another program has printed, as it is."""
    out.file.write(text)
    out.file.flush()


def note(text: str) -> None:
    """Print one line of progress that needs no timing."""
    err.print(escape(text))


def headline(text: str) -> None:
    """Print a line that parts the output of one program from the next."""
    err.print()
    err.print(f"[bold]── {escape(text)} ──[/]")


def failure(error: ParityError) -> None:
    """Print an error as: what the failed program said, what happened, what to type next."""
    if error.detail:
        err.print(Text(error.detail.rstrip(), style="dim"))
    err.print(f"[bold red]error:[/] {escape(error.what)}")
    if error.hint:
        err.print(f"[bold]next:[/]  {escape(error.hint)}")


def table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "", gap: int = 3
) -> None:
    """Print rows as a table on stdout; cells carry Rich markup, so escape what others wrote."""
    out.print(make_table(columns, rows, title=title, gap=gap))


def make_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "", gap: int = 3
) -> Table:
    """Return rows as a table; a column whose title ends in '>' is aligned to the right.

    gap: spaces between two columns.
    """
    grid = Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        header_style="dim",
        box=None,
        show_header=any(columns),
        pad_edge=False,
        padding=(0, gap, 0, 0),
    )
    for column in columns:
        grid.add_column(
            column.removesuffix(">"),
            justify="right" if column.endswith(">") else "left",
            overflow="fold",
        )
    for row in rows:
        grid.add_row(*row)
    return grid


def emit_json(value: object) -> None:
    """Print one JSON document on stdout."""
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str))  # noqa: T201 - data
