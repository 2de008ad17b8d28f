"""Attachments as the Converse API takes them: its limits, its blocks, and what they cost.

In the content of a message an attachment stands without its bytes, as
    {"attachment": {"name": ..., "size": bytes, "pixels": [width, height], ...},
        "kind": "image" or "document", "format": as Converse names it,
        "number": counted through the conversation's documents}

Sources: the API reference (Message, DocumentBlock) and "API restrictions" in the Bedrock user
guide; "Supported models and model features" of Converse for what a model takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.model.failure import ModelError
from app.model.names import family

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Load = Callable[[Mapping[str, Any]], bytes | None]

IMAGE, DOCUMENT = "image", "document"
# Of a request.
MOST = {IMAGE: 20, DOCUMENT: 5}
# Of one, in bytes: 3.75 and 4.5 MB.
LARGEST = {IMAGE: 15 * 2**18, DOCUMENT: 18 * 2**18}
MOST_PIXELS = 8000  # a side of an image
# Bytes of all in a request: in base64 it may have 20 MB for the models that take least (Claude's
# page in the user guide), with room for the conversation.
MOST_BYTES = 14 * 2**20

# An image that is larger than what costs so many tokens is scaled down to that.
IMAGE_TOKENS = 1600
PIXELS_PER_TOKEN = 750
# What a document of a format becomes is known to the service alone; spreadsheets are zipped text.
BYTES_PER_TOKEN = {"pdf": 30, "doc": 10, "docx": 8, "xlsx": 1}
TEXT_BYTES_PER_TOKEN = 3

# How a model id begins -> what it does not take. Others are taken to take all: they say themselves
# what they do not. Only what came with earlier messages is left out by this.
_TAKES_NOT = {
    "ai21.jamba": {IMAGE},
    "amazon.nova-micro": {IMAGE, DOCUMENT},
    "amazon.titan-text": {IMAGE},
    "amazon.titan-text-premier": {IMAGE, DOCUMENT},
    "anthropic.claude-3-5-haiku": {IMAGE},
    "anthropic.claude-v2": {IMAGE},
    "cohere.command-r": {IMAGE},
    "meta.llama3-1-": {IMAGE},
    "meta.llama3-70b": {IMAGE},
    "meta.llama3-8b": {IMAGE},
    "mistral.mistral-": {IMAGE},
}

LEFT_OUT = "({} was attached here. It is not shown to you this time.)"
GONE = "({} was attached here. Its file is gone.)"


def tokens(part: Mapping[str, Any]) -> int:
    """Estimate what an attachment costs."""
    if part["kind"] == IMAGE:
        wide, high = part["attachment"].get("pixels") or (MOST_PIXELS, MOST_PIXELS)
        return min(IMAGE_TOKENS, 1 + wide * high // PIXELS_PER_TOKEN)
    return 1 + _size(part) // BYTES_PER_TOKEN.get(part["format"], TEXT_BYTES_PER_TOKEN)


def takes(model_id: str, kind: str) -> bool:
    """Tell whether a model takes attachments of a kind, as far as is known here."""
    return kind not in (family(model_id, _TAKES_NOT) or ())


@dataclass
class Room:
    """What a request still has room for; `tokens` may be below 0."""

    model_id: str
    tokens: int
    bytes: int = MOST_BYTES
    images: int = MOST[IMAGE]
    documents: int = MOST[DOCUMENT]

    def take(self, part: Mapping[str, Any]) -> None:
        """Put an attachment in, whether it fits or not."""
        if part["kind"] == IMAGE:
            self.images -= 1
        else:
            self.documents -= 1
        self.bytes -= _size(part)
        self.tokens -= tokens(part)

    def fits(self, part: Mapping[str, Any]) -> bool:
        """Tell whether one more may go in."""
        return (
            takes(self.model_id, part["kind"])
            and (self.images if part["kind"] == IMAGE else self.documents) > 0
            and _size(part) <= self.bytes
            and tokens(part) <= self.tokens
        )


def left_out(part: Mapping[str, Any], words: str = LEFT_OUT) -> dict[str, str]:
    """Return what the model is told instead of showing it an attachment."""
    return {"text": words.format("An image" if part["kind"] == IMAGE else "A document")}


def attachments(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the attachments in a message."""
    return [part for part in message["content"] if "attachment" in part]


def without_earlier(
    messages: Sequence[dict[str, Any]], kind: str
) -> tuple[list[dict[str, Any]], int]:
    """Return messages without the attachments of a kind, and how many that were.

    Those of the last message stay, and then the others, too: without them nothing were gained.
    """
    if any(part["kind"] == kind for part in attachments(messages[-1])):
        return list(messages), 0
    count = sum(part["kind"] == kind for each in messages for part in attachments(each))
    shown = [
        {
            **each,
            "content": [
                left_out(part) if part.get("kind") == kind else part for part in each["content"]
            ],
        }
        for each in messages
    ]
    return shown, count


def size(messages: Sequence[Mapping[str, Any]]) -> int:
    """Return how many bytes the attachments of messages have."""
    return sum(_size(part) for message in messages for part in attachments(message))


def with_content(messages: Sequence[Mapping[str, Any]], load: Load) -> list[dict[str, Any]]:
    """Return messages with each attachment as a block of Converse's.

    load: returns the bytes of one, None if its file is gone. Where that is of the last message,
    ModelError is raised: an answer to half a question would mislead.
    """
    return [
        {**message, "content": [_block(part, load, of=messages[-1]) for part in message["content"]]}
        for message in messages
    ]


def _block(part: Mapping[str, Any], load: Load, *, of: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a block of Converse's; of: the message that is to be answered."""
    if "attachment" not in part:
        return part
    content = load(part["attachment"])
    if content is None:
        if any(part is each for each in of["content"]):
            raise ModelError(
                f"'{part['attachment']['name']}' cannot be shown to the model: its file is gone."
                " Attach it again, please.",
                "attachmentgone",
            )
        return left_out(part, GONE)
    block: dict[str, Any] = {"format": part["format"], "source": {"bytes": content}}
    if part["kind"] == DOCUMENT:
        # Never the file's own name: a model may take a name for an instruction (AWS warns of it),
        # and Bedrock takes neither a full stop nor two of one name.
        block["name"] = f"Document {part['number']}"
    return {part["kind"]: block}


def _size(part: Mapping[str, Any]) -> int:
    return int(part["attachment"]["size"])
