"""Which stacks the browser suite runs on."""

from __future__ import annotations

import pytest

from parity.efs import service
from parity.project import read_settings
from parity.verbs.run_tests import modes


def test_both_kinds_of_stickiness_and_of_volume_are_met(monkeypatch: pytest.MonkeyPatch) -> None:
    """In two runs of the suite, not four; the harder halves of both together."""
    monkeypatch.setattr(service, "host_problem", lambda: None)
    monkeypatch.setattr(service, "has_library", lambda: True)
    varied = modes(read_settings({"COMPOSE_PROJECT_NAME": "p"})).values()
    assert [(each.sticky, service.is_wanted(each)) for each in varied] == [
        (True, False),
        (False, True),
    ]


@pytest.mark.parametrize(("problem", "library"), [("no Linux", True), (None, False)])
def test_host_that_cannot_mount_still_runs_both_kinds_of_stickiness(
    monkeypatch: pytest.MonkeyPatch, problem: str | None, *, library: bool
) -> None:
    """And the names of the steps do not say more than was done."""
    monkeypatch.setattr(service, "host_problem", lambda: problem)
    monkeypatch.setattr(service, "has_library", lambda: library)
    found = modes(read_settings({"COMPOSE_PROJECT_NAME": "p"}))
    assert [(each.sticky, service.is_wanted(each)) for each in found.values()] == [
        (True, False),
        (False, False),
    ]
    assert not any("EFS" in name for name in found)
