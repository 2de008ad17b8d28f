"""What the engine says of a container is read right; the samples are from a real engine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from parity.cluster import container

LABELS = {
    "com.docker.compose.project": "parity-kit",
    "com.docker.compose.service": "app",
    "com.docker.compose.container-number": "2",
}


def inspected(*, network: bool = True, **state: object) -> dict[str, Any]:
    """Return what `docker inspect` says, as far as it is read."""
    running = {
        "Status": "running",
        "Running": True,
        "Paused": False,
        "ExitCode": 0,
        "StartedAt": "2026-11-23T17:19:43.255399103Z",
        "Health": {"Status": "healthy"},
    }
    return {
        "Name": "/parity-kit-app-2",
        "Config": {"Hostname": "92ecd0ed14b7", "Labels": LABELS},
        "State": running | state,
        "NetworkSettings": {"Networks": {"parity-kit_default": {}} if network else {}},
    }


def test_running_replica() -> None:
    """Every field of it."""
    replica = container.replica(inspected(), memory=5, log=b"")
    assert (replica.number, replica.name, replica.hostname) == (
        2,
        "parity-kit-app-2",
        "92ecd0ed14b7",
    )
    assert (replica.state, replica.health, replica.exit_code) == ("running", "healthy", None)
    assert replica.started_at == datetime(2026, 11, 23, 17, 19, 43, 255399, tzinfo=UTC)
    assert (replica.memory, replica.sessions) == (5, 0)


def test_killed_replica_has_an_exit_code_and_no_health() -> None:
    """The engine keeps the last health of a dead container; nobody checks it any more."""
    killed = inspected(Status="exited", Running=False, ExitCode=137)
    replica = container.replica(killed, memory=None, log=b"")
    assert (replica.state, replica.health, replica.exit_code) == ("exited", "", 137)


def test_replica_without_a_network_is_cut() -> None:
    """The engine calls it running and healthy, for its own check needs no network."""
    assert container.state_of(inspected(network=False)) == "cut"
    assert container.state_of(inspected(network=False, Status="exited", Running=False)) == "exited"


def test_paused_replica_has_no_health() -> None:
    """The engine shows the health from before the pause for ever."""
    assert container.health_of(inspected(Status="paused", Paused=True)) == ""


def test_container_without_a_health_check_has_no_health() -> None:
    """Such as the `volume` service."""
    attributes = inspected()
    del attributes["State"]["Health"]
    assert container.health_of(attributes) == ""


def test_reconnected_replica_gets_the_names_that_compose_gave_it() -> None:
    """Without `app` nginx would not find it."""
    cut = inspected(network=False)
    assert container.aliases(cut) == ["parity-kit-app-2", "app"]
    assert container.home_network(cut) == "parity-kit_default"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23T17:19:43.255399103Z", datetime(2026, 11, 23, 17, 19, 43, 255399, tzinfo=UTC)),
        ("2026-11-23T17:19:43.5Z", datetime(2026, 11, 23, 17, 19, 43, 500000, tzinfo=UTC)),
        ("2026-11-23T17:19:43Z", datetime(2026, 11, 23, 17, 19, 43, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("", None),
    ],
)
def test_time_with_nanoseconds(text: str, expected: datetime | None) -> None:
    """More digits than Python reads, fewer, none, and never."""
    assert container.instant(text) == expected


@pytest.mark.parametrize(
    ("stats", "expected"),
    [
        ({"memory_stats": {"usage": 100, "stats": {"inactive_file": 30}}}, 70),
        (
            {
                "memory_stats": {
                    "usage": 100,
                    "stats": {"inactive_file": 1, "total_inactive_file": 40},
                }
            },
            60,
        ),
        ({"memory_stats": {"usage": 100}}, 100),
        ({"memory_stats": {}}, None),
        ({}, None),
    ],
)
def test_memory_is_what_docker_stats_shows(stats: dict[str, Any], expected: int | None) -> None:
    """For cgroup v2, v1, no details, and a container that has just ended."""
    assert container.memory_in_use(stats) == expected


def test_sessions_are_counted_once_each() -> None:
    """By public id; other lines, and lines that only look alike, do not count."""
    log = b"\n".join(
        [
            b"2026-11-23 17:37:54.394 Thread 'MainThread': missing ScriptRunContext!",
            b'{"event": "started"}',
            b'{"event": "session_opened", "session": "ff47455d", "origin": "new"}',
            b'{"event": "session_opened", "session": "ff47455d", "origin": "restored"}',
            b'{"event": "session_opened", "session": "00000000"}',
            b'{"event": "answered", "text": "session_opened", "session": "11111111"}',
            b'{"event": "session_opened"}',
            b'["session_opened"]',
            b'{"event": "session_opened", "sess',
            b"\xff session_opened",
        ]
    )
    assert container.sessions(log) == {"ff47455d", "00000000"}
