"""`parity rollback`: back to an image that was live, through CloudFormation.

Not through ECS: CloudFormation would go on believing in the newer image, and bring it back at the
next update. Template and other parameters stay as they are.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from parity import console
from parity.deploy import change_set, history, receipt
from parity.deploy.carry_out import Shipment, carry_out, finish, show
from parity.deploy.deployer import description
from parity.deploy.image import ARCHITECTURES
from parity.deploy.plan import ARCHITECTURE, IMAGE, RECEIPT
from parity.deploy.promote import existing_repository, settle
from parity.deploy.registry import architecture_of, find_image
from parity.deploy.stack_state import check_exists, next_step
from parity.errors import ParityError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from parity.aws.account import Account
    from parity.deploy.carry_out import Manner
    from parity.deploy.registry import Repository
    from parity.deploy.stack_state import StackState


def roll_back(
    account: Account, stack: str, wanted: str | None, manner: Manner, *, dry_run: bool = False
) -> str:
    """Bring the stack back to a receipt that was live, or to the one before; return the URL.

    Raises ParityError where no such receipt was live, for a stack that cannot be updated, and for
    an image that is for other processors than the stack asks for.
    """
    state, followed = settle(account, stack)
    check_exists(state)
    next_step(state)
    repository = existing_repository(account, stack)
    target = wanted or _one_before(account, state, repository)
    shipment = Shipment(
        target, repository, history.live_digest(repository, target), known_digest(target)
    )
    if state.parameters.get(RECEIPT) == target:
        console.note(f"Nothing to change: '{state.name}' has receipt {target} already.")
        if dry_run:
            return ""
        return finish(account, state, shipment, changed=followed, smoke_too=manner.smoke)
    _check_architecture(state, shipment)
    console.note(f"Back from receipt {state.parameters.get(RECEIPT, 'none')} to {target}")
    if not dry_run:
        change_set.delete_leftovers(account, state)
    request = change_set.Request(
        stack=stack,
        kind="UPDATE",
        name=change_set.new_name(target, time.time()),
        description=description("rollback", target, account.identity().arn),
        template=None,
        given={IMAGE: f"{repository.uri}@{shipment.digest}", RECEIPT: target},
        previous=state.parameters,
    )
    with console.step("Create the change set"):
        made = change_set.create(account, request)
    if made is None:
        console.note("Nothing to change: CloudFormation finds no difference.")
        if dry_run:
            return ""
        return finish(account, state, shipment, changed=followed, smoke_too=manner.smoke)
    if dry_run:
        with change_set.dropped_on_error(account, made):
            show(made)
        change_set.drop(account, made)
        console.note("Nothing was changed: this was a dry run.")
        return ""
    return carry_out(account, made, shipment, manner)


def known_digest(receipt_id: str, folder: Path = receipt.FOLDER) -> str:
    """Return the configuration that a receipt was given for; '' if this machine does not have it.

    Another machine may have tested it: what was live is known to ECR, not to this folder.
    """
    try:
        return receipt.read(receipt_id, folder).config_digest
    except UsageError:
        return ""


def _check_architecture(state: StackState, shipment: Shipment) -> None:
    """Raise ParityError for an image whose tasks could not start: the parameters stay as they are.

    The image itself is asked, as another machine may have its receipt.
    """
    repository = shipment.repository
    image = find_image(repository, shipment.digest, shipment.config_digest)
    wanted = state.parameters.get(ARCHITECTURE, "")
    found = architecture_of(repository, image) if image else ""
    have = ARCHITECTURES.get(found, "")
    if have != wanted:
        deploy = f"parity deploy --receipt {shipment.receipt_id}"
        raise ParityError(
            f"nothing was changed: the image of receipt {shipment.receipt_id} is for"
            f" {have or found or 'no known architecture'}, the stack's parameter {ARCHITECTURE} is"
            f" '{wanted}'",
            hint=f"{deploy} --parameter {ARCHITECTURE}={have}" if have else "parity status",
        )


def _one_before(account: Account, state: StackState, repository: Repository) -> str:
    current = state.outputs.get("TaskDefinitionArn", "")
    if not current:
        raise ParityError(
            f"the stack '{state.name}' names no TaskDefinitionArn in its outputs",
            hint="parity rollback <receipt>    (parity status lists them)",
        )
    revisions = history.read_history(account, current)
    return history.one_before(revisions, current, history.live_receipts(repository)).receipt
