"""The contestants' stack and what they show."""

from __future__ import annotations

from bench.apps.conversation import MESSAGES, TURNS
from bench.page import REFRESHES, _in_turn
from bench.stack import CONTESTANTS


def test_conversation_has_twenty_messages() -> None:
    """The number that the targets name."""
    assert len(MESSAGES) == 2 * len(TURNS) == 20


def test_each_contestant_is_first_in_turn() -> None:
    """Nobody always follows a busier one."""
    assert [_in_turn(turn)[0] for turn in range(3)] == list(CONTESTANTS)
    assert all(set(_in_turn(turn)) == set(CONTESTANTS) for turn in range(3))


def test_medians_rest_on_enough_samples() -> None:
    """The machine is shared; a median of fewer says little."""
    assert REFRESHES >= 12
