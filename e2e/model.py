"""What a test may say of an answer, whoever gave it."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHA256 = re.compile(r"SHA-256 ([0-9a-f]{64})")


class Model(Protocol):
    """What is known of the answers of the model behind the chat."""

    def check(  # noqa: PLR0913 - as many as there are things to know
        self,
        answer: str,
        *,
        turn: int = 0,
        quoting: str = "",
        by: str = "",
        attached: Sequence[bytes] | None = None,
        earlier: Sequence[bytes] | None = None,
    ) -> None:
        """Assert that it is the answer to be expected.

        turn: the model was shown the conversation, of which this is that turn. quoting: it was
        asked this. by: the id of the model that was asked. attached: it was shown these files with
        the question, whole, in order, and no others; earlier: these with the turns before.
        """


class StandIn:
    """bedrock/: its answers say what it was shown."""

    def check(  # noqa: PLR0913 - see Model
        self,
        answer: str,
        *,
        turn: int = 0,
        quoting: str = "",
        by: str = "",
        attached: Sequence[bytes] | None = None,
        earlier: Sequence[bytes] | None = None,
    ) -> None:
        """Assert all of it from the answer's own words."""
        if turn:
            assert f"turn {turn}" in answer
        assert quoting in answer
        assert by in answer
        now, _, before = answer.partition("Attached earlier:")
        for said, files in ((now, attached), (before, earlier)):
            if files is not None:
                expected = [hashlib.sha256(content).hexdigest() for content in files]
                assert _SHA256.findall(said) == expected


class AnyModel:
    """Nobody knows its words."""

    def check(self, answer: str, **_: object) -> None:
        """Assert that it said something."""
        assert answer.strip()
