"""`parity check` as a shell sees it: output, exit code, and no Docker for what needs none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from parity import console
from parity.facts.sides import Choices
from parity.facts.table import FACTS, TABLE
from parity.project import ROOT
from parity.verbs import check as checking
from tests.parity.cli.calling import printed, run

if TYPE_CHECKING:
    from pathlib import Path

LATER = ("-p", "StopTimeoutSeconds=60", "-p", "DrainSeconds=90")


@pytest.fixture(autouse=True)
def without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what would win over .env."""
    for name in ("STOP_SECONDS", "REPLICAS", "STICKINESS", "COMPOSE_FILE", "BEDROCK_MODEL_IDS"):
        monkeypatch.delenv(name, raising=False)


def test_kits_own_stack_agrees(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0; a row for each fact under the heading of its group."""
    code, out, _ = printed(capsys, "check")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].split() == list(checking.COLUMNS)
    titles = [group.title for group in TABLE]
    assert [line.strip() for line in lines if line.strip() in titles] == titles
    assert [
        line.split()[0] for line in lines if line.split()[:1] and line.split()[0] in FACTS
    ] == list(FACTS)
    assert lines[-1].startswith(f"{len(FACTS)} facts: ")
    assert "different" not in lines[-1]


def test_difference_is_the_exit_code_and_has_both_places(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And the next command to type."""
    code, out, _ = printed(capsys, "check", *LATER)
    assert code == 1
    assert "stop-grace: 30 s here, 60 s there (.env:" in out
    assert "parity check --explain stop-grace" in out
    assert "follows from stop-grace" in out


@pytest.mark.parametrize(
    ("option", "reads"),
    [
        (["--json"], lambda out: json.loads(out)["agrees"]),
        (["--format", "json"], lambda out: json.loads(out)["agrees"]),
        (["--format", "sarif"], lambda out: not json.loads(out)["runs"][0]["results"]),
        (["--format", "github"], lambda out: not out),
    ],
)
def test_each_format_says_the_same(
    capsys: pytest.CaptureFixture[str], option: list[str], reads: object
) -> None:
    """With the same exit code."""
    assert callable(reads)
    code, out, _ = printed(capsys, "check", *option)
    assert (code, bool(reads(out))) == (0, True)
    code, out, _ = printed(capsys, "check", *option, *LATER)
    assert (code, bool(reads(out))) == (1, False)


def test_fix_prints_a_diff_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    """On stdout, to be piped on; what to do with it on stderr."""
    code, out, err = printed(capsys, "check", "--fix", *LATER)
    assert code == 1
    assert "git apply" in err
    checked = subprocess.run(
        ["git", "apply", "--check"], input=out, text=True, cwd=ROOT, check=False
    )
    assert checked.returncode == 0
    assert "+STOP_SECONDS=60" in out
    code, out, err = printed(capsys, "check", "--fix")
    assert (code, out, err) == (0, "", "")


def test_every_fact_is_explained() -> None:
    """Why it matters, both values with their places, how they are read and compared."""
    results = checking.run_check(Choices(), {})
    for name, fact in FACTS.items():
        with console.out.capture() as captured:
            checking.explain(name, results)
        said = " ".join(captured.get().split())
        for text in (name, fact.why, fact.agree.text):
            assert " ".join(text.split()) in said, name


def test_unknown_fact_names_those_that_are_spelt_like_it() -> None:
    """Wrong usage, before anything is read."""
    code, output = run("check", "--explain", "idle-timeouts")
    assert code == 2
    assert "parity check --explain idle-timeout" in output


def test_live_takes_no_template_of_its_own() -> None:
    """Nor parameters: it would compare with what is not there."""
    code, output = run("check", "--live", "-p", "MinTasks=3")
    assert code == 2
    assert "--live" in output


def test_it_needs_no_docker_and_is_quick(tmp_path: Path) -> None:
    """Out of reach are docker, the engine and AWS; measured in CPU time, as others compute too."""
    environment = {
        "PATH": str(tmp_path),
        "HOME": str(tmp_path),
        "DOCKER_HOST": "tcp://127.0.0.1:9",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "PYTHONPATH": str(ROOT),
    }
    before = os.times()
    done = subprocess.run(
        [sys.executable, "-c", "from parity.cli import main; main()", "check"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    after = os.times()
    assert done.returncode == 0, done.stdout + done.stderr
    spent = after.children_user + after.children_system
    assert spent - before.children_user - before.children_system < 2


@pytest.mark.parametrize("width", [80, 100, 200])
def test_no_row_is_wider_than_the_terminal(width: int) -> None:
    """Long values are cut, so that no row is folded."""
    results = checking.run_check(Choices(), {})
    grid = console.make_table(checking.COLUMNS, checking.rows(results, width), gap=checking.GAP)
    terminal = Console(width=width, record=True, file=StringIO())
    terminal.print(grid)
    lines = terminal.export_text().splitlines()
    assert max(map(len, lines)) <= width
    assert len(lines) == 1 + len(FACTS) + len(TABLE)
