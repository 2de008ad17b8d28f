"""A comparison's report."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime

import pytest

from bench.report import Report, Row, Target, as_json, show
from parity.stack import git_revision

ROW = Row("refresh", "s", {"kit": 1.05, "bare": 1.0})


@pytest.mark.parametrize(("got", "met"), [(1.0, True), (1.1, True), (1.11, False), (None, False)])
def test_target_is_met_up_to_its_reach_and_never_without_a_number(
    got: float | None,
    met: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """What could not be measured was not reached."""
    assert Target("refresh", 1.1, got, "x").met is met


@pytest.mark.parametrize(("got", "met"), [(19.9, False), (20.0, True), (None, False)])
def test_target_may_be_a_least(
    got: float | None,
    met: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """More is better, and what could not be measured was not reached either."""
    target = Target("faster than before", 20, got, "x", at_least=True)
    assert target.met is met
    assert target.bound == ">= 20.00 x"


def test_one_missed_target_makes_the_exit_code_1() -> None:
    """A comparison succeeds only as a whole."""
    met, missed = Target("a", 1, 1, ""), Target("b", 1, 2, "")
    assert Report([ROW], [met]).exit_code == 0
    assert Report([ROW], [met, missed]).exit_code == 1


def test_json_has_the_promised_fields() -> None:
    """`rows` has one value a contestant, `targets` has what, reach, got and met."""
    found = as_json(Report([ROW], [Target("refresh", 1.1, 1.05, "x")]))
    target = {"what": "refresh", "reach": 1.1, "got": 1.05, "unit": "x"}
    assert found["rows"] == [{"what": "refresh", "unit": "s", "kit": 1.05, "bare": 1.0}]
    assert found["targets"] == [target | {"met": True, "at_least": False}]


def test_json_says_of_what_and_where_it_was_measured() -> None:
    """A kept result can be told from one of another commit, day or machine."""
    measured = as_json(Report([], []))["measured"]
    assert measured["commit"][:40] == git_revision()[:40]
    assert datetime.fromisoformat(measured["date"]).tzinfo == UTC
    assert measured["machine"]["cores"] == os.cpu_count()
    assert measured["machine"]["kernel"] == platform.release()


def test_show_prints_one_json_object_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    """Stdout is data."""
    assert show(Report([ROW], []), json=True) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"measured", "rows", "targets"}


def test_table_says_which_target_was_missed(capsys: pytest.CaptureFixture[str]) -> None:
    """A person sees the numbers and the verdict."""
    assert show(Report([ROW], [Target("refresh", 1.1, 1.25, "x")]), json=False) == 1
    printed = capsys.readouterr().out
    assert "1.05 s" in printed
    assert "<= 1.10 x" in printed
    assert "missed" in printed
