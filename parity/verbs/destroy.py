"""`parity destroy`: the stack away, after a look at what goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from parity import console
from parity.deploy.account import connect
from parity.deploy.destroy import delete, read_members, read_own_stack
from parity.deploy.push import find_repository
from parity.errors import ParityError
from parity.verbs.deploy import checked_stack
from parity.verbs.on_stack import on_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from parity.deploy.destroy import Member

COLUMNS = ("becomes", "resource", "what", "name")


def destroy(stack: str, ask: Callable[[], str]) -> None:
    """Delete a stack of the kit's; ask returns the name that the user has typed.

    Raises ParityError, with nothing changed, when that is another.
    """
    with on_stack(checked_stack(stack), "destroy"):
        _destroy(stack, ask)


def _destroy(stack: str, ask: Callable[[], str]) -> None:
    account = connect()
    state = read_own_stack(account, stack)
    members = read_members(account, state)
    console.err.print(console.make_table(COLUMNS, rows(members)))
    repository = find_repository(account, stack)
    if repository is not None:
        console.note(f"Retained, too: the images in ECR, {repository.uri}")
    typed = ask()
    if typed.strip() != stack:
        raise ParityError(
            f"nothing was deleted: '{typed}' is not '{stack}'",
            hint="parity destroy",
        )
    delete(account, state)
    for member in members:
        if member.retained:
            console.note(f"Retained: {member.kind} {member.physical_id}")
    if repository is not None:
        console.note(
            "Retained: the images in ECR; to delete them:"
            f" aws ecr delete-repository --force --repository-name {stack}"
        )


def rows(members: Sequence[Member]) -> list[list[str]]:
    """Return one row a resource, with Rich markup, matching COLUMNS; the retained ones last."""
    return [
        [
            "[green]retained[/]" if member.retained else "[red]deleted[/]",
            escape(member.logical_id),
            escape(member.kind),
            escape(member.physical_id),
        ]
        for member in sorted(members, key=lambda each: (each.retained, each.logical_id))
    ]
