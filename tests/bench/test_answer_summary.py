"""What `parity bench answer` reports of what it measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench import answer
from bench.answering.recording import Cost
from bench.answering.refreshes import IN_MID_ANSWER, OTHER, PLAIN, SAME


def measured() -> answer.Measured:
    """Return what just reaches every target."""
    refreshes = {(PLAIN, where): [1.0, 1.0, 9.0] for where in (SAME, OTHER)}
    refreshes |= {(IN_MID_ANSWER, where): [1.5, 1.5, 0.1] for where in (SAME, OTHER)}
    costs = {"recorded": [Cost(1.1, 40)] * 3, "unrecorded": [Cost(1.0, 10)] * 3}
    return answer.Measured(costs, refreshes, [1.0, 10.0])


def test_every_target_is_met_by_what_just_reaches_it() -> None:
    """Medians of the refreshes, and the longest of all takeovers."""
    found = answer.report(measured())
    assert found.exit_code == 0
    assert [target.got for target in found.targets] == [1.1, 30, 1.5, 1.5, 10.0]


WORSE = {
    "processor": replace(
        measured(), costs={"recorded": [Cost(1.2, 40)], "unrecorded": [Cost(1.0, 10)]}
    ),
    "operations": replace(
        measured(), costs={"recorded": [Cost(1.0, 41)], "unrecorded": [Cost(1.0, 10)]}
    ),
    "refresh": replace(
        measured(), refreshes=measured().refreshes | {(IN_MID_ANSWER, OTHER): [1.6]}
    ),
    "takeover": replace(measured(), takeovers=[1.0, 10.1]),
}


@pytest.mark.parametrize("what", WORSE)
def test_every_target_can_be_missed(what: str) -> None:
    """Each by itself."""
    found = answer.report(WORSE[what])
    assert found.exit_code == 1
    assert [target.met for target in found.targets].count(False) == 1
