"""What a template's values become once they are resolved."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PLACEHOLDER = re.compile(r"\$\{([A-Za-z][A-Za-z0-9]*)(?:\.([A-Za-z0-9.]+))?\}")


@dataclass(frozen=True)
class Reference:
    """What only the deployed resource can tell: its Ref, or one of its attributes by GetAtt.

    As text, and within longer texts, it is the placeholder ${LogicalId} or ${LogicalId.Attribute}.
    """

    logical_id: str
    attribute: str | None = None

    def __str__(self) -> str:
        suffix = f".{self.attribute}" if self.attribute else ""
        return f"${{{self.logical_id}{suffix}}}"


@dataclass(frozen=True)
class Resource:
    """A resource that this set of parameters makes.

    properties: plain values and References, AWS::NoValue dropped. depends_on: what DependsOn names
    and the resource's Metadata refers to.
    """

    logical_id: str
    type: str
    properties: Mapping[str, object] = field(hash=False)
    depends_on: tuple[str, ...] = ()
    deletion_policy: str = "Delete"
    update_replace_policy: str = "Delete"


@dataclass(frozen=True)
class Resolved:
    """A template with its parameters put in: what would be deployed.

    resources, outputs: only those whose condition holds. parameters: every value, defaults too;
    lists as lists, numbers as numbers. size: of the template's file in bytes.
    """

    resources: Mapping[str, Resource]
    outputs: Mapping[str, object]
    parameters: Mapping[str, object]
    conditions: Mapping[str, bool]
    metadata: Mapping[str, object] = field(default_factory=dict)
    region: str = "us-east-1"
    account: str = "123456789012"
    stack_name: str = "parity-kit"
    partition: str = "aws"
    size: int = 0

    def of_type(self, *types: str) -> tuple[Resource, ...]:
        """Return the resources of some types, such as AWS::ECS::Service, in the order written."""
        return tuple(found for found in self.resources.values() if found.type in types)


def text_of(value: object) -> str | None:
    """Return a value as CloudFormation would write it into a text; None for lists and mappings."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str | int | float | Reference):
        return str(value)
    return None


def references(value: object) -> Iterator[Reference]:
    """Yield every reference within a value, those inside texts too."""
    if isinstance(value, Reference):
        yield value
    elif isinstance(value, str):
        for found in PLACEHOLDER.finditer(value):
            yield Reference(found[1], found[2])
    elif isinstance(value, dict):
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


def joined(parts: list[object], delimiter: str = "") -> object:
    """Return parts as one text; one reference alone stays a Reference.

    Raises TypeError when a part is no text.
    """
    texts = [text_of(part) for part in parts]
    if None in texts:
        raise TypeError("a list or mapping where text is wanted")
    return as_reference(delimiter.join(text for text in texts if text is not None))


def as_reference(text: str) -> object:
    """Return the Reference that a text consists of, or else the text."""
    found = PLACEHOLDER.fullmatch(text)
    return Reference(found[1], found[2]) if found else text
