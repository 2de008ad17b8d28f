"""The one container before the stack, as data; e2e/test_adopted.py starts it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from parity.adopt import trial
from parity.adopt.files import Files, Record
from parity.errors import ParityError

FILES = Files(Path("/kit/p"))
RECORD = Record(
    "my-app", "./my-app", "p-adopted", "app.py", 8501, "/_stcore/health", context="/me/my-app"
)


def test_it_is_as_tight_as_a_replica() -> None:
    """What compose.yaml forbids must show now."""
    argv = trial.start_command(RECORD, FILES, "p-trial")
    assert {"--read-only", "--cap-drop=ALL", "--memory=512m"} <= set(argv)
    assert argv[-1] == "p-adopted"
    assert "--read-only" not in trial.start_command(replace(RECORD, read_only=False), FILES, "t")


def test_module_that_is_missing_ends_the_adoption() -> None:
    """No user gets past that; the next step names the file to write it into."""
    with pytest.raises(ParityError, match="No module named 'openai'") as no:
        trial.verdict(RECORD, [["ModuleNotFoundError", "No module named 'openai'"]])
    assert "/me/my-app/requirements.txt" in no.value.hint
    assert no.value.hint.endswith("parity adopt ./my-app")


def test_what_may_be_for_want_of_a_network_is_only_told() -> None:
    """The trial has none."""
    [told] = trial.verdict(RECORD, [["EndpointConnectionError", "Could not connect"]])
    assert "EndpointConnectionError" in told
    assert trial.verdict(RECORD, []) == ()
