"""What a browser test does to replicas it says before, so as to be skipped where it cannot be."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from parity.cluster.protocol import Ability
from parity.faults import FAULTS

E2E = Path(__file__).parent.parent / "e2e"
ACTS = {
    "pause": Ability.PAUSE,
    "unpause": Ability.PAUSE,
    "cut": Ability.CUT,
    "reconnect": Ability.CUT,
    "break_volume": Ability.VOLUME,
    "mend_volume": Ability.VOLUME,
    "redeploy": Ability.IMAGE,  # with steps; without, it can be done everywhere
}
HELPERS = {"freeze": Ability.PAUSE, "cut": Ability.CUT}  # e2e/breaking.py, parity/faults/cut.py
TESTS = [
    pytest.param(node, id=f"{file.stem}::{node.name}")
    for file in sorted(E2E.glob("test_*.py"))
    for node in ast.parse(file.read_text()).body
    if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
]


def needed(test: ast.FunctionDef) -> set[Ability]:
    """Return the abilities that the marker `needs` names."""
    return {
        Ability[argument.attr]
        for mark in test.decorator_list
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.needs"
        for argument in mark.args
        if isinstance(argument, ast.Attribute)
    }


def used(test: ast.FunctionDef) -> set[Ability]:
    """Return the abilities that a test's calls of its cluster take."""
    calls = [node for node in ast.walk(test) if isinstance(node, ast.Call)]
    helped = {HELPERS[name] for call in calls if (name := ast.unparse(call.func)) in HELPERS}
    return helped | {
        ability
        for call in calls
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "cluster"
        if (ability := ACTS.get(call.func.attr)) and (call.args or call.func.attr != "redeploy")
    }


@pytest.mark.parametrize("test", TESTS)
def test_marker_names_what_the_test_uses(test: ast.FunctionDef) -> None:
    """No more and no less; that a kill has to be abrupt, only the test's author can know."""
    assert needed(test) - {Ability.SIGKILL} == used(test)


def test_each_ability_is_used_by_some_browser_test() -> None:
    """Else the check above would have nothing to check."""
    found = set().union(
        *(needed(parameter.values[0]) for parameter in TESTS),  # type: ignore[arg-type]
        *(fault.needs for fault in FAULTS),
    )
    assert found == set(Ability)
