"""A template's parameters: defaults, types and what each may be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parity.errors import UsageError
from parity.template.values import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parity.template.load import Template


class RefusedError(UsageError):
    """The template refuses these parameters, as CloudFormation would before it makes anything."""


def pair(text: str) -> tuple[str, str]:
    """Return name and value of a NAME=VALUE as it is given on a command line."""
    name, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"[A-Za-z0-9]+", name):
        raise UsageError(f"--parameter '{text}' is not NAME=VALUE", hint="--parameter MaxTasks=20")
    return name, value


def read_parameters(template: Template, given: Mapping[str, str]) -> dict[str, object]:
    """Return every parameter's value: text, a number, or a list of either.

    Raises RefusedError that quotes the first unknown, missing or wrong one.
    """
    declared = template.section("Parameters")
    if unknown := sorted(set(given) - set(declared)):
        raise RefusedError(
            f"{template.name} has no parameter '{unknown[0]}'",
            hint=f"one of: {', '.join(declared)}",
        )
    values: dict[str, object] = {}
    for name, declaration in declared.items():
        if not isinstance(declaration, dict):
            raise template.error(("Parameters", name), f"parameter '{name}' is no mapping")
        default = text_of(declaration.get("Default"))
        text = given.get(name, default)
        if text is None:
            line = template.line(("Parameters", name))
            raise RefusedError(
                f"{template.name}:{line}: parameter '{name}' has no value",
                hint=f"give {name}=VALUE",
            )
        values[name] = _typed(name, text, declaration)
    return values


def _typed(name: str, text: str, declaration: Mapping[str, object]) -> object:
    kind = str(declaration.get("Type", "String"))
    if not kind.startswith("List<") and kind != "CommaDelimitedList":
        _check(name, text, declaration, kind)
        return _number(name, text) if kind == "Number" else text
    items = [item.strip() for item in text.split(",")]
    for item in items:
        _check(name, item, declaration, kind)
    return [_number(name, item) for item in items] if kind == "List<Number>" else items


def _check(name: str, text: str, declaration: Mapping[str, object], kind: str) -> None:
    allowed = declaration.get("AllowedValues")
    pattern = declaration.get("AllowedPattern")
    if isinstance(allowed, list) and text not in [text_of(value) for value in allowed]:
        choice = ", ".join(f"'{text_of(value)}'" for value in allowed)
        raise _refused(name, text, declaration, f"one of {choice}")
    if isinstance(pattern, str) and not re.fullmatch(pattern, text):
        raise _refused(name, text, declaration, f"of the pattern {pattern}")
    size = _number(name, text) if kind in {"Number", "List<Number>"} else len(text)
    low, high = ("MinValue", "MaxValue") if "Number" in kind else ("MinLength", "MaxLength")
    unit = "" if "Number" in kind else " characters"
    if low in declaration and size < float(str(declaration[low])):
        raise _refused(name, text, declaration, f"at least {declaration[low]}{unit}")
    if high in declaration and size > float(str(declaration[high])):
        raise _refused(name, text, declaration, f"at most {declaration[high]}{unit}")


def _number(name: str, text: str) -> int | float:
    try:
        return int(text) if re.fullmatch(r"[-+]?[0-9]+", text) else float(text)
    except ValueError as error:
        raise RefusedError(
            f"parameter {name}='{text}' is no number", hint=f"give {name}=NUMBER"
        ) from error


def _refused(
    name: str, text: str, declaration: Mapping[str, object], expected: str
) -> RefusedError:
    meaning = text_of(declaration.get("ConstraintDescription"))
    return RefusedError(
        f"parameter {name}='{text}' is not {expected}", hint=meaning or f"give another {name}"
    )
