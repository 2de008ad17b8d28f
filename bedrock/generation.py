"""Where the pieces of an answer come from, and how a fault gets between them."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Protocol

from bedrock import answer
from bedrock.errors import BedrockError
from bedrock.faults import BEFORE_ANSWER, ConnectionCutError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bedrock.conversation import Conversation
    from bedrock.faults import Fault
    from bedrock.settings import Settings


class Generation(Protocol):
    """An answer that is on its way."""

    middle: int
    """After how many pieces a mid-stream fault strikes."""

    stop_reason: str
    """Why it ended, as Converse says it; true once the pieces are all there."""

    def pieces(self) -> AsyncGenerator[str, None]:
        """The text, piece by piece. Raises BedrockError."""


class Deterministic:
    """The stand-in's own answer, at the pace of the settings."""

    def __init__(self, settings: Settings, model: str, conversation: Conversation) -> None:
        tokens = answer.tokens(answer.answer(model, conversation))
        self._settings = settings
        self._tokens = tokens[: conversation.max_tokens]
        self.middle = max(1, len(self._tokens) // 2)
        self.stop_reason = "end_turn" if len(self._tokens) == len(tokens) else "max_tokens"

    async def pieces(self) -> AsyncGenerator[str, None]:
        """See Generation."""
        clock = asyncio.get_running_loop().time
        due = clock() + self._settings.first_token_seconds
        for token in self._tokens:
            # Against the clock, not by a pause per token: a late piece does not delay the rest.
            await asyncio.sleep(max(0.0, due - clock()))
            yield token
            due += 1 / self._settings.tokens_per_second


async def struck(generation: Generation, fault: Fault | None) -> AsyncGenerator[str, None]:
    """The pieces of `generation`, with `fault` instead of them or in their middle.

    Raises ConnectionCutError and BedrockError.
    """
    if fault and fault.name in BEFORE_ANSWER:
        raise BedrockError(*BEFORE_ANSWER[fault.name])
    given = 0
    async with aclosing(generation.pieces()) as pieces:
        async for piece in pieces:
            if given == generation.middle:
                await _strike(fault)
            yield piece
            given += 1
    if given <= generation.middle:
        await _strike(fault)


async def _strike(fault: Fault | None) -> None:
    match fault.name if fault else None:
        case "cut":
            raise ConnectionCutError
        case "error-mid-stream":
            raise BedrockError("ModelStreamErrorException", "The model stopped: fault on demand.")
        case "stall" if fault:
            await asyncio.sleep(fault.seconds)
