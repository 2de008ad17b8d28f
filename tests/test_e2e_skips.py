"""docs/targets.md says what runs where: as many tests, skipped for the same reasons."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "targets.md").read_text()
COLUMNS = {"--target=aws": 1, "--base-url=http://chat.example.com": 2}
LINE = re.compile(r"^(\d+) (?:skip: (.+)|(run here))$", re.MULTILINE)


def collected(option: str) -> str:
    """Return what the suite says of its tests at a target, with no account and no stack."""
    environment = {name: value for name, value in os.environ.items() if "AWS" not in name}
    argv = [sys.executable, "-m", "pytest", "e2e", option, "--collect-only"]
    return subprocess.run(
        argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=120
    ).stdout


def documented(column: int) -> dict[str, int]:
    """Return the numbers of one column of the table, by reason."""
    table = TEXT.partition("## What runs")[2].partition("## ")[0]
    rows = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("|")][2:]
    return {row[0].strip(): int(row[column]) for row in rows if row[column].strip() != "-"}


@pytest.mark.parametrize("option", COLUMNS)
def test_table_counts_what_runs_and_why_the_rest_does_not(option: str) -> None:
    """By reason; no test is in none of the lines.

    And each that is skipped is named under its reason: so one sees what a green run has not proven.
    """
    output = collected(option)
    account = output.partition("<Dir")[0]
    found = {why or run: int(number) for number, why, run in LINE.findall(account)}
    assert found == documented(COLUMNS[option])
    total = re.search(r"^collected (\d+) items", output, re.MULTILINE)
    assert total is not None
    assert sum(found.values()) == int(total[1])
    named = re.findall(r"^    (e2e/\S+::.+)$", account, re.MULTILINE)
    skipped = sum(int(number) for number, why, _ in LINE.findall(account) if why)
    assert len(named) == len(set(named)) == skipped > 0
