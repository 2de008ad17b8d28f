"""The counts in a receipt are pytest's own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from parity.deploy import junit
from parity.errors import ParityError

if TYPE_CHECKING:
    from pathlib import Path

TESTS = """
import pytest
def test_good(): pass
def test_bad(): assert False
def test_skipped(): pytest.skip("why")
@pytest.fixture
def broken(): raise ValueError
def test_error(broken): pass
@pytest.mark.parametrize("n", range(3))
def test_many(n): pass
"""
RECORDING = """
import pytest
@pytest.fixture(autouse=True)
def recorded(request): request.node.user_properties.append(("kills", 3))
"""


def run_pytest(folder: Path, *arguments: str) -> Path:
    """Run pytest itself on the tests above, and return its report."""
    (folder / "test_x.py").write_text(TESTS)
    report = folder / "report.xml"
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir"]
    subprocess.run(
        [*argv, str(folder), junit.option(report), *arguments, str(folder)],
        check=False,
        capture_output=True,
    )
    return report


def test_counts_are_what_pytest_reports(tmp_path: Path) -> None:
    """An error in a fixture is a failure, a skipped test did not pass."""
    counts = junit.read_counts(run_pytest(tmp_path))
    assert (counts.passed, counts.failed, counts.skipped) == (4, 2, 1)
    assert counts.seconds > 0
    assert not counts.green


def test_counts_of_workers_are_added_up(tmp_path: Path) -> None:
    """With pytest-xdist, too."""
    counts = junit.read_counts(run_pytest(tmp_path, "-n", "2"))
    assert (counts.passed, counts.failed, counts.skipped) == (4, 2, 1)


@pytest.mark.parametrize(
    "text", [None, "", "<testsuites>", "<testsuites><testsuite/></testsuites>"]
)
def test_missing_or_broken_report_is_an_error(tmp_path: Path, text: str | None) -> None:
    """As after a crash; never a pass by silence."""
    report = tmp_path / "report.xml"
    if text is not None:
        report.write_text(text)
    with pytest.raises(ParityError, match="no report"):
        junit.read_counts(report)


def test_each_test_is_told_with_what_it_recorded(tmp_path: Path) -> None:
    """By its name as words; a missing report has none."""
    (tmp_path / "conftest.py").write_text(RECORDING)
    cases = junit.read_cases(run_pytest(tmp_path))
    assert [(case.title, case.result) for case in cases] == [
        ("good", "passed"),
        ("bad", "failed"),
        ("skipped", "skipped"),
        ("error", "failed"),
        *((f"many: {number}", "passed") for number in range(3)),
    ]
    assert [case.recorded for case in cases[:2]] == [{"kills": "3"}] * 2
    assert junit.read_cases(tmp_path / "missing.xml") == []
