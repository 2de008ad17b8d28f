"""InvokeModel on any other model: one prompt in, one text out, in the shape of Meta's Llama."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock.conversation import parse as parse_messages
from bedrock.errors import validation
from bedrock.events import chunk, metrics

if TYPE_CHECKING:
    from bedrock.conversation import Conversation, Json
    from bedrock.events import Event, Reply


def parse(body: Json) -> Conversation:
    """See Dialect. The prompt is in `prompt` (or `inputText`, as Titan has it)."""
    prompt = body.get("prompt", body.get("inputText"))
    if prompt is None:
        raise validation(
            "Malformed input request: #: required key [prompt] not found, "
            "please reformat your input and try again."
        )
    messages = [{"role": "user", "content": [{"text": prompt}]}]
    return parse_messages(messages, max_tokens=body.get("max_gen_len"))


def whole(reply: Reply) -> Json:
    """See Dialect."""
    return {**_piece(reply.text), **_end(reply)}


def opening(model: str, input_tokens: int) -> list[Event]:  # noqa: ARG001 (one shape for all)
    """See Dialect."""
    return []


def delta(text: str) -> list[Event]:
    """See Dialect."""
    return [chunk(_piece(text))]


def closing(reply: Reply) -> list[Event]:
    """See Dialect."""
    return [chunk({**_piece(""), **_end(reply), **metrics(reply)})]


def _piece(text: str) -> Json:
    return {
        "generation": text,
        "prompt_token_count": None,
        "generation_token_count": None,
        "stop_reason": None,
    }


def _end(reply: Reply) -> Json:
    return {
        "prompt_token_count": reply.input_tokens,
        "generation_token_count": reply.output_tokens,
        "stop_reason": "length" if reply.stop_reason == "max_tokens" else "stop",
    }
