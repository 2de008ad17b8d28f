"""Waiting ends as soon as it may, and at its deadline with what was seen last."""

from __future__ import annotations

import pytest

from parity.cluster.waiting import wait_until_none
from parity.errors import ParityError


def test_waiting_ends_when_there_is_no_problem_left() -> None:
    """And not after one look only."""
    problems = iter(["first", "second", "", "never asked for"])
    wait_until_none(lambda: next(problems), 5, every=0, what="not well", hint="")
    assert list(problems) == ["never asked for"]


def test_deadline_tells_the_last_problem_and_what_to_do() -> None:
    """A time-out that only says "time-out" helps nobody."""
    with pytest.raises(ParityError, match="not well within 0 s: broken") as caught:
        wait_until_none(lambda: "broken", 0, every=0, what="not well", hint="parity ps")
    assert caught.value.hint == "parity ps"
