"""Reading policies: of roles, and of what lets others in, such as a bucket."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from parity.template.place import Place, place, places
from parity.template.rules.reading import POLICIES, ROLE, TASK_DEFINITION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from parity.template.values import Resolved


def roles(resolved: Resolved, key: str) -> Iterator[Place]:
    """Yield the roles that task definitions name as TaskRoleArn or ExecutionRoleArn."""
    found = {
        role.logical_id: role
        for task in places(resolved, TASK_DEFINITION)
        if (role := task[key].target)
    }
    return (place(resolved, role) for role in found.values())


def statements(role: Place) -> Iterator[Place]:
    """Yield the statements of a role's own policies, wherever they are written."""
    for policy in role["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]
    for policy in places(role.resolved, *POLICIES):
        attached = policy["Roles"].targets(ROLE) + policy["RoleName"].targets(ROLE)
        if role.resource in attached or policy.resource in role["ManagedPolicyArns"].targets():
            yield from policy["PolicyDocument"]["Statement"]


def granted(role: Place, action: str) -> Iterator[Place]:
    """Yield the statements that allow a role an action."""
    for statement in statements(role):
        if statement["Effect"].text == "Allow" and matches(statement["Action"], action):
            yield statement


def matches(actions: Place, action: str) -> bool:
    """Tell whether a list of actions, wildcards and all, has one; case does not matter."""
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in actions.texts)


def anybody(statement: Place) -> bool:
    """Tell whether a statement is about everybody, those without any credentials too."""
    principal = statement["Principal"]
    return principal.text == "*" or "*" in principal["AWS"].texts


def denials(policy: Iterable[Place], actions: Sequence[str]) -> Iterator[Place]:
    """Yield the statements that deny everybody all of some actions, under a condition or none."""
    for statement in policy:
        denied = all(matches(statement["Action"], action) for action in actions)
        if statement["Effect"].text == "Deny" and anybody(statement) and denied:
            yield statement


def only_key(condition: Place, key: str) -> tuple[str, Place] | None:
    """Return operator and value of a condition that asks for one key, and for nothing else."""
    operators = [*condition.value] if isinstance(condition.value, dict) else []
    if len(operators) != 1:
        return None
    keys = condition[operators[0]]
    only = isinstance(keys.value, dict) and [*keys.value] == [key]
    return (operators[0], keys[key]) if only else None


def without_tls(statement: Place) -> bool:
    """Tell whether a statement is about requests without TLS, all of them and no others."""
    asked = only_key(statement["Condition"], "aws:SecureTransport")
    return asked is not None and asked[0] == "Bool" and asked[1].text.lower() == "false"
