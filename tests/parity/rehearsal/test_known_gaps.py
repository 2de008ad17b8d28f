"""What the rehearsal does not prove is known, one property at a time; all else is a fault."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from parity.deploy.template import read_template
from parity.project import ROOT
from parity.rehearsal import known_gaps
from parity.rehearsal.compare import Field, compare
from parity.rehearsal.known_gaps import KNOWN, KnownGap
from parity.rehearsal.process import bare_environment
from parity.rehearsal.read_back import Reading

LIST = KnownGap("Logs", "Rules[]", "the emulator lists none")
WHOLE = KnownGap("Edge", "", "no emulator has it")


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the table have one property and one whole resource."""
    monkeypatch.setattr(known_gaps, "KNOWN", (LIST, WHOLE))


def logs(expected: dict[str, Any], found: dict[str, Any]) -> Reading:
    """Return a reading of the log group."""
    return Reading("Logs", "T::Logs", tuple(compare(expected, found)))


def test_table_is_what_the_emulators_leave_open_and_nothing_else() -> None:
    """Every stack of the rehearsal, made by its providers on moto, and read by its readers."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.parity.rehearsal.made_on_moto"],
        cwd=ROOT,
        env=bare_environment(PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == {
        "missing": [],
        "different": [],
        "unknown": [],
        "closed": [],
        "open": sorted([each.logical_id, each.path] for each in KNOWN),
        "never made": [],
    }


def test_every_known_gap_is_of_the_template_and_says_why() -> None:
    """One for what is gone from the template would excuse its successor."""
    resources = read_template().resources
    assert [each for each in KNOWN if each.logical_id not in resources or not each.why] == []


@pytest.mark.usefixtures("table")
def test_reader_that_reads_nothing_is_a_fault() -> None:
    """Each property that the template gives is asked for."""
    assert known_gaps.unknown([logs({"Days": "30", "Class": "x"}, {})]) == [
        "Logs.Class",
        "Logs.Days",
    ]


@pytest.mark.usefixtures("table")
def test_value_that_an_update_loses_is_a_fault_though_it_was_proven_before() -> None:
    """What one reading proves says nothing of the next."""
    before, after = logs({"Days": "30"}, {"days": 30}), logs({"Days": "30"}, {})
    assert known_gaps.unknown([before]) == []
    assert known_gaps.unknown([before, after]) == ["Logs.Days"]


@pytest.mark.usefixtures("table")
def test_item_that_is_missing_in_a_list_is_a_fault_unless_it_is_known() -> None:
    """A variable of the container, say."""
    environment = {"Environment": [{"Name": "REGION", "Value": "x"}]}
    assert known_gaps.unknown([logs(environment, {"environment": []})]) == [
        "Logs.Environment[REGION]"
    ]
    assert known_gaps.unknown([logs({"Rules": [{"Days": 1}]}, {"rules": []})]) == []


@pytest.mark.usefixtures("table")
def test_known_gap_excuses_no_other_value() -> None:
    """Silence is known, not a contradiction."""
    found = logs({"Rules": [{"Days": 1}]}, {"rules": [{"days": 2}]})
    assert [field.path for field in found.differences] == ["Rules[0].Days"]


@pytest.mark.usefixtures("table")
def test_resource_that_cannot_be_read_is_a_fault_unless_it_is_known() -> None:
    """Of another type, though, nothing is excused."""
    trouble = "the rehearsal does not know this type"
    readings = [Reading(name, "T::Edge", trouble=trouble) for name in ("Edge", "Other")]
    assert known_gaps.unknown(readings) == ["Other"]


@pytest.mark.usefixtures("table")
def test_gap_that_is_closed_is_told_so_that_it_leaves_the_table() -> None:
    """Proven somewhere and open nowhere; what was not made at all says nothing."""
    rules = {"Rules": [{"Days": 1}]}
    proven, left_open = logs(rules, {"rules": [{"days": 1}]}), logs(rules, {"rules": []})
    edge = Reading("Edge", "T::Edge", (Field("Name", "proven", "x", "x"),))
    assert known_gaps.closed([]) == []
    assert known_gaps.closed([proven]) == [LIST]
    assert known_gaps.closed([proven, left_open]) == []
    assert known_gaps.closed([edge]) == [WHOLE]
