"""Converse and ConverseStream: one shape for every model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock.conversation import fields
from bedrock.conversation import parse as parse_messages
from bedrock.events import Event

if TYPE_CHECKING:
    from bedrock.conversation import Conversation, Json
    from bedrock.events import Reply


def parse(body: Json) -> Conversation:
    """See Dialect."""
    config = fields(body.get("inferenceConfig") or {}, "inferenceConfig")
    return parse_messages(
        body.get("messages") or [], system=body.get("system"), max_tokens=config.get("maxTokens")
    )


def whole(reply: Reply) -> Json:
    """See Dialect."""
    return {
        "output": {"message": {"role": "assistant", "content": [{"text": reply.text}]}},
        "stopReason": reply.stop_reason,
        "usage": usage(reply),
        "metrics": {"latencyMs": reply.latency_ms},
    }


def opening(model: str, input_tokens: int) -> list[Event]:  # noqa: ARG001 (one shape for all)
    """See Dialect."""
    return [Event("messageStart", {"role": "assistant"})]


def delta(text: str) -> list[Event]:
    """See Dialect."""
    return [Event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": text}})]


def closing(reply: Reply) -> list[Event]:
    """See Dialect."""
    return [
        Event("contentBlockStop", {"contentBlockIndex": 0}),
        Event("messageStop", {"stopReason": reply.stop_reason}),
        Event("metadata", {"usage": usage(reply), "metrics": {"latencyMs": reply.latency_ms}}),
    ]


def usage(reply: Reply) -> Json:
    """The tokens of both sides."""
    return {
        "inputTokens": reply.input_tokens,
        "outputTokens": reply.output_tokens,
        "totalTokens": reply.input_tokens + reply.output_tokens,
    }
