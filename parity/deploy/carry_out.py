"""A change set from the question to the proof: shown, asked for, executed, waited for, proven."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from parity import console
from parity.deploy import change_set, history, progress, rollout
from parity.deploy.registry import find_image
from parity.deploy.rollout import Service, Watch
from parity.deploy.smoke import smoke
from parity.deploy.stack_state import read_stack
from parity.deploy.tasks import read_tasks
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Callable

    from parity.aws.account import Account
    from parity.deploy.change_set import ChangeSet
    from parity.deploy.registry import Repository
    from parity.deploy.stack_state import StackState


@dataclass(frozen=True)
class Shipment:
    """What shall run when all is done.

    digest: of the manifest in ECR. config_digest: as it was tested; '' where this machine has no
    receipt to compare with.
    """

    receipt_id: str
    repository: Repository
    digest: str
    config_digest: str


@dataclass(frozen=True)
class Manner:
    """How a command wants it done. confirm: asks the user and returns the answer."""

    confirm: Callable[[str], bool]
    smoke: bool = True


def show(made: ChangeSet) -> None:
    """Print what a change set would do, on stderr: it is a question, not the command's data."""
    if not made.changes:
        console.note("No resource changes, only what the stack says of itself, such as an output.")
        return
    console.err.print()
    console.err.print(console.make_table(change_set.COLUMNS, change_set.rows(made.changes)))
    console.err.print()


def carry_out(account: Account, made: ChangeSet, shipment: Shipment, manner: Manner) -> str:
    """Ask, execute, wait, prove, try; return the URL.

    Without a yes, the change set is dropped and a ParityError says that nothing was changed.
    """
    with change_set.dropped_on_error(account, made):
        show(made)
        if not manner.confirm(f"Change the stack '{made.stack}' so?"):
            raise ParityError(
                "nothing was changed: the change was not agreed to",
                hint="parity deploy --dry-run    (shows it again; the image stays in ECR)",
            )
        watch = Watch(account, None, datetime.now(UTC))
        before = read_stack(account, made.stack)
        seen = {event.id for event in progress.read_events(account, before.stack_id)}
    change_set.execute(account, made)
    after, causes = progress.follow(account, before, seen=seen, watch=watch.on_stack_events)
    progress.check_good(after, [*causes], watch.failures)
    return finish(account, after, shipment, changed=True, smoke_too=manner.smoke, watch=watch)


def finish(  # noqa: PLR0913 - each decides one step
    account: Account,
    state: StackState,
    shipment: Shipment,
    *,
    changed: bool,
    smoke_too: bool,
    watch: Watch | None = None,
) -> str:
    """Wait for the rollout, prove it, try the chat, and record that it is live; return the URL.

    changed: whether the stack was changed just now; if not, the chat is tried only where the
    receipt was never proven in this stack before.
    """
    service = service_of(state)
    watch = watch or Watch(account, service, datetime.now(UTC))
    watch.service = service
    rollout.wait_rollout(watch)
    verify(account, service, shipment)
    url = state.outputs.get("Url", "")
    # One that was interrupted may have come to its end unseen: it is tried when first proven.
    if smoke_too and (changed or not history.is_live(shipment.repository, shipment.receipt_id)):
        try_out(state, url)
    history.mark_live(shipment.repository, shipment.digest, shipment.receipt_id)
    return url


def verify(account: Account, service: Service, shipment: Shipment) -> None:
    """Raise ParityError unless every running task runs the tested image.

    Two steps: ECS says which digest each task has pulled; ECR's manifest of that digest names the
    configuration, and that is what was tested.
    """
    rollout.prove(read_tasks(account, service.cluster, service.name), shipment.digest)
    found = find_image(shipment.repository, shipment.digest, shipment.config_digest)
    if found is None:
        raise ParityError(
            f"{shipment.repository.uri}@{shipment.digest} runs, but is no longer in ECR: a task"
            " that is replaced cannot start",
            hint="parity deploy",
        )
    if not shipment.config_digest:
        console.note(f"Its configuration is {found.config_digest}; its receipt is not here.")
    elif found.config_digest != shipment.config_digest:
        raise ParityError(
            f"what runs, {shipment.digest}, has the configuration {found.config_digest};"
            f" receipt {shipment.receipt_id} was given for {shipment.config_digest}",
            hint="scripts/test, then parity deploy",
        )
    else:
        console.note(f"Their configuration is the tested one: {found.config_digest}")


def service_of(state: StackState) -> Service:
    """Return the stack's service. Raises ParityError for a stack without one in its outputs."""
    cluster, name = (state.outputs.get(key, "") for key in ("ClusterName", "ServiceName"))
    if not cluster or not name:
        raise ParityError(
            f"the stack '{state.name}' names no ClusterName and ServiceName in its outputs",
            hint="git diff infra/template.yml",
        )
    return Service(cluster, name)


def try_out(state: StackState, url: str) -> None:
    """Run the smoke tests, unless people have to sign in first."""
    if state.parameters.get("OidcIssuer"):
        console.note("No smoke tests: the chat asks for a sign-in, which they cannot do.")
    else:
        smoke(url)
