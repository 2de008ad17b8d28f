"""The command line: parse, call, print, exit code; one module a panel of `parity --help`."""

from __future__ import annotations

from parity.cli import check, cloud, plan, proof, replicas, stack
from parity.cli.kit import app

__all__ = ["app", "main"]

for panel in (stack, replicas, check, proof, plan, cloud):  # as the help shows them
    app.add_typer(panel.app)


def main() -> None:
    """Run the command line."""
    app(prog_name="parity")
