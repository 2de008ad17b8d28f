"""`parity targets`: the replicas as the load balancer sees them, as the AWS console shows it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from parity.verbs.ps import NOTHING, coloured

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.cluster.protocol import Target

COLUMNS = ("target", "port>", "replica>", "zone", "health", "open>", "reason", "details")


def rows(targets: Sequence[Target]) -> list[list[str]]:
    """Return one row a target, with Rich markup, matching COLUMNS."""
    return [
        [
            target.address,
            str(target.port),
            NOTHING if target.replica is None else str(target.replica),
            target.zone or NOTHING,
            coloured(target.state),
            NOTHING if target.outstanding is None else str(target.outstanding),
            target.reason or NOTHING,
            escape(target.description) or NOTHING,
        ]
        for target in targets
    ]


def documents(targets: Sequence[Target]) -> list[dict[str, Any]]:
    """Return one JSON object a target."""
    return [asdict(target) for target in targets]
