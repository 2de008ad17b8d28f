"""The table of targets, and a draining that can be watched."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from unittest.mock import MagicMock

from rich.text import Text

from parity.cluster.protocol import Target
from parity.verbs import drain, targets

if TYPE_CHECKING:
    import pytest

HEALTHY = Target(
    address="10.0.0.1",
    port=8501,
    replica=1,
    hostname="92ecd0ed14b7",
    zone="",
    state="healthy",
    reason="",
    description="",
    outstanding=2,
)
DRAINING = replace(
    HEALTHY,
    state="draining",
    reason="Target.DeregistrationInProgress",
    description="Target deregistration is in progress",
)
FAILING = replace(
    HEALTHY,
    replica=None,
    state="unhealthy",
    reason="Target.ResponseCodeMismatch",
    description="Health checks failed with these codes: [503]",
    outstanding=None,
)


def shown(target: Target) -> list[str]:
    """Return a row as it is read, without its markup."""
    (row,) = targets.rows([target])
    assert len(row) == len(targets.COLUMNS)
    return [Text.from_markup(cell).plain for cell in row]


def test_healthy_target_needs_no_reason() -> None:
    """Address, port, replica, zone, health, open requests, reason, details."""
    assert shown(HEALTHY) == ["10.0.0.1", "8501", "1", "-", "healthy", "2", "-", "-"]
    assert shown(replace(HEALTHY, zone="eu-central-1a"))[3] == "eu-central-1a"


def test_code_in_brackets_is_no_markup() -> None:
    """AWS writes it so."""
    expected = "Health checks failed with these codes: [503]"
    assert shown(FAILING)[2:] == ["-", "-", "unhealthy", "-", FAILING.reason, expected]


def test_drain_deregisters_and_waits_until_nothing_drains(monkeypatch: pytest.MonkeyPatch) -> None:
    """Telling meanwhile what is still open."""
    monkeypatch.setattr(drain, "POLL_SECONDS", 0)
    cluster = MagicMock()
    cluster.serving.return_value.hostname = HEALTHY.hostname
    drained = replace(DRAINING, state="unused", outstanding=0)
    other = replace(DRAINING, hostname="another")
    cluster.targets.side_effect = [[DRAINING, other], [replace(DRAINING, outstanding=1)], [drained]]
    told: list[str] = []
    drain.drain(cluster, 1, told.append)
    cluster.deregister.assert_called_once_with(1)
    assert told == ["0 s, 2 requests are open", "0 s, 1 request is open"]


def test_progress_says_nothing_of_what_nobody_tells() -> None:
    """AWS does not say how many requests a target has."""
    assert drain.progress(replace(DRAINING, outstanding=None), 12.3) == "12 s"
    assert drain.progress(replace(DRAINING, outstanding=0), 3) == "3 s, no requests are open"
