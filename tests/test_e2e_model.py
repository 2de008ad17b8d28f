"""What a browser test asserts of an answer can fail."""

from __future__ import annotations

import hashlib

import pytest

from e2e.model import AnyModel, StandIn

ANSWER = "nova answering turn 2. You said:\n\nhello"


def test_stand_in_has_to_say_what_it_was_shown() -> None:
    """Turn, prompt and model, each of them."""
    StandIn().check(ANSWER, turn=2, quoting="hello", by="nova")
    for wrong in ({"turn": 1}, {"quoting": "good-bye"}, {"by": "claude"}):
        with pytest.raises(AssertionError):
            StandIn().check(ANSWER, **wrong)


def test_stand_in_has_to_prove_every_byte_of_a_file() -> None:
    """Of those of this turn and of earlier ones, each; and no others may be there."""
    plan, view = (hashlib.sha256(content).hexdigest() for content in (b"plan", b"view"))
    both = f"Attached:\n\nSHA-256 {plan})\n\nAttached earlier:\n\nSHA-256 {view})"
    StandIn().check(both, attached=[b"plan"], earlier=[b"view"])
    StandIn().check(ANSWER, attached=[], earlier=[])
    wrong: tuple[tuple[str, list[bytes], list[bytes]], ...] = (
        (both, [b"plan", b"view"], []),
        (both, [b"plam"], [b"view"]),
        (both, [], [b"view"]),
        (both, [b"plan"], []),
        (ANSWER, [b"plan"], []),
    )
    for answer, attached, earlier in wrong:
        with pytest.raises(AssertionError):
            StandIn().check(answer, attached=attached, earlier=earlier)


@pytest.mark.parametrize("answer", ["", " \n"])
def test_any_model_has_to_say_something(answer: str) -> None:
    """In whatever words."""
    AnyModel().check("Nineveh.", turn=2, quoting="Assyria", by="nova")
    with pytest.raises(AssertionError):
        AnyModel().check(answer)
