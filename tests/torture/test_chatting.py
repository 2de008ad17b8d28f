"""What a client takes for acknowledged, and how much it may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from torture.chatting import Budget, answer_to, whole
from torture.page import Message, Page

if TYPE_CHECKING:
    from collections.abc import Sequence


class Drawn(Page):
    """A page of which only the conversation matters."""

    def __init__(self, messages: Sequence[Message]) -> None:
        super().__init__()
        self._drawn = list(messages)

    @property
    def messages(self) -> list[Message]:
        """What it was given."""
        return self._drawn


def message(role: str, text: str, *, pending: bool = False) -> Message:
    """Return a message without a warning."""
    return Message(role, text, pending=pending, warned=False)


def test_prompt_without_anything_below_is_not_acknowledged_yet() -> None:
    """While storage fails the page draws what is not stored yet, and nothing below it."""
    page = Drawn([message("user", "one"), message("assistant", "ONE"), message("user", "two")])
    assert answer_to(page, "two") is None
    assert answer_to(page, "three") is None


def test_answer_is_the_one_below_its_prompt() -> None:
    """Not the latest."""
    texts = [("user", "one"), ("assistant", "ONE"), ("user", "two"), ("assistant", "TWO")]
    page = Drawn([message(role, text) for role, text in texts])
    assert answer_to(page, "one") == message("assistant", "ONE")


@pytest.mark.parametrize(
    ("text", "pending", "is_whole"), [("", False, False), ("O", True, False), ("ONE", False, True)]
)
def test_answer_that_grows_is_not_whole(text: str, *, pending: bool, is_whole: bool) -> None:
    """Nor one that is not drawn yet."""
    assert whole(message("assistant", text, pending=pending)) is is_whole


def test_budget_ends_by_turns_or_by_time() -> None:
    """Whichever comes first, for all clients together."""
    budget = Budget(turns=1, ends=10.0)
    assert not budget.take(10.0)
    assert budget.take(9.9)
    assert not budget.take(9.9)
