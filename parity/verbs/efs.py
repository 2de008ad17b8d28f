"""`parity efs`: what each replica's client asks of the volume, and its faults."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from parity.efs.faults import Kind
from parity.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from parity.efs.replica_clients import Found

COLUMNS = ("replica>", "host", "operations>", "by kind", "read>", "written>", "fault")
HINT = "parity efs --fault stall=20 --replica 2"
KIB = 1024


def parse_fault(text: str) -> tuple[Kind, float]:
    """Return kind and seconds of such as 'stall=20'. Raises UsageError."""
    kind, _, seconds = text.partition("=")
    kinds = ", ".join(Kind)
    if kind not in list(Kind):
        raise UsageError(f"'{kind}' is none of {kinds}", hint=HINT)
    try:
        number = float(seconds)
    except ValueError:
        number = math.nan
    if not 0 < number <= 3600:  # noqa: PLR2004 - an hour
        raise UsageError(f"'{seconds}' is no number of seconds up to 3600", hint=HINT)
    return Kind(kind), number


def rows(found: Sequence[Found]) -> list[list[str]]:
    """Return one row a client, matching COLUMNS."""
    return [
        [
            str(each.mount.number),
            each.mount.hostname,
            str(sum(each.counters["operations"].values())),
            " ".join(f"{name} {n}" for name, n in sorted(each.counters["operations"].items())),
            f"{each.counters['bytes'].get('read', 0) / KIB:.0f} KiB",
            f"{each.counters['bytes'].get('written', 0) / KIB:.0f} KiB",
            _fault(each.counters),
        ]
        for each in found
    ]


def documents(found: Sequence[Found]) -> list[dict[str, Any]]:
    """Return one JSON object a client."""
    return [
        {"replica": each.mount.number, "host": each.mount.hostname, **each.counters}
        for each in found
    ]


def _fault(counters: Mapping[str, Any]) -> str:
    if not counters["fault"]:
        return "[dim]-[/]"
    return f"[red]{counters['fault']}[/], {counters['fault_seconds_left']:.0f} s left"
