"""What the README and docs/ list is all there is, and nothing that is not."""

from __future__ import annotations

import re
from pathlib import Path

import typer.main

from parity.cli import app
from parity.faults import FAULTS
from parity.rehearsal.scenarios import STORY

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
DOCS = [file.read_text() for file in (ROOT / "docs").glob("*.md")]


def test_every_command_is_listed_and_exists() -> None:
    """The table of commands is the command line's own list."""
    listed = set(re.findall(r"^\| `parity (\w+)", README, re.MULTILINE))
    group = typer.main.get_group(app)
    assert listed == set(group.commands)


def test_every_setting_is_listed_and_exists() -> None:
    """The table of settings is .env."""
    table = README.partition("## Settings")[2].partition("**The real Bedrock")[0]
    listed = set(re.findall(r"`([A-Z][A-Z_]+)`", table))
    kept = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env").read_text(), re.MULTILINE))
    assert listed == kept


def test_every_benchmark_is_listed_and_exists() -> None:
    """`parity bench NAME` names what is in bench/."""
    for name in re.findall(r"`parity bench ([a-z]+)`", README):
        assert (ROOT / "bench" / f"{name}.py").exists()


def test_every_scenario_of_the_rehearsal_is_told() -> None:
    """In the order in which they are played."""
    table = (ROOT / "docs" / "cloud.md").read_text().partition("| scenario |")[2]
    told = re.findall(r"^\| (\w[^|]+) \|", table.partition("\n\n")[0], re.MULTILINE)
    assert told == [title for title, _ in STORY]


def test_every_fault_is_told() -> None:
    """In the order in which they are listed."""
    table = (ROOT / "docs" / "answers.md").read_text().partition("| fault |")[2]
    told = re.findall(r"^\| (\w[^|]+) \|", table.partition("\n\n")[0], re.MULTILINE)
    assert told == [fault.name for fault in FAULTS]


def test_every_file_named_exists() -> None:
    """Paths in the text lead somewhere."""
    folders = "app|nginx|bedrock|infra|parity|e2e|bench|torture|scripts|docs|.github"
    paths = re.findall(rf"[`(]((?:{folders})/[\w./-]*)[`)]", "".join([README, *DOCS]))
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []
