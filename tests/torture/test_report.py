"""The summary counts what happened, and tells no secret."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from app.sessions import mint
from parity.faults import FAULTS
from torture.check import Finding, Kind
from torture.history import History
from torture.nemesis import Strike
from torture.picture import draw
from torture.report import as_data, figures, finding_rows, spread
from torture.run import Outcome, Wanted
from torture.striking import Struck

if TYPE_CHECKING:
    from pathlib import Path


def outcome() -> Outcome:
    """Return a run of two prompts, of which the second was never answered."""
    history = History(client=1, key=mint(), drops=2)
    first = history.next_prompt(tokens=20, now=1.0)
    first.acknowledged, first.answered = 1.5, 4.0
    history.next_prompt(tokens=20, now=5.0)
    struck = Struck(Strike(1.0, FAULTS[0], 0, 2.0), "host1", 1.0, 3.5)
    found = [Finding("client 1", Kind.STUCK, history.prompts[1].text)]
    return Outcome(
        Wanted(2, 7, 1.0, 1),
        replicas=2,
        on_efs=False,
        seconds=60.0,
        histories=[history],
        struck=[struck],
        complaints=3,
        findings=found,
    )


def test_summary_counts_what_happened() -> None:
    """One line a question."""
    found = figures(outcome())
    assert found["prompts sent"] == "2"
    assert (found["acknowledged"], found["answered"]) == ("1", "1")
    assert found["until answered"] == "median 3.0 s, p95 3.0 s, max 3.0 s"
    assert found["faults"] == "1 x replica killed"
    assert found["findings"] == "1 x prompt never answered on the page"


def test_spread_of_nothing_is_no_number() -> None:
    """A run may end before the first answer."""
    assert spread([]) == "-"
    assert spread([float(each) for each in range(101)]) == "median 50.0 s, p95 95.0 s, max 100.0 s"


def test_picture_is_drawn_of_any_run(tmp_path: Path) -> None:
    """Even of one in which nobody came to say a word."""
    file = tmp_path / "run.png"
    for run in (outcome(), replace(outcome(), histories=[], struck=[], findings=[])):
        draw(run, file)
        assert file.read_bytes().startswith(b"\x89PNG")
        file.unlink()


def test_key_of_a_session_is_told_nowhere() -> None:
    """It is a bearer secret, and results are passed around."""
    run = outcome()
    text = json.dumps([as_data(run), finding_rows(run)])
    assert run.histories[0].key not in text
    assert json.loads(text)[0]["passed"] is False
