"""Everything that is printed: data on stdout, progress and errors on stderr."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from parity.errors import ParityError

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Show a step while it runs and how long it took; a failed one stays visible as failed."""
    started = time.monotonic()
    if not err.is_terminal:
        err.print(f"[dim]·[/] {title}")
    try:
        if err.is_terminal:
            with err.status(title):
                yield
        else:
            yield
    except BaseException:
        err.print(f"[red]✗[/] {title}")
        raise
    err.print(f"[green]✓[/] {title} [dim]{time.monotonic() - started:.1f} s[/]")


def note(text: str) -> None:
    """Print one line of progress that needs no timing."""
    err.print(text)


def failure(error: ParityError) -> None:
    """Print an error as: what the failed program said, what happened, what to type next."""
    if error.detail:
        err.print(error.detail.rstrip(), style="dim", markup=False)
    err.print(f"[bold red]error:[/] {error.what}", markup=True)
    if error.hint:
        err.print(f"[bold]next:[/]  {error.hint}")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "") -> None:
    """Print rows as a table on stdout; cells may carry Rich markup."""
    grid = Table(title=title or None, title_justify="left", header_style="bold", box=None)
    for column in columns:
        grid.add_column(column)
    for row in rows:
        grid.add_row(*row)
    out.print(grid)


def emit_json(value: object) -> None:
    """Print one JSON document on stdout."""
    print(json.dumps(value, indent=2, ensure_ascii=False))  # noqa: T201 - data, not logging
