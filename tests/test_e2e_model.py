"""What a browser test asserts of an answer can fail."""

from __future__ import annotations

import pytest

from e2e.model import AnyModel, StandIn

ANSWER = "nova answering turn 2. You said:\n\nhello"


def test_stand_in_has_to_say_what_it_was_shown() -> None:
    """Turn, prompt and model, each of them."""
    StandIn().check(ANSWER, turn=2, quoting="hello", by="nova")
    for wrong in ({"turn": 1}, {"quoting": "good-bye"}, {"by": "claude"}):
        with pytest.raises(AssertionError):
            StandIn().check(ANSWER, **wrong)


@pytest.mark.parametrize("answer", ["", " \n"])
def test_any_model_has_to_say_something(answer: str) -> None:
    """In whatever words."""
    AnyModel().check("Nineveh.", turn=2, quoting="Assyria", by="nova")
    with pytest.raises(AssertionError):
        AnyModel().check(answer)
