"""DeployRole of infra/github-role.yml: which actions it refuses."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from parity.project import ROOT
from parity.template.load import load
from parity.template.resolve import resolve
from tests.infra.asking import PLACE, REGION, STACK
from tests.infra.iam import Asked, allows, statements_of
from tests.infra.registry import kinds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.infra.iam import Statement

TEMPLATE = load(ROOT / "infra" / "github-role.yml")
FREE = {"sts:GetCallerIdentity"}  # needs no permission
OWN = {
    "stack": f"arn:aws:cloudformation:{PLACE}:stack/{STACK}/0a1b",
    "repository": f"arn:aws:ecr:{PLACE}:repository/{STACK}",
    "log-group": f"arn:aws:logs:{PLACE}:log-group:{STACK}-LogGroup-1ABC2DEF3GHI:*",
    "log-stream": f"arn:aws:logs:{PLACE}:log-group:{STACK}-LogGroup-1ABC2DEF3GHI:log-stream:app/1",
}


@cache
def statements(**parameters: str) -> list[Statement]:
    """Return the role's statements, for the stack that `asking` is about."""
    given = {"Repository": "owner/name", "DeployedStackName": STACK, **parameters}
    return statements_of(resolve(TEMPLATE, given), "DeployRole")


def refused(actions: Iterable[str], **parameters: str) -> list[str]:
    """Return those actions that the role does not allow on what belongs to the stack."""
    role = statements(**parameters)
    return sorted(
        action
        for action in set(actions) - FREE
        if not all(allows(role, Asked(action, each, REGION)) for each in resources(action))
    )


def resources(action: str) -> list[str]:
    """Return what the action is asked for: the stack's own, or '*' where it owns none."""
    return [OWN[kind] for kind in sorted(kinds(action)) if kind in OWN] or ["*"]
