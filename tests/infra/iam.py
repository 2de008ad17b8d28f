"""A small evaluator of IAM policies: whether statements allow a request."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from parity.template.values import Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from parity.template.values import Resolved

Statement = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """One request to AWS. context: condition keys with their values, by name."""

    action: str
    resource: str = "*"
    context: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        said = ", ".join(f"{key}={value}" for key, value in self.context.items())
        return f"{self.action} on {self.resource} ({said})"


def statements_of(resolved: Resolved, role: str) -> list[Statement]:
    """Return the statements of every policy that a template gives to one of its roles."""
    given = [body for body in resolved.resources.values() if role in _roles(body.properties)]
    return [
        statement
        for body in given
        for statement in _listed(_document(body.properties)["Statement"])
    ]


def allows(statements: Iterable[Statement], asked: Asked) -> bool:
    """Tell whether one statement allows the request, and none denies it.

    Raises KeyError for a condition operator, and AssertionError for an element, that it does not
    know: it never guesses.
    """
    effects = {each["Effect"] for each in statements if _applies(each, asked)}
    return effects == {"Allow"}


def _applies(statement: Statement, asked: Asked) -> bool:
    assert set(statement) <= {"Sid", "Effect", "Action", "Resource", "Condition"}, statement
    return (
        any(like(each, asked.action, fold=True) for each in _listed(statement["Action"]))
        and any(like(str(each), asked.resource) for each in _listed(statement["Resource"]))
        and all(
            OPERATORS[operator](key, [str(value) for value in _listed(values)], asked.context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _equals(key: str, values: Sequence[str], context: Mapping[str, str]) -> bool:
    return key in context and context[key] in values


def _null(key: str, values: Sequence[str], context: Mapping[str, str]) -> bool:
    return (key not in context) == (values == ["true"])


def _equals_if_exists(key: str, values: Sequence[str], context: Mapping[str, str]) -> bool:
    return key not in context or context[key] in values


OPERATORS: dict[str, Callable[[str, Sequence[str], Mapping[str, str]], bool]] = {
    "StringEquals": _equals,
    "StringEqualsIfExists": _equals_if_exists,
    "Null": _null,
}


def like(pattern: str, text: str, *, fold: bool = False) -> bool:
    """Tell whether a text matches a pattern with * and ?."""
    return _expression(pattern, fold=fold).fullmatch(text) is not None


@cache
def _expression(pattern: str, *, fold: bool) -> re.Pattern[str]:
    parts = ({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in pattern)
    return re.compile("".join(parts), re.IGNORECASE if fold else 0)


def _roles(properties: Mapping[str, Any]) -> list[str]:
    named = [*_listed(properties.get("Roles", [])), properties.get("RoleName")]
    return [each.logical_id for each in named if isinstance(each, Reference)]


def _document(properties: Mapping[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = properties["PolicyDocument"]
    return document


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - as IAM has it: one, or a list of them
    return value if isinstance(value, list) else [value]
