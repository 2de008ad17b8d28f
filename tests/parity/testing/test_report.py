"""The closing table tells the truth."""

from __future__ import annotations

import sys
import time
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


def test_suite_beside_others_is_one_step_when_it_was_waited_for(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its output is one piece, its verdict counts, and waiting twice is waiting once."""
    tests = tmp_path / "test_x.py"
    tests.write_text("def test_a(): pass\ndef test_b(): assert 1 == 2\n")
    report = Report()
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir"]
    with report.suite_beside("units", [*argv, str(tmp_path), str(tests)]) as wait:
        report.run("other", ["echo", "meanwhile"])
        wait()
        report.run("later", ["echo", "afterwards"])
        wait()
    assert [outcome.title for outcome in report.outcomes] == ["other", "units", "later"]
    assert (report.suites["units"].passed, report.suites["units"].failed) == (1, 1)
    assert not report.passed
    said = capfd.readouterr().out
    assert said.index("meanwhile") < said.index("1 failed, 1 passed") < said.index("afterwards")


def test_suite_beside_is_waited_for_by_the_end_of_the_block() -> None:
    """Whatever else did not come so far."""
    report = Report()
    with report.suite_beside("units", ["false"]):
        pass
    assert [(outcome.title, outcome.passed) for outcome in report.outcomes] == [("units", False)]


def test_suite_beside_ends_with_an_interrupted_block(tmp_path: Path) -> None:
    """It gets SIGTERM, and is no step that has a result."""
    report, told = Report(), tmp_path / "told"
    script = f"trap 'echo ended >{told}; exit 1' TERM; echo >{told}; while :; do sleep 0.1; done"

    def interrupted() -> None:
        with report.suite_beside("units", ["bash", "-c", script]):
            while not told.exists():
                time.sleep(0.05)
            raise SystemExit(143)

    with pytest.raises(SystemExit):
        interrupted()
    assert told.read_text() == "ended\n"
    assert report.outcomes == []
