"""The closing table tells the truth."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from parity.errors import ParityError
from parity.testing.report import Report

if TYPE_CHECKING:
    from pathlib import Path


def test_failed_program_fails_the_report_and_the_next_step_still_runs() -> None:
    """One run shows everything that is wrong."""
    report = Report()
    report.run("bad", ["false"])
    report.run("good", ["true"])
    assert not report.passed
    assert report.last_passed
    assert [row[:2] for row in report.rows()] == [
        ["bad", "[red]failed[/]"],
        ["good", "[green]passed[/]"],
    ]


def test_missing_program_is_a_failure() -> None:
    """Not a pass by silence."""
    report = Report()
    report.run("gone", ["no-such-program"])
    assert not report.passed


def test_error_in_a_step_is_recorded() -> None:
    """A stack that does not start."""
    report = Report()
    with report.attempt("stack"):
        raise ParityError("no")
    assert not report.passed


def test_interrupt_ends_the_run_and_is_recorded_as_failed() -> None:
    """Ctrl-C is no verdict of the tests, and never a pass."""
    report = Report()
    with pytest.raises(KeyboardInterrupt), report.attempt("suite"):
        raise KeyboardInterrupt
    assert not report.passed


def test_suite_is_counted_by_pytest_itself(tmp_path: Path) -> None:
    """What the receipt will say comes from pytest's own report; one that crashed is no pass."""
    tests = tmp_path / "test_x.py"
    tests.write_text("import pytest\ndef test_a(): pass\ndef test_b(): pytest.skip('no')\n")
    report = Report()
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir"]
    report.run_suite("good", [*argv, str(tmp_path), str(tests)])
    good = report.suites["good"]
    assert (good.passed, good.failed, good.skipped, report.passed) == (1, 0, 1, True)
    report.run_suite("crashed", ["false"])
    assert not report.suites["crashed"].green
    assert not report.passed
