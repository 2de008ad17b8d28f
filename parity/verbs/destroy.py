"""`parity destroy`: the stack away, after a look at what goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from parity import console
from parity.aws.account import connect
from parity.deploy.change_set import kinds_of
from parity.deploy.destroy import delete, read_members, read_own_stack
from parity.deploy.push import find_repository
from parity.errors import ParityError
from parity.verbs.deploy import checked_stack
from parity.verbs.on_stack import on_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from parity.deploy.destroy import Member

COLUMNS = ("becomes", "what", "resources")


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
            how = f"; to delete it: {member.command}" if member.command else ""
            console.note(f"Retained: {member.kind} {member.physical_id}{how}")
    if repository is not None:
        console.note(
            "Retained: the images in ECR; to delete them:"
            f" aws ecr delete-repository --force --repository-name {stack}"
        )


def rows(members: Sequence[Member]) -> list[list[str]]:
    """Return what becomes of the resources, with Rich markup, matching COLUMNS.

    Those that go share a row with others of their type; then, by name, each that is retained.
    """
    going: dict[str, list[str]] = {}
    for member in members:
        if not member.retained:
            going.setdefault(member.type, []).append(member.logical_id)
    return [
        *(
            ["[red]deleted[/]", escape(kinds_of(kind, len(ids))), escape(", ".join(ids))]
            for kind, ids in going.items()
        ),
        *(
            ["[green]retained[/]", escape(member.kind), escape(member.physical_id)]
            for member in members
            if member.retained
        ),
    ]
