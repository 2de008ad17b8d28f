"""What AWS says of its resource types and actions: the data that cfn-lint is installed with."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]

REGION = "us-east-1"


@cache
def permissions(resource_type: str) -> dict[str, frozenset[str]]:
    """Return what CloudFormation's handlers of a type need, by 'create', 'read', 'update' ..."""
    handlers = schema(resource_type)["handlers"]
    return {name: frozenset(facts.get("permissions", ())) for name, facts in handlers.items()}


def tag_permissions(resource_type: str) -> frozenset[str]:
    """Return what CloudFormation needs to keep a type's tags."""
    return frozenset(schema(resource_type).get("tagging", {}).get("permissions", ()))


def tagged_when_made(resource_type: str) -> bool:
    """Tell whether CloudFormation gives a stack's tags to a resource in the call that makes it."""
    tagging = schema(resource_type).get("tagging", {})
    return bool(tagging.get("taggable") and tagging.get("tagOnCreate"))


def schema(resource_type: str) -> dict[str, Any]:
    """Return a type's schema of CloudFormation's registry."""
    found: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema(
        REGION, resource_type
    ).schema
    return found


@cache
def _services() -> dict[str, Any]:
    text = files("cfnlint.data.AdditionalSpecs").joinpath("Policies.json").read_text()
    services: dict[str, Any] = json.loads(text)
    return services


def is_action(action: str) -> bool:
    """Tell whether IAM knows an action."""
    service, name = action.split(":")
    return name.lower() in _services().get(service, {}).get("Actions", {})


def kinds(action: str) -> frozenset[str]:
    """Return the kinds of resource that an action is asked for; none - for '*' only."""
    service, name = action.split(":")
    return frozenset(_services()[service]["Actions"][name.lower()].get("Resources", ()))


def has_tags(service: str, kind: str) -> bool:
    """Tell whether IAM sees the tags of a kind of resource when the service asks it."""
    facts = _services()[service].get("Resources", {}).get(kind.lower())
    if facts is None:  # no facts of the kind: that of secretsmanager, which has aws:ResourceTag
        return service == "secretsmanager"
    return "aws:ResourceTag/${TagKey}" in facts.get("ConditionKeys", ())


def actions_like(pattern: str) -> list[str]:
    """Return the actions of IAM, in lower case, that a pattern with a trailing * names."""
    service, name = pattern.lower().split(":")
    start = name.removesuffix("*")
    return [
        f"{service}:{each}"
        for each in _services()[service]["Actions"]
        if each == name or (name.endswith("*") and each.startswith(start))
    ]
