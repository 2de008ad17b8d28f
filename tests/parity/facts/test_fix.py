"""`--fix` proposes edits which, made, leave nothing of what they are about."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from parity.facts.check import check, differences
from parity.facts.fix import propose
from parity.facts.table import FACTS
from parity.template.parameter_sets import ALWAYS
from tests.parity.facts.checkout import Stack, cloud_side, copied, flagged, local_side, over
from tests.parity.facts.mutants import MUTANTS, Mutant

if TYPE_CHECKING:
    from pathlib import Path

WRITABLE = [
    pytest.param(mutant, id=f"{fact}-{number}")
    for fact, mutants in MUTANTS.items()
    for number, mutant in enumerate(mutants)
    if FACTS[fact].write and mutant.side == "cloud" and not mutant.lock
]
# Of the same variable as a fact that agrees: the template is at odds with itself.
SHARED = {"default-region", "stop-told", "models"}


@pytest.mark.parametrize("mutant", WRITABLE)
def test_edit_makes_the_sides_agree(mutant: Mutant, tmp_path: Path) -> None:
    """The diff applies as it is printed; afterwards the same check passes."""
    folder, cloud = copied(tmp_path), cloud_side(*mutant.cloud)
    (fact,) = flagged(local_side(folder), cloud)
    proposal = propose(check(local_side(folder), cloud), folder)
    if not proposal.diff:
        assert fact in SHARED
        return
    subprocess.run(["git", "apply"], cwd=folder, input=proposal.diff, text=True, check=True)
    # What follows from it may be left: told to stop later, the app must be told so, too.
    left = flagged(local_side(folder), cloud)
    assert all(fact in FACTS[name].rests_on for name in left), left


def test_several_edits_of_one_file_are_one_diff(tmp_path: Path) -> None:
    """Two on one line, and a key that is not there yet."""
    folder = copied(tmp_path)
    cloud = cloud_side(
        *(change for name in ("cpu", "memory") for change in MUTANTS[name][-1].cloud),
        *MUTANTS["open-files"][-1].cloud,
    )
    assert flagged(local_side(folder), cloud) == ["cpu", "memory", "open-files"]
    proposal = propose(check(local_side(folder), cloud), folder)
    assert proposal.diff.count("--- a/compose.yaml") == 1
    subprocess.run(["git", "apply"], cwd=folder, input=proposal.diff, text=True, check=True)
    assert flagged(local_side(folder), cloud) == []


def test_what_no_line_can_mend_is_left_to_the_reader(tmp_path: Path) -> None:
    """And named, rather than passed over."""
    folder = copied(tmp_path)
    over("environment: {FEATURE: 'on'}").make(folder)
    found = check(local_side(folder), cloud_side())
    proposal = propose(found, folder)
    assert (proposal.diff, list(proposal.by_hand)) == ("", differences(found))


def test_value_of_the_environment_is_not_edited(tmp_path: Path) -> None:
    """Another .env would change nothing while the environment wins over it."""
    stack = Stack({"STOP_SECONDS": "45"}, ALWAYS)
    proposal = propose(check(local_side(copied(tmp_path), stack), cloud_side()), tmp_path)
    assert proposal.diff == ""
    assert [each.fact.name for each in proposal.by_hand] == ["stop-grace"]
