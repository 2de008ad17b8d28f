"""How each kind of request is read and answered: one module for each, all of one shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bedrock.dialects import anthropic, converse, generic, nova

if TYPE_CHECKING:
    from bedrock.conversation import Conversation, Json
    from bedrock.events import Event, Reply


class Dialect(Protocol):
    """What a module of this folder offers."""

    def parse(self, body: Json) -> Conversation:
        """The conversation in a request's body. Raises BedrockError when it breaks a rule."""

    def whole(self, reply: Reply) -> Json:
        """The body of an answer that is not streamed."""

    def opening(self, model: str, input_tokens: int) -> list[Event]:
        """The events before the first text."""

    def delta(self, text: str) -> list[Event]:
        """The events that carry a piece of text."""

    def closing(self, reply: Reply) -> list[Event]:
        """The events after the last text, without which an answer is not whole."""


def pick(operation: str, model: str) -> Dialect:
    """The dialect that `operation` speaks with `model`."""
    if operation.startswith("converse"):
        return converse
    if "anthropic." in model:
        return anthropic
    return nova if "nova-" in model else generic
