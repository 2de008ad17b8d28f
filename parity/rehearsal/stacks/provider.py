"""What a stack may do with one type of resource."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Properties = Mapping[str, Any]
NAME_LENGTH = 32  # characters; what the shortest of the named types, a load balancer, may have


@dataclass(frozen=True)
class Request:
    """What a stack wants of a resource; identifier and before are empty at its creation."""

    logical_id: str
    properties: Properties
    stack: str
    identifier: str = ""
    before: Properties = field(default_factory=dict)

    def changed(self, *names: str) -> bool:
        """Tell whether one of these properties differs from what it was."""
        return any(self.properties.get(name) != self.before.get(name) for name in names)

    def without(self, *names: str) -> dict[str, Any]:
        """Return the properties but for these."""
        return {name: value for name, value in self.properties.items() if name not in names}

    def only(self, *names: str) -> dict[str, Any]:
        """Return these properties, where there are such."""
        return {name: self.properties[name] for name in names if name in self.properties}

    def name(self, property_name: str) -> str:
        """Return the name that the template gives, or one as CloudFormation makes them."""
        given = self.properties.get(property_name)
        if given:
            return str(given)
        suffix = f"-{secrets.token_hex(4)}"
        return f"{self.stack}-{self.logical_id}"[: NAME_LENGTH - len(suffix)].rstrip("-") + suffix


@dataclass(frozen=True)
class Made:
    """A resource that exists: what Ref and what Fn::GetAtt return."""

    identifier: str
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Provider:
    """How one type is made, changed and removed through its service's API.

    replaced_by: properties that cannot be changed in place (AWS: "Update requires:
    Replacement"). Where there is no update, no other property can be changed either; trying is
    an error, never a silent success.
    """

    create: Callable[[Request], Made]
    delete: Callable[[str, Properties], object]
    update: Callable[[Request], Made] | None = None
    replaced_by: tuple[str, ...] = ()
