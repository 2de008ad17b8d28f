"""`parity ps`: the replicas as a table or as JSON."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.markup import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.cluster.protocol import Replica

COLUMNS = ("replica>", "host", "state", "health", "uptime>", "memory>", "sessions>")
COLOURS = {
    "running": "green",
    "healthy": "green",
    "starting": "yellow",
    "restarting": "yellow",
    "paused": "yellow",
    "cut": "yellow",
    "stopping": "yellow",
    "exited": "red",
    "dead": "red",
    "unhealthy": "red",
    "initial": "yellow",
    "draining": "yellow",
}
MIB = 1024**2
NOTHING = "[dim]-[/]"


def rows(replicas: Sequence[Replica], now: datetime | None = None) -> list[list[str]]:
    """Return one row a replica, with Rich markup, matching COLUMNS."""
    moment = now or datetime.now(UTC)
    return [
        [
            str(replica.number),
            escape(replica.hostname),
            state(replica),
            coloured(replica.health) if replica.health else NOTHING,
            uptime(replica, moment) or NOTHING,
            f"{replica.memory / MIB:.0f} MiB" if replica.memory is not None else NOTHING,
            str(replica.sessions),
        ]
        for replica in replicas
    ]


def documents(replicas: Sequence[Replica]) -> list[dict[str, Any]]:
    """Return one JSON object a replica; times in ISO 8601, memory in bytes."""
    return [
        asdict(replica)
        | {"started_at": replica.started_at.isoformat() if replica.started_at else None}
        for replica in replicas
    ]


def state(replica: Replica) -> str:
    """Return the state, and of an exited replica its exit code, for 137 is a kill and 0 a stop."""
    code = f" [dim]({replica.exit_code})[/]" if replica.state == "exited" else ""
    return coloured(replica.state) + code


def coloured(word: str) -> str:
    """Return the word in the colour of what it means."""
    colour = COLOURS.get(word)
    return f"[{colour}]{escape(word)}[/]" if colour else escape(word)


def uptime(replica: Replica, now: datetime) -> str:
    """Return how long the replica has been running; empty when it does not run."""
    if replica.started_at is None or replica.exit_code is not None:
        return ""
    return duration((now - replica.started_at).total_seconds())


def duration(seconds: float) -> str:
    """Return seconds as one or two units, such as '42 s', '3 min', '2 h 05 min', '4 d 3 h'."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min" if minutes else f"{rest} s"
