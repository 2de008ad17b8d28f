"""The table of replicas can be read at a glance, and as JSON by a program."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.text import Text

from parity.cluster.protocol import Replica
from parity.verbs import ps

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RUNNING = Replica(
    number=1,
    name="parity-kit-app-1",
    hostname="92ecd0ed14b7",
    state="running",
    health="healthy",
    exit_code=None,
    started_at=NOW - timedelta(seconds=65),
    memory=60 * 1024**2,
    sessions=3,
)
KILLED = replace(RUNNING, number=2, state="exited", health="", exit_code=137, memory=None)


def shown(replica: Replica) -> list[str]:
    """Return a row as it is read, without its markup."""
    (row,) = ps.rows([replica], NOW)
    assert len(row) == len(ps.COLUMNS)
    return [Text.from_markup(cell).plain for cell in row]


def test_running_replica() -> None:
    """Number, host name, state, health, uptime, memory, sessions."""
    expected = ["1", "92ecd0ed14b7", "running", "healthy", "1 min", "60 MiB", "3"]
    assert shown(RUNNING) == expected


def test_dead_replica_shows_how_it_ended_and_no_uptime() -> None:
    """137 is a kill, 0 or 143 an orderly stop."""
    assert shown(KILLED) == ["2", "92ecd0ed14b7", "exited (137)", "-", "-", "-", "3"]


def test_replica_that_never_started() -> None:
    """Compose creates containers before it starts them."""
    created = replace(KILLED, state="created", exit_code=0, started_at=None)
    assert shown(created)[2:5] == ["created", "-", "-"]


def test_healthy_and_broken_differ_in_colour() -> None:
    """Green is good, red is dead, yellow is under way."""
    assert ps.coloured("running") == "[green]running[/]"
    assert ps.coloured("cut") == "[yellow]cut[/]"
    assert ps.coloured("exited") == "[red]exited[/]"
    assert ps.coloured("odd[x]") == r"odd\[x]"


def test_json_has_every_field_in_plain_units() -> None:
    """Bytes, ISO 8601, null where there is nothing."""
    first, second = json.loads(json.dumps(ps.documents([RUNNING, KILLED])))
    assert first["memory"] == 60 * 1024**2
    assert first["started_at"] == "2026-11-23T11:58:55+00:00"
    assert second["memory"] is None
    assert second["exit_code"] == 137


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3900, "1 h 05 min"),
        (2 * 86400 + 3600, "2 d 1 h"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    """Two units at most; a clock that went back is no error."""
    assert ps.duration(seconds) == text
