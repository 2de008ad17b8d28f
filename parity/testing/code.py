"""What looks at the files alone: lint, types, checkov, `parity check`, unit tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity import console
from parity.errors import ParityError
from parity.facts.sides import Choices
from parity.host.command import show
from parity.host.isolated_tool import ensure_tool
from parity.host.python_environment import tool
from parity.project import ROOT
from parity.testing.facts import check_facts

if TYPE_CHECKING:
    from pathlib import Path

    from parity.testing.report import Report

TYPED = ("app", "bedrock", "parity", "bench", "e2e", "torture", "tests")
SHELL_SCRIPTS = ("scripts", "nginx", ".ci")
CHECKOV_LOCK = ROOT / "requirements-checkov.txt"
CHECKOV_CONFIG = ROOT / "infra" / ".checkov.yaml"
WORKERS = 2
UNIT_WORKERS = 4  # they wait for processes, locks and clocks more than they compute


def check_files(report: Report) -> None:
    """Run all checks that need no Docker, but for the unit tests, each as a step."""
    for title, argv in lint_commands().items():
        report.run(title, argv)
    check_facts(report, "parity check", Choices(compose=[ROOT / "compose.yaml"]), {})
    _run_checkov(report)


def unit_tests() -> list[str]:
    """Return the argv of all unit tests."""
    # The longest are among the last: whoever has nothing left takes from the others.
    return pytest_command("tests", "-n", str(UNIT_WORKERS), "--dist", "worksteal")


def lint_commands() -> dict[str, list[str]]:
    """Return the argv of each static check by its title."""
    typed = [name for name in TYPED if any((ROOT / name).rglob("*.py"))]
    return {
        "ruff check": [tool("ruff"), "check", "."],
        "ruff format": [tool("ruff"), "format", "--check", "."],
        "mypy": [tool("mypy"), "--num-workers", str(WORKERS), *typed],
        "shellcheck": [tool("shellcheck"), *shell_scripts()],
    }


def checkov_command(program: Path) -> list[str]:
    """Return the argv that fails on a finding in infra/ that its configuration does not justify."""
    return [str(program), "--config-file", str(CHECKOV_CONFIG.relative_to(ROOT))]


def shell_scripts() -> list[str]:
    """Return the checkout's shell scripts: the files of the named folders that say so."""
    folders = (ROOT / name for name in SHELL_SCRIPTS)
    files = sorted(file for folder in folders for file in folder.glob("*") if file.is_file())
    return [
        str(file.relative_to(ROOT))
        for file in files
        if file.read_bytes().startswith((b"#!/usr/bin/env bash", b"#!/bin/bash", b"#!/bin/sh"))
    ]


def pytest_command(*arguments: str) -> list[str]:
    """Return the argv of a pytest run."""
    return [tool("python"), "-m", "pytest", *arguments]


def _run_checkov(report: Report) -> None:
    """Run checkov, which needs an environment of its own, on the templates in infra/."""
    console.headline("checkov")
    with report.attempt("checkov"):
        folder = ensure_tool("checkov", CHECKOV_LOCK)
        if code := show(checkov_command(folder / "checkov"), cwd=ROOT):
            raise ParityError(
                f"checkov failed with exit code {code}",
                hint="mend what it names, or justify it in infra/.checkov.yaml",
            )
