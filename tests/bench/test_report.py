"""A comparison's report."""

from __future__ import annotations

import json

import pytest

from bench.report import Report, Row, Target, as_json, show

ROW = Row("refresh", "s", {"kit": 1.05, "bare": 1.0})


@pytest.mark.parametrize(("got", "met"), [(1.0, True), (1.1, True), (1.11, False), (None, False)])
def test_target_is_met_up_to_its_reach_and_never_without_a_number(
    got: float | None,
    met: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """What could not be measured was not reached."""
    assert Target("refresh", 1.1, got, "x").met is met


def test_one_missed_target_makes_the_exit_code_1() -> None:
    """A comparison succeeds only as a whole."""
    met, missed = Target("a", 1, 1, ""), Target("b", 1, 2, "")
    assert Report([ROW], [met]).exit_code == 0
    assert Report([ROW], [met, missed]).exit_code == 1


def test_json_has_the_promised_fields() -> None:
    """`rows` has one value a contestant, `targets` has what, reach, got and met."""
    assert as_json(Report([ROW], [Target("refresh", 1.1, 1.05, "x")])) == {
        "rows": [{"what": "refresh", "unit": "s", "kit": 1.05, "bare": 1.0}],
        "targets": [{"what": "refresh", "reach": 1.1, "got": 1.05, "unit": "x", "met": True}],
    }


def test_show_prints_one_json_object_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    """Stdout is data."""
    assert show(Report([ROW], []), json=True) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"rows", "targets"}


def test_table_says_which_target_was_missed(capsys: pytest.CaptureFixture[str]) -> None:
    """A person sees the numbers and the verdict."""
    assert show(Report([ROW], [Target("refresh", 1.1, 1.25, "x")]), json=False) == 1
    printed = capsys.readouterr().out
    assert "1.05 s" in printed
    assert "<= 1.10 x" in printed
    assert "missed" in printed
