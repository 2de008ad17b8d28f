"""What goes over the wire, before it is encoded."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bedrock.conversation import Json
    from bedrock.errors import BedrockError


@dataclass(frozen=True)
class Event:
    """One message of an event stream; `kind` is `event` or `exception`."""

    name: str
    body: Json
    kind: str = "event"


@dataclass(frozen=True)
class Reply:
    """A finished answer; times are milliseconds since the request was read."""

    model: str
    text: str
    stop_reason: str
    input_tokens: int
    output_tokens: int
    latency_ms: int
    first_token_ms: int


def exception(error: BedrockError) -> Event:
    """`error` as the event that ends a stream."""
    code = error.in_stream.code
    return Event(code[0].lower() + code[1:], {"message": error.message}, kind="exception")


def chunk(body: Json) -> Event:
    """A piece of an invoke stream, which carries the model's own JSON in base64."""
    return Event("chunk", {"bytes": base64.b64encode(json.dumps(body).encode()).decode()})


def metrics(reply: Reply) -> Json:
    """What Bedrock adds to the last chunk of an invoke stream."""
    return {
        "amazon-bedrock-invocationMetrics": {
            "inputTokenCount": reply.input_tokens,
            "outputTokenCount": reply.output_tokens,
            "invocationLatency": reply.latency_ms,
            "firstByteLatency": reply.first_token_ms,
        }
    }
