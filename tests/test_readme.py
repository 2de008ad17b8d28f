"""What the README lists is all there is, and nothing that is not."""

from __future__ import annotations

import re
from pathlib import Path

import typer.main

from parity.cli import app

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


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


def test_every_file_named_exists() -> None:
    """Paths in the tables lead somewhere."""
    paths = re.findall(r"`((?:app|nginx|bedrock|parity|e2e|bench|scripts)/[\w./]*)`", README)
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []
