"""Putting variables into a text as Compose and Dockerfiles do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
ONE = re.compile(r"\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)[^{}]*\})")


def substituted(text: str, values: Mapping[str, str]) -> str:
    """Return a text with $NAME, ${NAME}, ${NAME:-default}, -, :+, +, :? and ? put in; $$ is $.

    What is not set is empty. Raises ValueError for one that must be set, and for what is no
    variable.
    """
    done, at = [], 0
    while (dollar := text.find("$", at)) >= 0:
        done.append(text[at:dollar])
        if text.startswith("$$", dollar):
            done.append("$")
            at = dollar + 2
        elif text.startswith("${", dollar):
            end = _closing(text, dollar + 2)
            done.append(_braced(text[dollar + 2 : end], values))
            at = end + 1
        elif name := NAME.match(text, dollar + 1):
            done.append(values.get(name[0], ""))
            at = name.end()
        else:
            raise ValueError(f"'{text}' has a $ before no variable; $$ is a $ itself")
    return "".join([*done, text[at:]])


def only_variable(text: str) -> str:
    """Return the one variable that a text names, with whatever around it; '' for none or more."""
    found = [match[1] or match[2] for match in ONE.finditer(text)]
    return found[0] if len(found) == 1 and text.count("$") == 1 else ""


def around_variable(text: str) -> tuple[str, str]:
    """Return what stands before and after the one variable of a text."""
    found = ONE.search(text)
    return (text[: found.start()], text[found.end() :]) if found else ("", "")


def _closing(text: str, at: int) -> int:
    depth = 1
    for index in range(at, len(text)):
        depth += (text[index] == "{") - (text[index] == "}")
        if not depth:
            return index
    raise ValueError(f"'{text}' has a ${{ without its }}")


def _braced(inside: str, values: Mapping[str, str]) -> str:
    name = NAME.match(inside)
    if not name:
        raise ValueError(f"'${{{inside}}}' names no variable")
    rest = inside[name.end() :]
    value = values.get(name[0])
    if not rest:
        return value or ""
    operator = re.match(r":?[-+?]", rest)
    if not operator:
        raise ValueError(f"'${{{inside}}}' is no variable")
    there = value is not None and (bool(value) or not operator[0].startswith(":"))
    other = rest[operator.end() :]
    if operator[0].endswith("+"):
        return substituted(other, values) if there else ""
    if there:
        return value or ""
    if operator[0].endswith("?"):
        raise ValueError(f"{name[0]} must be set{f': {other}' if other else ''}")
    return substituted(other, values)
