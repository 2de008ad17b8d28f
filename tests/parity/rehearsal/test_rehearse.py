"""What a rehearsal says that it does not prove."""

from __future__ import annotations

import json

from parity.deploy.receipt import SuiteResult
from parity.deploy.template import parse_template
from parity.rehearsal.compare import Field
from parity.rehearsal.known_gaps import KNOWN
from parity.rehearsal.read_back import Gap, Reading, gaps
from parity.rehearsal.rehearse import Outcome, Rehearsal, unproven
from parity.verbs.rehearse import counts, document, gap_lines, rows

TEMPLATE = parse_template(
    json.dumps({"Resources": {"Logs": {"Type": "T::Logs"}, "Edge": {"Type": "T::Edge"}}})
)


def reading(*fields: Field, trouble: str = "", missing: bool = False) -> Reading:
    """Return a reading of the log group."""
    return Reading("Logs", "T::Logs", fields, trouble, missing)


def test_a_property_that_the_service_does_not_say_is_named_once() -> None:
    """Two items of a list, or two readings, are one property."""
    unsaid = [Field(f"Rules[{at}].Days", "unsaid", "30") for at in (0, 1)]

    assert gaps([reading(*unsaid), reading(*unsaid)]) == [
        Gap("T::Logs", "Rules[].Days", "not said by the service")
    ]


def test_a_type_that_nobody_reads_is_named_as_a_whole() -> None:
    """Silence about a resource is a gap, and its absence is a fault that fails the scenario."""
    found = gaps([reading(trouble="the rehearsal does not know this type")])

    assert found == [Gap("T::Logs", "(all)", "the rehearsal does not know this type")]
    assert gaps([reading(trouble="it is not in the stack", missing=True)]) == []


def test_a_property_that_one_scenario_proves_and_another_does_not_is_named() -> None:
    """What is proven of one resource, or of one moment, is not of the next."""
    open_ = reading(Field("Rules[0].Days", "unsaid", "30"))
    proof = reading(Field("Rules[3].Days", "proven", "30", "30"))

    assert "Rules[].Days" in {gap.property for gap in unproven(TEMPLATE, [open_, proof], ())}
    assert "Rules[].Days" not in {gap.property for gap in unproven(TEMPLATE, [proof], ())}


def test_a_known_gap_is_named_with_its_reason() -> None:
    """Not merely as what a service does not say."""
    known = KNOWN[0]
    found = Reading(known.logical_id, "T::Any", (Field(known.path, "unsaid", "x"),))

    assert gaps([found]) == [Gap("T::Any", known.path, known.why)]


def test_a_resource_that_no_scenario_makes_is_named() -> None:
    """Conditions that never held leave their resources unproven."""
    found = unproven(TEMPLATE, [reading()], ())

    assert Gap("T::Edge", "Edge", "made in no scenario") in found
    assert "Logs" not in {gap.property for gap in found}


def test_one_failed_scenario_fails_the_rehearsal() -> None:
    """Table and document say which one it was."""
    good, bad = (
        Outcome("first deploy", passed=True, found="", fields=520, seconds=1.26),
        Outcome("destroy", passed=False, found="why", fields=0, seconds=2),
    )
    rehearsal = Rehearsal([good, bad], [])

    assert Rehearsal([good], []).passed
    assert not rehearsal.passed
    assert "failed" in rows(rehearsal)[1][1]
    assert document(rehearsal)["scenarios"][0]["seconds"] == 1.3
    assert document(rehearsal)["fields"] == 520
    assert counts(rehearsal) == SuiteResult(passed=1, failed=1, skipped=0, seconds=3.26)
    assert not counts(rehearsal).green


def test_what_is_not_proven_is_one_line_for_each_type_and_reason() -> None:
    """Twenty properties that one emulator drops are read as one thing."""
    gaps = [Gap("AWS::T::Logs", name, "dropped") for name in ("A", "B")]
    other = Gap("AWS::T::Logs", "C", "nobody reads it")
    assert gap_lines(Rehearsal([], [*gaps, other])) == [
        "T::Logs A, B: [dim]dropped[/]",
        "T::Logs C: [dim]nobody reads it[/]",
    ]
