"""InvokeModel on Anthropic's models: their Messages API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedrock.attachments import IMAGES
from bedrock.conversation import fields, items
from bedrock.conversation import parse as parse_messages
from bedrock.errors import validation
from bedrock.events import chunk, metrics

if TYPE_CHECKING:
    from bedrock.conversation import Conversation, Json
    from bedrock.events import Event, Reply

_MEDIA_TYPES = {f"image/{each}": each for each in IMAGES}


def parse(body: Json) -> Conversation:
    """See Dialect."""
    for key in ("anthropic_version", "max_tokens"):
        if key not in body:
            raise validation(f"{key}: Field required")
    messages = [
        {**message, "content": _blocks(message.get("content"), f"messages.{at}.content")}
        for at, each in enumerate(items(body.get("messages") or [], "messages"))
        for message in [fields(each, f"messages.{at}")]
    ]
    system = _blocks(body.get("system") or [], "system")
    return parse_messages(messages, system=system, max_tokens=body["max_tokens"])


def whole(reply: Reply) -> Json:
    """See Dialect."""
    return {
        **_message(reply.model, reply.input_tokens),
        "content": [{"type": "text", "text": reply.text}],
        "stop_reason": reply.stop_reason,
        "usage": {"input_tokens": reply.input_tokens, "output_tokens": reply.output_tokens},
    }


def opening(model: str, input_tokens: int) -> list[Event]:
    """See Dialect."""
    block = {"type": "text", "text": ""}
    return [
        chunk({"type": "message_start", "message": _message(model, input_tokens)}),
        chunk({"type": "content_block_start", "index": 0, "content_block": block}),
    ]


def delta(text: str) -> list[Event]:
    """See Dialect."""
    body = {"type": "text_delta", "text": text}
    return [chunk({"type": "content_block_delta", "index": 0, "delta": body})]


def closing(reply: Reply) -> list[Event]:
    """See Dialect."""
    stop = {"stop_reason": reply.stop_reason, "stop_sequence": None}
    usage = {"output_tokens": reply.output_tokens}
    return [
        chunk({"type": "content_block_stop", "index": 0}),
        chunk({"type": "message_delta", "delta": stop, "usage": usage}),
        chunk({"type": "message_stop", **metrics(reply)}),
    ]


def _blocks(content: object, where: str) -> list[Json]:
    """Anthropic's content, which may be plain text, as Converse's content blocks."""
    if isinstance(content, str):
        return [{"text": content}]
    return [
        _block(fields(each, f"{where}.{at}"), f"{where}.{at}")
        for at, each in enumerate(items(content, where))
    ]


def _block(block: Json, where: str) -> Json:
    kind = block.get("type")
    if kind == "text":
        return {"text": block.get("text", "")}
    if kind != "image":
        raise validation(
            f"{where}: Input tag '{kind}' found using 'type' does not match any of the expected"
            " tags: 'text', 'image'"
        )
    source = fields(block.get("source"), f"{where}.source")
    type_ = str(source.get("media_type"))
    if type_ not in _MEDIA_TYPES:
        raise validation(
            f"{where}.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png',"
            " 'image/gif' or 'image/webp'"
        )
    return {
        "image": {"format": _MEDIA_TYPES[type_], "source": {"bytes": source.get("data", "")}},
    }


def _message(model: str, input_tokens: int) -> Json:
    return {
        "id": "msg_bdrk_standin",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": input_tokens, "output_tokens": 0},
    }
