"""`parity rollback`: back to an image that was live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.aws.account import connect
from parity.deploy.carry_out import Manner
from parity.deploy.receipt import ID
from parity.deploy.roll_back import roll_back
from parity.errors import UsageError
from parity.verbs.deploy import checked_stack
from parity.verbs.on_stack import on_stack

if TYPE_CHECKING:
    from collections.abc import Callable


def rollback(
    stack: str,
    receipt_id: str | None,
    confirm: Callable[[str], bool],
    *,
    dry_run: bool,
    smoke: bool,
) -> str:
    """Bring a stack back to a receipt, or to the one before; return the URL ('' if dry)."""
    if receipt_id is not None and not ID.fullmatch(receipt_id):
        raise UsageError(f"'{receipt_id}' is not a receipt's id", hint="parity status")
    manner = Manner(confirm=confirm, smoke=smoke)
    with on_stack(checked_stack(stack), "rollback"):
        return roll_back(connect(), stack, receipt_id, manner, dry_run=dry_run)
