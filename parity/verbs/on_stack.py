"""What the commands that work on one stack share: how they ask, and what they say comes next."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.markup import escape

from parity import console
from parity.errors import ParityError, UsageError
from parity.project import DEFAULT_STACK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A command in a hint that does not say yet which stack it is for.
COMMAND = re.compile(r"\bparity (?:deploy|rollback|status|destroy)\b(?![^,(]*--stack)")


@contextmanager
def on_stack(stack: str, verb: str) -> Iterator[None]:
    """Let every command that is named next be for this stack; after Ctrl-C or SIGTERM, name one.

    The same command goes on from wherever it was interrupted.
    """
    try:
        yield
    except ParityError as error:
        error.hint = for_stack(error.hint, stack)
        raise
    except (KeyboardInterrupt, SystemExit):
        command = for_stack(f"parity {verb}", stack)
        console.err.print(f"\n[bold]next:[/]  {command}    (goes on from here)")
        raise


def for_stack(hint: str, stack: str) -> str:
    """Return a hint whose commands name the stack, unless it is the one they mean anyway."""
    if stack == DEFAULT_STACK:
        return hint
    return COMMAND.sub(lambda found: f"{found[0]} --stack {stack}", hint)


def asker(*, yes: bool) -> Callable[[str], bool]:
    """Return the function that asks the user, or that says yes for them."""
    return (lambda _: True) if yes else confirm


def confirm(question: str) -> bool:
    """Ask until the answer is yes or no; none is no. Raises UsageError where nobody can answer."""
    while True:
        answer = ask(f"{question} [y/N]:").lower()
        if answer in ("y", "yes"):
            return True
        if answer in ("", "n", "no"):
            return False


def ask(question: str) -> str:
    """Return the line that is typed; stdout stays clear of it, being the command's data.

    Raises UsageError at the end of the input, as in a pipeline or a cron job.
    """
    console.err.print(escape(question), end=" ")
    line = sys.stdin.readline()
    if not line:
        console.err.print()
        raise UsageError(
            "nothing was changed: there is nobody to answer, as this is no terminal",
            hint="the same with --yes, which agrees beforehand",
        )
    return line.strip()
