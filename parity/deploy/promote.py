"""`parity deploy`: the tested image into the cloud, by the least change that gets it there.

Look at everything, push, show the change, ask, change, wait, prove, try.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from parity import console
from parity.aws.errors import plainly
from parity.deploy import change_set, preflight, progress, push
from parity.deploy.carry_out import Manner, Shipment, carry_out, finish, show
from parity.deploy.deployer import description
from parity.deploy.plan import IMAGE, Plan, digest_of, make_plan
from parity.deploy.prefix_list import with_prefix_list
from parity.deploy.stack_state import check_own, read_stack
from parity.deploy.template import as_text
from parity.errors import ParityError
from parity.template.rules.table import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from docker import DockerClient

    from parity.aws.account import Account, Identity
    from parity.deploy.change_set import ChangeSet
    from parity.deploy.image import LocalImage
    from parity.deploy.receipt import Receipt
    from parity.deploy.registry import Repository
    from parity.deploy.stack_state import StackState
    from parity.deploy.template import Template
    from parity.template.rules.rule import Rule


@dataclass(frozen=True)
class Engine:
    """The local Docker Engine, asked only when it is needed.

    find: looks a receipt's image up; connect: gives a client. Both raise ParityError when no
    engine answers.
    """

    find: Callable[[Receipt], LocalImage | None]
    connect: Callable[[], DockerClient]


@dataclass(frozen=True)
class Wish:
    """What is to be deployed. given: parameters by name; all others stay as they are.

    checkout: the commit that is checked out, '' if unknown. rules: that the template must keep.
    role_arn: as in `change_set.Request`.
    """

    stack: str
    receipt: Receipt
    template: Template
    manner: Manner
    given: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False
    checkout: str = ""
    rules: Sequence[Rule] = RULES
    role_arn: str = ""


def promote(account: Account, identity: Identity, wish: Wish, engine: Engine) -> str:
    """Bring the stack to the wish; return its URL, or '' after a dry run."""
    state, followed = settle(account, wish.stack)
    given = with_prefix_list(account, wish.template, wish.given, state.parameters)
    wish = replace(wish, given=given)
    preflight.require(preflight.examine(_case(account, identity, state, wish, engine)))
    body = read_body(account, state)
    plan = make_plan(state, body, wish.template, wish.receipt.id, wish.given)
    if wish.dry_run:
        _rehearse_change(account, identity, state, wish, plan)
        return ""
    change_set.delete_leftovers(account, state)
    shipment = _ship(account, state, wish, plan, engine)
    if plan.nothing:
        _say_nothing_to_change(state, wish, f"'{state.name}' has receipt {wish.receipt.id} already")
        return finish(account, state, shipment, changed=followed, smoke_too=wish.manner.smoke)
    made = _prepare(account, state, wish, plan, f"{shipment.repository.uri}@{shipment.digest}")
    if made is None:
        _say_nothing_to_change(state, wish, "CloudFormation finds no difference")
        return finish(account, state, shipment, changed=followed, smoke_too=wish.manner.smoke)
    return carry_out(account, made, shipment, wish.manner)


def settle(account: Account, stack: str) -> tuple[StackState, bool]:
    """Wait until CloudFormation is done with the stack; say whether there was anything to wait for.

    That is how a deploy goes on after Ctrl-C. Somebody else's stack is not waited for.
    """
    state = read_stack(account, stack)
    check_own(state)
    if not state.in_progress:
        return state, False
    console.note(f"The stack '{stack}' is in {state.status}; following that first.")
    progress.follow(account, state)
    return read_stack(account, stack), True


def read_body(account: Account, state: StackState) -> str:
    """Return the stack's template as it was sent; '' where there is no stack."""
    if not state.exists:
        return ""
    with plainly():
        answer = account.client("cloudformation").get_template(
            StackName=state.name, TemplateStage="Original"
        )
    return as_text(answer["TemplateBody"])


def _say_nothing_to_change(state: StackState, wish: Wish, why: str) -> None:
    """Say so; CloudFormation takes a role together with a change only, so that is said, too."""
    console.note(f"Nothing to change: {why}.")
    if wish.role_arn not in ("", state.role_arn):
        now = state.role_arn or "whoever deploys"
        console.note(
            f"--stack-role is not taken over without a change: CloudFormation still acts as {now}."
        )


def _case(
    account: Account, identity: Identity, state: StackState, wish: Wish, engine: Engine
) -> preflight.Case:
    return preflight.Case(
        account=account,
        identity=identity,
        state=state,
        template=wish.template,
        receipt=wish.receipt,
        given=wish.given,
        checkout=wish.checkout,
        find_local=lambda: engine.find(wish.receipt),
        rules=wish.rules,
    )


def _rehearse_change(
    account: Account, identity: Identity, state: StackState, wish: Wish, plan: Plan
) -> None:
    """Show the change set and delete it; nothing is pushed for that.

    Where the image is not in ECR yet its digest there is not known. Any other digest gives the same
    change set, so its configuration's stands in.
    """
    if plan.nothing:
        _say_nothing_to_change(state, wish, f"'{state.name}' has receipt {wish.receipt.id} already")
        return
    made = _prepare(account, state, wish, plan, _candidate(account, identity, wish))
    if made is None:
        _say_nothing_to_change(state, wish, "CloudFormation finds no difference")
    else:
        with change_set.dropped_on_error(account, made):
            show(made)
        change_set.drop(account, made)
    console.note("Nothing was changed: this was a dry run.")


def _candidate(account: Account, identity: Identity, wish: Wish) -> str:
    repository = push.find_repository(account, wish.stack)
    if repository is None:
        host = f"{identity.account}.dkr.ecr.{account.region}.amazonaws.com"
        return f"{host}/{wish.stack}@{wish.receipt.config_digest}"
    there = push.pushed(repository, wish.receipt)
    return f"{repository.uri}@{there.digest if there else wish.receipt.config_digest}"


def _ship(account: Account, state: StackState, wish: Wish, plan: Plan, engine: Engine) -> Shipment:
    """Have the image in ECR; where the stack has it already, nothing is asked of Docker."""
    receipt = wish.receipt
    if plan.new_image:
        repository = push.ensure_repository(account, wish.stack)
        digest = push.push(engine.connect, repository, receipt).digest
    else:
        repository = existing_repository(account, wish.stack)
        digest = digest_of(state.parameters.get(IMAGE, ""))
    return Shipment(receipt.id, repository, digest, receipt.config_digest)


def existing_repository(account: Account, stack: str) -> Repository:
    """Return the stack's ECR repository. Raises ParityError where it is gone, or another's now."""
    push.check_free(account, stack)
    repository = push.find_repository(account, stack)
    if repository is None:
        raise ParityError(
            f"the ECR repository '{stack}' is gone: tasks that are replaced cannot start",
            hint="scripts/test    (a new receipt, and so a new push), then parity deploy",
        )
    return repository


def _prepare(
    account: Account, state: StackState, wish: Wish, plan: Plan, image_uri: str
) -> ChangeSet | None:
    request = change_set.Request(
        stack=wish.stack,
        kind="UPDATE" if state.exists else "CREATE",
        name=change_set.new_name(wish.receipt.id, time.time()),
        description=description("deploy", wish.receipt.id, account.identity().arn),
        template=plan.template,
        given=plan.given(image_uri, wish.receipt.id),
        previous=state.parameters,
        role_arn=wish.role_arn,
    )
    with console.step("Create the change set"):
        return change_set.create(account, request)
