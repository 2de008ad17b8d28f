"""`parity deploy`: the tested image to the cloud."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.aws.account import connect
from parity.deploy import local
from parity.deploy.carry_out import Manner
from parity.deploy.plan import IMAGE, RECEIPT
from parity.deploy.promote import Engine, Wish, promote
from parity.deploy.template import read_template
from parity.errors import UsageError
from parity.host import client
from parity.stack import git_revision
from parity.template.parameters import pair
from parity.verbs.on_stack import on_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from parity.project import Settings

# What CloudFormation, ECR and the names made of it all take.
STACK = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
MOST_LETTERS = 40
ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")


@dataclass(frozen=True)
class Options:
    """The command's options. receipt_id None: the newest. parameters: as NAME=VALUE.

    stack_role: ARN of a role for CloudFormation, or ''.
    """

    stack: str
    receipt_id: str | None
    parameters: Sequence[str]
    untested: bool
    dry_run: bool
    smoke: bool
    stack_role: str = ""


def deploy(settings: Settings, options: Options, confirm: Callable[[str], bool]) -> str:
    """Deploy as the options say; return the URL, or '' after a dry run."""
    stack = checked_stack(options.stack)
    with on_stack(stack, "deploy"):
        return _deploy(settings, stack, options, confirm)


def _deploy(
    settings: Settings, stack: str, options: Options, confirm: Callable[[str], bool]
) -> str:
    given = dict(_pair(text) for text in options.parameters)
    role_arn = checked_role(options.stack_role)
    template = read_template()
    find = local.find_image
    if options.untested:
        docker = client.connect()
        receipt = local.untested(docker, f"{settings.project}-app", options.receipt_id)
        if options.dry_run:
            find = local.find_by_id
        else:
            local.keep_untested(docker, receipt)
    else:
        receipt = local.choose(options.receipt_id)
    account = connect()
    wish = Wish(
        stack=stack,
        receipt=receipt,
        template=template,
        manner=Manner(confirm=confirm, smoke=options.smoke),
        given=given,
        dry_run=options.dry_run,
        checkout=git_revision().removesuffix("-dirty").replace("unknown", ""),
        role_arn=role_arn,
    )
    engine = Engine(find=find, connect=client.connect)
    return promote(account, account.identity(), wish, engine)


def checked_stack(name: str) -> str:
    """Return the name. Raises UsageError for one that CloudFormation or ECR would not take."""
    if not STACK.fullmatch(name) or len(name) > MOST_LETTERS:
        raise UsageError(
            f"--stack='{name}' is not a name of up to {MOST_LETTERS} lower-case letters, digits and"
            " single hyphens that begins with a letter",
            hint="--stack parity-kit",
        )
    return name


def checked_role(arn: str) -> str:
    """Return the ARN, or ''. Raises UsageError for what is not the ARN of a role."""
    if arn and not ROLE.fullmatch(arn):
        raise UsageError(
            f"--stack-role='{arn}' is not the ARN of a role",
            hint="--stack-role arn:aws:iam::<account>:role/<name>",
        )
    return arn


def _pair(text: str) -> tuple[str, str]:
    name, value = pair(text)
    if name in (IMAGE, RECEIPT):  # else an image that nobody has tested could go this way
        raise UsageError(
            f"--parameter {name} is not yours to give: it follows from the receipt",
            hint="parity deploy --receipt <id>",
        )
    return name, value
