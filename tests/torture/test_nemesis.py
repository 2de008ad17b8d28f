"""The seed alone decides what happens; what was decided is done, and then waited for."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

import pytest

from parity.cluster.protocol import Ability
from parity.errors import ParityError
from parity.faults import FAULTS, Fault
from torture.nemesis import Strike, possible, schedule
from torture.striking import strike

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL = possible(list(Ability))


def test_seed_reproduces_the_schedule() -> None:
    """So that a finding can be found again."""
    assert schedule(7, 600, 3, ALL) == schedule(7, 600, 3, ALL)
    assert schedule(7, 600, 3, ALL) != schedule(8, 600, 3, ALL)


def test_longer_run_begins_as_the_shorter_one() -> None:
    """Whoever looks for a late finding need not learn a new seed."""
    short = schedule(7, 100, 3, ALL)
    assert short
    assert schedule(7, 600, 3, ALL)[: len(short)] == short


def test_strikes_come_one_after_the_other_within_the_run() -> None:
    """And each replica has its turn in a run of some length."""
    strikes = schedule(1, 3600, 3, ALL)
    assert all(after.at > before.at + before.lasts for before, after in pairwise(strikes))
    assert strikes[-1].at < 3600
    assert {strike.place for strike in strikes} == {0, 1, 2}


def test_each_fault_has_its_turn_before_any_comes_again() -> None:
    """A short run is to have met as many as it can."""
    first = schedule(1, 3600, 3, ALL)[: len(ALL)]
    assert {strike.fault.name for strike in first} == {fault.name for fault in FAULTS}


def test_only_what_is_possible_and_wanted_is_scheduled() -> None:
    """ECS can neither pause nor cut, and a plain folder does not fail on demand."""
    assert list(FAULTS) == ALL
    assert not any(fault.needs for fault in possible([Ability.SIGKILL]))
    assert [fault.name for fault in possible([], ["scale in"])] == ["scale in"]


class Told:
    """What a striker did, in order."""

    def __init__(self) -> None:
        self.steps: list[object] = []
        self.cluster = MagicMock()
        self.cluster.replicas.return_value = [MagicMock(hostname="a"), MagicMock(hostname="b")]
        self.cluster.wait_healthy.side_effect = lambda _: self.steps.append("healthy")

    @contextmanager
    def break_(self, _cluster: object, hostname: str) -> Iterator[None]:
        """Break and mend."""
        self.steps.append(f"break {hostname}")
        yield
        self.steps.append("mend")

    def strike(self, inject: Any) -> None:  # noqa: ANN401 - any fault's
        """Strike the second of two replicas, for 5 s."""
        one = Strike(1.0, Fault("test", inject), place=3, lasts=5.0)
        struck = strike(self.cluster, one, lambda: 0.0, self.steps.append)
        assert struck.replica == "b"


def test_fault_is_made_and_mended() -> None:
    """On the replica that the place names, for as long as was decided; then all is well."""
    told = Told()
    told.strike(told.break_)
    assert told.steps == ["break b", 5.0, "mend", "healthy"]


def test_fault_without_effect_is_an_error() -> None:
    """A run in which nothing broke would prove nothing."""
    told = Told()
    told.cluster.serving.return_value.state = "running"
    with pytest.raises(ParityError, match="did not take"):
        told.strike(FAULTS[0].inject)
