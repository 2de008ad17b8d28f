"""CI runs the commands that a newcomer runs, and what one job hands on another one takes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))


def read(name: str) -> dict[str, Any]:
    """Return one workflow's document."""
    document: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text())
    return document


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_every_script_that_a_workflow_runs_exists(file: Path) -> None:
    """A workflow calls scripts/NAME and has no logic of its own in their place."""
    scripts = re.findall(r"\bscripts/\w+", file.read_text())
    assert scripts
    assert [script for script in scripts if not (ROOT / script).exists()] == []


def test_production_promotes_the_receipt_that_staging_ran() -> None:
    """Both get the test job's receipt; production waits for staging."""
    jobs = read("deploy.yml")["jobs"]
    assert jobs["staging"]["with"]["receipt"] == jobs["production"]["with"]["receipt"]
    assert "staging" in jobs["production"]["needs"]
    assert (jobs["staging"]["with"]["environment"], jobs["production"]["with"]["environment"]) == (
        "staging",
        "production",
    )


def test_promotion_builds_nothing_and_stores_no_key() -> None:
    """It loads the tested image, and is let in by OIDC."""
    text = (FOLDER / "promote.yml").read_text()
    assert "docker load" in text
    assert "role-to-assume" in text
    assert not re.search(r"docker (compose )?build|scripts/(up|test)|secrets\.", text)
    jobs = read("deploy.yml")["jobs"]
    assert jobs["production"]["permissions"]["id-token"] == "write"
