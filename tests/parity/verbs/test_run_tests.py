"""The closing table tells the truth, and the suite's stack is its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from parity.errors import ParityError
from parity.host.isolated_tool import TOOLS
from parity.project import ROOT, STATE, read_settings
from parity.verbs import run_tests
from parity.verbs.run_tests import Report

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


def test_stack_of_its_own_shares_nothing_with_the_users() -> None:
    """Name, ports and data folder; twice in a row, twice another one."""
    users = read_settings()
    first, second = run_tests.of_its_own(users), run_tests.of_its_own(users)
    assert len({users.project, first.project, second.project}) == 3
    assert first.project.startswith("parity-test-")
    assert len({users.port, users.bedrock_port, first.port, first.bedrock_port}) == 4
    assert first.data.parent == STATE
    assert first.replicas == users.replicas


def test_shell_scripts_are_found_by_their_first_line() -> None:
    """New scripts are linted without being listed anywhere."""
    scripts = run_tests.shell_scripts()
    assert {"scripts/up", "scripts/test", "scripts/parity", "nginx/register_targets.sh"} <= {
        *scripts
    }
    assert "nginx/nginx.conf" not in scripts


def test_everything_that_is_typed_is_checked() -> None:
    """Its targets are the packages that there are."""
    assert "parity" in run_tests.lint_commands()["mypy"]
    assert "app" in run_tests.lint_commands()["mypy"]


CHECKOV = TOOLS / "checkov" / "bin" / "checkov"


@pytest.mark.skipif(not CHECKOV.exists(), reason="`parity test` installs checkov before this")
@pytest.mark.parametrize(
    ("planted", "code"), [("", 0), ("Encrypted: false", 1)], ids=["as it is", "not encrypted"]
)
def test_checkov_passes_the_templates_and_fails_on_a_planted_fault(
    tmp_path: Path, planted: str, code: int
) -> None:
    """What is skipped is a list of checks, not the whole."""
    shutil.copytree(ROOT / "infra", tmp_path / "infra")
    template = tmp_path / "infra" / "template.yml"
    if planted:
        text = template.read_text()
        assert text.count("Encrypted: true") == 1
        template.write_text(text.replace("Encrypted: true", planted))
    done = subprocess.run(
        run_tests.checkov_command(CHECKOV),
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert ("FileSystem" in done.stdout) == bool(planted)
    assert "http" not in done.stderr  # it called nobody


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
