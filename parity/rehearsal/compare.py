"""What a template says of a resource against what its service says, field by field."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Verdict = Literal["proven", "different", "missing", "unsaid"]
NAMES = ("Key", "Name")  # members that name the items of a list


@dataclass(frozen=True)
class Field:
    """One value of the template and what became of it.

    path: such as ContainerDefinitions.Environment[AWS_REGION]. proven: the service says the same;
    different: it says something else; missing: it gives the list, without this item; unsaid: it
    says nothing of it.
    """

    path: str
    verdict: Verdict
    expected: str
    found: str = ""

    @property
    def general(self) -> str:
        """The path without the numbers of list items, so that it names a property once."""
        return re.sub(r"\[\d+\]", "[]", self.path)


def compare(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[Field]:
    """Return a field for every value that the template gives; what it does not give is not asked.

    Names match whatever their case, as CloudFormation and the APIs differ in that; values match as
    text, as one writes 30 where the other writes "30"; lists match in any order, as most of the
    APIs' are sets; a document matches its JSON.
    """
    return list(_mapping(expected, found, ""))


def _mapping(expected: Mapping[str, Any], found: Mapping[str, Any], path: str) -> Iterator[Field]:
    names = {name.lower(): name for name in found}
    for name, value in expected.items():
        inner = f"{path}.{name}" if path else name
        other = names.get(name.lower())
        if other is None or found[other] is None:
            yield Field(inner, "unsaid", _text(value))
        else:
            yield from _value(value, found[other], inner)


def _value(expected: object, found: object, path: str) -> Iterator[Field]:
    if isinstance(expected, Mapping | list) and isinstance(found, str):
        found = found if _parsed(found) is None else _parsed(found)
    elif isinstance(expected, str) and isinstance(found, str) and _parsed(expected) is not None:
        expected, found = _parsed(expected), _parsed(found)
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        if not expected:
            yield Field(path, "proven", "{}", _text(found))
        yield from _mapping(expected, found, path)
    elif isinstance(expected, list) and isinstance(found, list):
        yield from _list(expected, found, path)
    elif isinstance(expected, list) and len(expected) == 1:
        yield from _value(expected[0], found, path)  # policies write a list of one without brackets
    else:
        same = _text(expected) == _text(found)
        yield Field(path, "proven" if same else "different", _text(expected), _text(found))


def _list(expected: list[Any], found: list[Any], path: str) -> Iterator[Field]:
    """Each expected item with the one found that fits it best; an own name decides before that."""
    left = list(found)
    for at, item in enumerate(expected):
        name = _name(item)
        candidates = [other for other in left if name is None or _name(other) == name]
        inner = f"{path}[{at if name is None else name}]"
        if not candidates:
            yield Field(inner, "missing", _text(item), _text(left))
            continue
        best = min(candidates, key=lambda other: _distance(item, other, inner))
        left.remove(best)
        yield from _value(item, best, inner)


def _distance(expected: object, found: object, path: str) -> int:
    return sum(field.verdict != "proven" for field in _value(expected, found, path))


def _name(item: object) -> str | None:
    if not isinstance(item, Mapping):
        return None
    named = {key.lower(): value for key, value in item.items()}
    found = (named[name.lower()] for name in NAMES if isinstance(named.get(name.lower()), str))
    return next(found, None)


def _parsed(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON document's value; None for a text that is none."""
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, Mapping | list):
        return json.dumps(value, default=str, sort_keys=True)
    return str(value)
