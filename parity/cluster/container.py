"""Read what the engine says of a container: pure functions over its own JSON."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from parity.cluster.protocol import Replica

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT = "com.docker.compose.project"
SERVICE = "com.docker.compose.service"
NUMBER = "com.docker.compose.container-number"
SESSION_OPENED = "session_opened"

Attributes = dict[str, Any]


def labels(project: str, service: str) -> list[str]:
    """Return by which labels a service's containers are found.

    An image built by Compose carries the first two, and any container made of it; only those that
    Compose made have a number.
    """
    return [f"{PROJECT}={project}", f"{SERVICE}={service}", NUMBER]


def replica(attributes: Attributes, *, memory: int | None, log: bytes) -> Replica:
    """Return the replica that a container is, from its inspection, its memory and its log."""
    state = attributes["State"]
    return Replica(
        number=number(attributes),
        name=attributes["Name"].removeprefix("/"),
        hostname=attributes["Config"]["Hostname"],
        state=state_of(attributes),
        health=health_of(attributes),
        exit_code=None if state["Running"] else state["ExitCode"],
        started_at=instant(state["StartedAt"]),
        memory=memory,
        sessions=len(sessions(log)),
    )


def number(attributes: Attributes) -> int:
    """Return the number that Compose gave the container within its service."""
    return int(attributes["Config"]["Labels"][NUMBER])


def state_of(attributes: Attributes) -> str:
    """Return the state as the engine names it, and `cut` for one that runs without a network."""
    status = str(attributes["State"]["Status"])
    return "cut" if status == "running" and not networks(attributes) else status


def health_of(attributes: Attributes) -> str:
    """Return what the container's own check says; empty while it does not run."""
    state = attributes["State"]
    checked = state["Running"] and not state["Paused"]
    return str(state.get("Health", {}).get("Status", "")) if checked else ""


def networks(attributes: Attributes) -> list[str]:
    """Return the names of the networks that the container is connected to."""
    return list(attributes["NetworkSettings"]["Networks"] or {})


def address(attributes: Attributes) -> str:
    """Return the address within the stack's network; empty while there is none."""
    found = (attributes["NetworkSettings"]["Networks"] or {}).values()
    return next((network["IPAddress"] for network in found if network.get("IPAddress")), "")


def aliases(attributes: Attributes) -> list[str]:
    """Return the names under which Compose makes a container known in its network.

    The engine forgets them when it disconnects a container. Without the service's name nginx
    would not find the replica again.
    """
    labels = attributes["Config"]["Labels"]
    return [attributes["Name"].removeprefix("/"), labels[SERVICE]]


def home_network(attributes: Attributes) -> str:
    """Return the name of the network that Compose gives a project with no networks of its own."""
    return f"{attributes['Config']['Labels'][PROJECT]}_default"


def instant(text: str) -> datetime | None:
    """Parse the engine's time, which has nanoseconds; the year 1 means never."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,6})?\d*Z", text)
    if match is None or text.startswith("0001"):
        return None
    return datetime.fromisoformat(match[1] + (match[2] or ".0").ljust(7, "0")).replace(tzinfo=UTC)


def memory_in_use(stats: Mapping[str, Any]) -> int | None:
    """Return what `docker stats` shows: the memory used, less cache that can go at once."""
    memory = stats.get("memory_stats") or {}
    if "usage" not in memory:
        return None
    detail = memory.get("stats", {})
    # cgroup v1 names it for the whole tree, v2 does not.
    cache = detail.get("total_inactive_file", detail.get("inactive_file", 0))
    return int(memory["usage"]) - int(cache)


def sessions(log: bytes) -> set[str]:
    """Return the public ids of the sessions that a log of JSON lines tells of."""
    return {
        str(event["session"])
        for line in log.splitlines()
        if SESSION_OPENED.encode() in line
        and (event := _event(line)).get("event") == SESSION_OPENED
        and "session" in event
    }


def _event(line: bytes) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}
