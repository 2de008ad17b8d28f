"""The seed alone decides what happens; what was decided is done, proven, and undone."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, cast

import pytest

from parity.cluster.protocol import Ability, Replica
from parity.errors import ParityError
from torture.nemesis import NEEDS, OF_VOLUME, Fault, Strike, possible, schedule
from torture.striking import Striker

if TYPE_CHECKING:
    from parity.cluster.protocol import Cluster

ALL = possible(list(Ability), on_efs=True)
STATES = {"kill": "exited", "stop": "exited", "pause": "paused", "cut": "cut", "start": "running"}


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
    """And each fault has its turn, on each replica, in a run of some length."""
    strikes = schedule(1, 3600, 3, ALL)
    assert all(after.at > before.at + before.lasts for before, after in pairwise(strikes))
    assert strikes[-1].at < 3600
    assert {strike.fault for strike in strikes} == set(Fault)
    assert {strike.place for strike in strikes} == {0, 1, 2}


def test_only_what_is_possible_is_scheduled() -> None:
    """ECS can neither pause nor cut, and a plain folder does not fail on demand."""
    assert not {*NEEDS, *OF_VOLUME} & set(possible([Ability.SIGKILL], on_efs=False))
    assert set(ALL) == set(Fault)


class Replicas:
    """Two replicas that do what they are told, and remember it."""

    def __init__(self) -> None:
        self.did: list[tuple[str, int]] = []
        self.deaf = False
        self._all = [
            Replica(
                number, f"app-{number}", f"host{number}", "running", "healthy", None, None, 0, 0
            )
            for number in (1, 2)
        ]

    def replicas(self) -> list[Replica]:
        """Return both."""
        return list(self._all)

    def serving(self, which: int) -> Replica:
        """Return one."""
        return self._all[which - 1]

    def wait_healthy(self, _timeout: float) -> None:
        """Check that it was mended."""
        assert {replica.state for replica in self._all} == {"running"}

    def _do(self, verb: str, which: int) -> None:
        self.did.append((verb, which))
        if not self.deaf:
            self._all[which - 1] = replace(self._all[which - 1], state=STATES[verb])

    def kill(self, which: int) -> None:
        """See Cluster."""
        self._do("kill", which)

    def stop(self, which: int) -> None:
        """See Cluster."""
        self._do("stop", which)

    def pause(self, which: int) -> None:
        """See Cluster."""
        self._do("pause", which)

    def cut(self, which: int) -> None:
        """See Cluster."""
        self._do("cut", which)

    def start(self, which: int) -> None:
        """See Cluster."""
        self._do("start", which)


def strike(replicas: Replicas, fault: Fault) -> list[float]:
    """Strike the second of the replicas; return how long the striker slept."""
    slept: list[float] = []
    striker = Striker(cast("Cluster", replicas), None, lambda: 0.0, slept.append)
    struck = striker.strike(Strike(1.0, fault, 3, 5.0))
    assert struck.replica == "host2"
    return slept


@pytest.mark.parametrize("fault", [Fault.KILL, Fault.STOP, Fault.PAUSE, Fault.CUT])
def test_fault_is_made_and_mended(fault: Fault) -> None:
    """On the replica that the place names, for as long as was decided."""
    replicas = Replicas()
    assert strike(replicas, fault) == [5.0]
    assert replicas.did == [(fault.value, 2), ("start", 2)]


def test_all_are_killed_before_any_is_mended() -> None:
    """Else there would always be one left."""
    replicas = Replicas()
    strike(replicas, Fault.KILL_ALL)
    assert replicas.did == [("kill", 1), ("kill", 2), ("start", 1), ("start", 2)]


def test_fault_without_effect_is_an_error_and_is_mended() -> None:
    """A run in which nothing broke would prove nothing."""
    replicas = Replicas()
    replicas.deaf = True
    with pytest.raises(ParityError, match="left app-2 running"):
        strike(replicas, Fault.PAUSE)
    assert replicas.did[-1] == ("start", 2)
