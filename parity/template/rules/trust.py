"""Who may act as a role, and for whose sake a service may write into the stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.template.place import places
from parity.template.rules.policies import roles
from parity.template.rules.reading import ROLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.template.place import Fault, Place
    from parity.template.values import Resolved

ECS_TASKS = "ecs-tasks.amazonaws.com"
POLICIES = {  # what lets others in, and where
    ROLE: "AssumeRolePolicyDocument",
    "AWS::S3::BucketPolicy": "PolicyDocument",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
}
OPERATORS = ("StringEquals", "StringLike", "ArnEquals", "ArnLike")


def trusted_by_ecs(resolved: Resolved) -> Iterator[Fault]:
    """A task gets a role only if the role trusts ecs-tasks.amazonaws.com; nobody else needs it."""
    for key in ("TaskRoleArn", "ExecutionRoleArn"):
        for role in roles(resolved, key):
            trust = role["AssumeRolePolicyDocument"]["Statement"]
            allowing = [item for item in trust if item["Effect"].text == "Allow"]
            if not allowing:
                yield trust.fault(f"a statement that trusts {ECS_TASKS}")
            for statement in allowing:
                principal = statement["Principal"]
                kinds = principal.value if isinstance(principal.value, dict) else ()
                if [*kinds] != ["Service"] or principal["Service"].texts != (ECS_TASKS,):
                    yield principal.fault(f"{ECS_TASKS}, and nobody else")
                if statement["Action"].texts != ("sts:AssumeRole",):
                    yield statement["Action"].fault("sts:AssumeRole")


def services_of_this_account(resolved: Resolved) -> Iterator[Fault]:
    """A service acts for everybody's account: a condition keeps out those who are not of this."""
    for kind, key in POLICIES.items():
        for owner in places(resolved, kind):
            for statement in owner[key]["Statement"]:
                invited = statement["Effect"].text == "Allow" and statement["Principal"]["Service"]
                if invited and not _of_this_account(statement["Condition"]):
                    yield statement["Condition"].fault("aws:SourceAccount or aws:SourceArn")


def _of_this_account(condition: Place) -> bool:
    account = condition.resolved.account
    values = [
        value
        for operator in OPERATORS
        for name in ("aws:SourceAccount", "aws:SourceArn")
        for value in condition[operator][name]
    ]
    return bool(values) and all(
        value.targets() or value.text == account or f":{account}:" in value.text for value in values
    )
