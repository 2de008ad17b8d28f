"""A test run knows whether the two sides agreed, and its receipt says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.facts.sides import Choices
from parity.testing.facts import check_facts
from parity.testing.report import Report

if TYPE_CHECKING:
    import pytest

OTHER = Choices(pairs=["DrainSeconds=20"])


def test_agreement_is_a_step_that_passes() -> None:
    """As the kit is."""
    report = Report()
    check_facts(report, "parity check", Choices(), {})
    assert (report.passed, report.parity) == (True, True)
    assert Report().parity is None


def test_difference_fails_the_step_and_is_not_forgotten(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What differed once is not made good by what agrees later."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    report = Report()
    check_facts(report, "files", OTHER, {})
    assert (report.passed, report.parity) == (False, False)
    printed = capsys.readouterr()
    assert "deregistration-delay: 30 s here, 20 s there" in printed.out
    assert "::error" not in printed.out
    check_facts(report, "stack", Choices(), {})
    assert (report.last_passed, report.parity) == (True, False)


def test_pull_request_is_annotated(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where GitHub runs the tests."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    check_facts(Report(), "files", OTHER, {})
    assert "::error file=nginx/attributes.json,line=" in capsys.readouterr().out
