"""Errors in logs are seen, and only the right fault at the right time explains them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from parity.faults import FAULTS
from tests.parity.test_access_log import entry
from torture import explaining
from torture.check import Kind
from torture.explaining import Explanation, unexplained
from torture.history import History
from torture.logs import Complaint, is_error
from torture.nemesis import Strike
from torture.striking import Struck

if TYPE_CHECKING:
    from torture.check import Finding

BEGAN_AT = 1_000_000.0


@pytest.mark.parametrize(
    "line",
    [
        '{"level": "error", "event": "answer_crashed"}',
        '{"level": "warning", "event": "oh"}',
        entry(502),
        "Traceback (most recent call last):",
        "2026/11/27 06:38:58 [error] 7#7: connect() failed",
        "[]",
    ],
)
def test_errors_of_all_containers_are_seen(line: str) -> None:
    """As each of them writes them."""
    assert is_error(line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        '{"level": "info", "event": "started"}',
        entry(404),
        entry(101),
        "2026/11/27 06:38:58 [notice] 7#7: js vm init njs",
        '2026/11/27 06:38:58 [error] 7#7: http js periodic "a.b" is already running, killing it',
        "INFO:     Application startup complete.",
    ],
)
def test_what_is_no_error_is_none(line: str) -> None:
    """A client may ask for what is not there."""
    assert not is_error(line)


def found(history: History, complaints: list[Complaint], fault: str) -> list[Finding]:
    """Return what is left unexplained by one fault from second 10 to 20."""
    (made,) = [each for each in FAULTS if each.name == fault]
    struck = [Struck(Strike(10.0, made, 0, 5.0), "host", 10.0, 20.0)]
    return list(unexplained([history], complaints, struck, BEGAN_AT))


@pytest.mark.parametrize(("fault", "explained"), [("replica killed", True), ("scale in", False)])
def test_error_that_a_user_got_is_explained_by_what_ends_at_once(
    fault: str, *, explained: bool
) -> None:
    """As the load balancer logs it."""
    findings = found(History(1), [Complaint("nginx", BEGAN_AT + 15, entry(502))], fault)
    assert [finding.kind for finding in findings] == ([] if explained else [Kind.LOGGED])


@pytest.mark.parametrize(
    ("fault", "at", "explained"),
    [
        ("replica killed", 15, True),
        ("replica killed", 20 + 9, True),
        ("replica killed", 20 + 11, False),
        ("replica killed", 5, False),
        ("scale in", 15, False),
    ],
)
def test_error_needs_the_right_fault_at_the_right_time(
    fault: str, at: float, *, explained: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or it is a finding."""
    because = Explanation(re.compile("reset"), re.compile("replica killed"), aftermath=10.0)
    monkeypatch.setattr(explaining, "EXPLANATIONS", (because,))
    complaints = [Complaint("nginx", BEGAN_AT + at, "connection reset")]
    findings = found(History(1), complaints, fault)
    assert [finding.kind for finding in findings] == [] if explained else [Kind.LOGGED]


@pytest.mark.parametrize(
    ("fault", "at", "explained"),
    [("every replica down and back", 15, True), ("rolling redeploy", 15, False)],
)
def test_page_that_does_not_load_is_a_finding_where_nothing_is_down(
    fault: str, at: float, *, explained: bool
) -> None:
    """A redeploy is no excuse."""
    history = History(1, failed_loads=[BEGAN_AT + at])
    assert [each.kind for each in found(history, [], fault)] == (
        [] if explained else [Kind.UNSERVED]
    )
