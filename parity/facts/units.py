"""Values as the two sides spell them, brought to one measure; and how a person reads them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping

MIB = 2**20
CPU_UNITS = 1024  # of one processor
SIZES = {"": 1, "b": 1, "k": 2**10, "m": MIB, "g": 2**30, "t": 2**40}
SPANS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
BOOLEANS = {"true": True, "false": False}


def text(value: object) -> str:
    """Return a scalar as text."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def number(value: object) -> float:
    """Return a number that may be written as text."""
    try:
        return float(str(value))
    except ValueError as error:
        raise ValueError(f"'{value}' is no number") from error


def boolean(value: object) -> bool:
    """Return a boolean that may be written as text."""
    known = text(value).lower()
    if known not in BOOLEANS:
        raise ValueError(f"'{value}' is neither true nor false")
    return BOOLEANS[known]


def mebibytes(value: object) -> float:
    """Return bytes in Compose's spelling, such as 512M, as MiB."""
    found = re.fullmatch(r"([0-9.]+)\s*([bkmgt]?)(?:i?b)?", str(value).strip().lower())
    if not found:
        raise ValueError(f"'{value}' is no size such as 512M")
    return float(found[1]) * SIZES[found[2]] / MIB


def nginx_mebibytes(value: object) -> float:
    """Return a size in nginx's spelling as MiB; 0, which is no limit, as infinity."""
    return mebibytes(value) or float("inf")


def seconds(value: object) -> float:
    """Return a duration in Compose's spelling, such as 1m30s, or a number, as seconds."""
    found = re.findall(r"([0-9.]+)(ns|us|ms|s|m|h|$)", str(value).strip())
    if not found or "".join("".join(part) for part in found) != str(value).strip():
        raise ValueError(f"'{value}' is no duration such as 30s")
    return sum(float(amount) * SPANS[unit or "s"] for amount, unit in found)


def cpu_units(value: object) -> float:
    """Return CPU units of ECS as processors."""
    return number(value) / CPU_UNITS


def words(value: object) -> tuple[str, ...]:
    """Return a command's words; a text is split as a shell would."""
    if isinstance(value, list | tuple):
        return tuple(text(word) for word in value)
    return tuple(shlex.split(str(value)))


def names(value: object) -> frozenset[str]:
    """Return the texts of a list, or the keys of a mapping, as a set."""
    if isinstance(value, Mapping):
        return frozenset(map(str, value))
    return (
        frozenset(map(text, value))
        if isinstance(value, Iterable) and not isinstance(value, str)
        else frozenset({text(value)})
    )


def listed(value: object) -> frozenset[str]:
    """Return the parts of a text with commas as a set."""
    return frozenset(part.strip() for part in str(value).split(",") if part.strip())


def first(value: object) -> str:
    """Return the first part of a text with commas."""
    return str(value).split(",")[0].strip()


def owner(value: object) -> str:
    """Return uid:gid; a uid alone belongs to the group of the same number."""
    uid, _, gid = str(value).partition(":")
    return f"{uid}:{gid or uid}"


def mode(value: object) -> str:
    """Return permissions as four octal digits."""
    if not re.fullmatch(r"[0-7]{3,4}", str(value)):
        raise ValueError(f"'{value}' are no permissions such as 0700")
    return str(value).zfill(4)


def shown(value: object, unit: str = "") -> str:
    """Return a value as a table shows it."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        amount = "no limit" if value == float("inf") else f"{value:.12g}"
        return amount if not unit or amount == "no limit" else f"{amount} {unit}"
    if isinstance(value, frozenset | set):
        return ", ".join(sorted(map(str, value))) or "none"
    if isinstance(value, tuple):
        return " ".join(map(str, value)) or "none"
    return str(value) or "empty"
