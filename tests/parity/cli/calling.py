"""Call the command line as a shell would."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from parity import cli


def run(*arguments: str) -> tuple[int, str]:
    """Return a command's exit code and its stdout with stderr."""
    result = CliRunner().invoke(cli.app, arguments, prog_name="parity")
    return result.exit_code, result.output


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Return a command's exit code, its stdout and its stderr, as a shell would see them."""
    with pytest.raises(SystemExit) as caught:
        cli.app(args=list(arguments), prog_name="parity")
    captured = capsys.readouterr()
    return int(caught.value.code or 0), captured.out, captured.err
