"""What a test may say of an answer, whoever gave it."""

from __future__ import annotations

from typing import Protocol


class Model(Protocol):
    """What is known of the answers of the model behind the chat."""

    def check(self, answer: str, *, turn: int = 0, quoting: str = "", by: str = "") -> None:
        """Assert that it is the answer to be expected.

        turn: the model was shown the conversation, of which this is that turn. quoting: it was
        asked this. by: the id of the model that was asked.
        """


class StandIn:
    """bedrock/: its answers say what it was shown."""

    def check(self, answer: str, *, turn: int = 0, quoting: str = "", by: str = "") -> None:
        """Assert all of it from the answer's own words."""
        if turn:
            assert f"turn {turn}" in answer
        assert quoting in answer
        assert by in answer


class AnyModel:
    """Nobody knows its words."""

    def check(self, answer: str, *, turn: int = 0, quoting: str = "", by: str = "") -> None:  # noqa: ARG002 - see StandIn
        """Assert that it said something."""
        assert answer.strip()
