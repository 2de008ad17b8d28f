"""A place in a resolved template: a value that knows where it stands."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.template.values import Reference, Resolved, Resource, references, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.template.load import Keys


@dataclass(frozen=True)
class Fault:
    """What is wrong at one place.

    path: keys inside the resource, dotted. wrong: the value found. right: what should be there.
    """

    logical_id: str
    path: str
    wrong: str
    right: str


@dataclass(frozen=True)
class Place:
    """A value inside a resource; looking further into it never fails, what is absent is None."""

    resolved: Resolved
    resource: Resource
    keys: Keys
    value: object

    def __getitem__(self, key: str | int) -> Place:
        value: object = None
        if isinstance(self.value, dict) and isinstance(key, str):
            value = self.value.get(key)
        elif isinstance(self.value, list) and isinstance(key, int) and key < len(self.value):
            value = self.value[key]
        return Place(self.resolved, self.resource, (*self.keys, key), value)

    def __iter__(self) -> Iterator[Place]:
        """Yield the items of a list; anything else that is there counts as a list of one."""
        if isinstance(self.value, list):
            yield from (self[index] for index in range(len(self.value)))
        elif self.value is not None:
            yield self

    def __bool__(self) -> bool:
        return self.value is not None

    @property
    def path(self) -> str:
        """The keys inside the resource, dotted."""
        return ".".join(str(key) for key in self.keys)

    @property
    def text(self) -> str:
        """The value as text, references as placeholders; '' for lists, mappings and nothing."""
        return text_of(self.value) or ""

    @property
    def number(self) -> float | None:
        """The value as a number, also where it is written as text; None for anything else."""
        try:
            return float(self.text)
        except ValueError:
            return None

    @property
    def true(self) -> bool:
        """Whether the value is a true boolean, also where it is written as text."""
        return self.text.lower() == "true"

    @property
    def texts(self) -> tuple[str, ...]:
        """The items as texts; one text counts as a list of one, as in an IAM policy."""
        return tuple(item.text for item in self)

    @property
    def target(self) -> Resource | None:
        """The resource that the value refers to, by Ref or GetAtt and nothing around it."""
        if not isinstance(self.value, Reference):
            return None
        return self.resolved.resources.get(self.value.logical_id)

    def targets(self, *types: str) -> tuple[Resource, ...]:
        """Return the resources of some types that the value mentions anywhere."""
        ids = dict.fromkeys(found.logical_id for found in references(self.value))
        mentioned = (self.resolved.resources.get(logical_id) for logical_id in ids)
        return tuple(found for found in mentioned if found and (not types or found.type in types))

    def fault(self, right: str) -> Fault:
        """Return the fault of this place; right says what should be there."""
        return Fault(self.resource.logical_id, self.path, shown(self.value), right)


def place(resolved: Resolved, resource: Resource) -> Place:
    """Return the place of a resource's properties."""
    return Place(resolved, resource, ("Properties",), resource.properties)


def places(resolved: Resolved, *types: str) -> Iterator[Place]:
    """Yield the properties of every resource of some types."""
    return (place(resolved, found) for found in resolved.of_type(*types))


def shown(value: object) -> str:
    """Return a value in one short line."""
    if value is None:
        return "nothing"
    text = text_of(value)
    if text is None:
        text = json.dumps(value, default=str)
    return text if len(text) <= 120 else f"{text[:117]}..."  # noqa: PLR2004 - one line
