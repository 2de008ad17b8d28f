"""InvokeModel on Amazon Nova: schema `messages-v1`, which is Converse in another envelope."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock.conversation import fields
from bedrock.conversation import parse as parse_messages
from bedrock.dialects import converse
from bedrock.errors import validation
from bedrock.events import chunk, metrics

if TYPE_CHECKING:
    from bedrock.conversation import Conversation, Json
    from bedrock.events import Event, Reply


def parse(body: Json) -> Conversation:
    """See Dialect. The limit may be called maxTokens or, as in older examples, max_new_tokens."""
    config = fields(body.get("inferenceConfig") or {}, "inferenceConfig")
    conversation = parse_messages(
        body.get("messages") or [],
        system=body.get("system"),
        max_tokens=config.get("maxTokens", config.get("max_new_tokens")),
    )
    # "API restrictions": only Converse takes documents.
    for each in conversation.attachments:
        if each.kind == "document":
            raise validation(
                f"Malformed input request: #/{each.where.replace('.', '/')}: extraneous key"
                " [document] is not permitted, please reformat your input and try again."
            )
    return conversation


def whole(reply: Reply) -> Json:
    """See Dialect."""
    body = converse.whole(reply)
    del body["metrics"]
    return body


def opening(model: str, input_tokens: int) -> list[Event]:
    """See Dialect."""
    return _chunks(converse.opening(model, input_tokens))


def delta(text: str) -> list[Event]:
    """See Dialect."""
    return _chunks(converse.delta(text))


def closing(reply: Reply) -> list[Event]:
    """See Dialect."""
    block_stop, message_stop, _ = converse.closing(reply)
    metadata = {"metadata": {"usage": converse.usage(reply), "metrics": {}}, **metrics(reply)}
    return [*_chunks([block_stop, message_stop]), chunk(metadata)]


def _chunks(events: list[Event]) -> list[Event]:
    return [chunk({event.name: event.body}) for event in events]
