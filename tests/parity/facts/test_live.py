"""`--live` sees what the services say: as the template, until somebody changes it by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from parity.project import ROOT

NOT_HERE = {"image-digest", "python-version", "streamlit-version", "boto3-version"}


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """Give what became of the stack on moto."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.parity.facts.live_on_moto"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_deployed_stack_is_read_as_its_template_is(found: dict[str, Any]) -> None:
    """Through APIs that spell the same things otherwise, fact by fact."""
    template = {
        name: verdict for name, verdict in found["template"].items() if name not in NOT_HERE
    }
    live = {name: verdict for name, verdict in found["live"].items() if name not in NOT_HERE}
    assert live == template
    assert len(live) >= 40


def test_change_by_hand_is_seen(found: dict[str, Any]) -> None:
    """The template still says the old value: only the services know."""
    changed = {name for name, verdict in found["changed"].items() if verdict != found["live"][name]}
    assert changed == {"idle-timeout", "deregistration-delay"}


def test_places_are_deployed_resources(found: dict[str, Any]) -> None:
    """And no lines of a file that nobody deployed."""
    assert found["where"] == "deployed TaskDefinition"
