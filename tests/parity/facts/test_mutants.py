"""Every fact is caught when it is broken, on either side, and nothing else is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parity.facts.table import FACTS
from tests.parity.facts.checkout import (
    OVER_HTTPS,
    PLAIN,
    Stack,
    cloud_side,
    copied,
    flagged,
    local_side,
    results,
    shipped,
)
from tests.parity.facts.mutants import MUTANTS, Mutant

if TYPE_CHECKING:
    from pathlib import Path

ALL = [
    pytest.param(fact, mutant, id=f"{fact}-{number}-{mutant.side}")
    for fact, mutants in MUTANTS.items()
    for number, mutant in enumerate(mutants)
]


@pytest.mark.parametrize("stack", [PLAIN, OVER_HTTPS], ids=["plain", "https"])
def test_shipped_stack_has_no_unexplained_difference(stack: Stack, tmp_path: Path) -> None:
    """No false alarm, and nothing that the comparison could not see."""
    found = results(local_side(copied(tmp_path), stack), cloud_side(stack=stack))
    assert {
        each.fact.name: each.verdict for each in found if each.verdict not in {"same", "meant"}
    } == {}


@pytest.mark.parametrize(("fact", "mutant"), ALL)
def test_mutant_is_caught_and_named(fact: str, mutant: Mutant, tmp_path: Path) -> None:
    """By the one fact that is about it."""
    if mutant.local or mutant.image:
        folder = copied(tmp_path)
        for edit in mutant.local:
            edit.make(folder)
        local = local_side(folder, mutant.stack, mutant.image)
    else:
        local = shipped(mutant.stack)
    cloud = cloud_side(*mutant.cloud, stack=mutant.stack, lock=mutant.lock, receipt=mutant.receipt)
    assert flagged(local, cloud) == [fact]


def test_every_fact_is_broken_on_each_side() -> None:
    """Two mutants at the least; where a side cannot be changed alone, both are."""
    assert list(MUTANTS) == list(FACTS)
    for fact, mutants in MUTANTS.items():
        sides = {mutant.side for mutant in mutants}
        assert len(mutants) >= 2, fact
        assert sides & {"local", "both"}, fact
        assert sides & {"cloud", "both"}, fact
