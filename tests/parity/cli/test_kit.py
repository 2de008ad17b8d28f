"""The command line: what is said where, and which exit code."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from parity.errors import ParityError, UsageError
from tests.parity.cli.calling import printed, run

if TYPE_CHECKING:
    from unittest.mock import MagicMock


def test_help_shows_examples_and_every_command() -> None:
    """The first thing that a newcomer reads."""
    code, output = run("--help")
    assert code == 0
    assert "scripts/up" in output
    for command in (
        *("up", "down", "ps", "logs", "open", "kill", "stop", "pause", "cut", "start", "scale"),
        *("doctor", "test", "bench", "plan"),
        *("deploy", "rollback", "status", "destroy"),
    ):
        assert f" {command} " in output


def test_version() -> None:
    """Name and number."""
    code, output = run("--version")
    assert (code, output.split()[0]) == (0, "parity")


@pytest.mark.parametrize("arguments", [["nope"], ["ps", "--nope"], ["kill"], ["logs", "--tail=-1"]])
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    """As a shell expects."""
    assert run(*arguments)[0] == 2


@pytest.mark.parametrize(
    ("error", "code"), [(ParityError("no"), 1), (UsageError("no"), 2), (KeyboardInterrupt(), 130)]
)
def test_every_error_has_its_exit_code_and_no_traceback(
    cluster: MagicMock, error: BaseException, code: int
) -> None:
    """Failure, wrong usage, Ctrl-C."""
    cluster.replicas.side_effect = error
    got, output = run("ps")
    assert got == code
    assert "Traceback" not in output


def test_error_nobody_foresaw_is_one_sentence_too(
    cluster: MagicMock, capsys: pytest.CaptureFixture[str]
) -> None:
    """The traceback is for those who ask for it."""
    cluster.replicas.side_effect = ZeroDivisionError("division by zero")
    code, out, err = printed(capsys, "ps")
    assert (code, out) == (1, "")
    assert "unexpected ZeroDivisionError" in err
    assert "Traceback" not in err
    code, _, err = printed(capsys, "--verbose", "ps")
    assert code == 1
    assert "Traceback" in err


@pytest.mark.parametrize("arguments", [["ps", "--help"], ["deploy", "--help"], ["up", "--port=x"]])
def test_no_command_waits_for_boto3_but_those_that_ask_aws(arguments: list[str]) -> None:
    """Its import takes longer than all the rest together."""
    program = """
import sys
from parity.cli import main
try:
    main()
finally:
    modules = {name.partition(".")[0] for name in sys.modules}
    print("loaded:", "parity" in modules, sorted(modules & {"boto3", "botocore", "moto"}))
"""
    argv = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "loaded: True []"
