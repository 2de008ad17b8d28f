"""Images and documents in a message, and Bedrock's rules for them, in Bedrock's words.

Sources: the API reference (Message, ImageBlock, DocumentBlock), "API restrictions" in the user
guide, and messages of the real service in public bug reports. Of what only a model can find out,
such as a broken PDF, a format that the content contradicts is refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bedrock.errors import validation
from bedrock.pixels import pixels

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bedrock.errors import BedrockError

IMAGES = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff", "gif": b"GIF8", "webp": b"RIFF"}
DOCUMENTS = ("csv", "doc", "docx", "html", "md", "pdf", "txt", "xls", "xlsx")
MOST_IMAGES, MOST_DOCUMENTS = 20, 5
MOST_PIXELS = 8000  # a side
# 3.75 MB, counted as the service counts: in base64.
LARGEST_IMAGE = 5 * 2**20
LARGEST_DOCUMENT = int(4.5 * 2**20)
# A model sees an image by its pixels, the larger one scaled down to so many.
PIXELS_PER_TOKEN = 750
MOST_IMAGE_TOKENS = 1600

_NAME = re.compile(r"[A-Za-z0-9()\[\]\s_-]{1,200}", re.ASCII)
_TWO_SPACES = re.compile(r"\s\s")
_BROKEN_NAME = (
    "The document file name can only contain alphanumeric characters, whitespace characters,"
    " hyphens, parentheses, and square brackets. The name can't contain more than one consecutive"
    " whitespace character. Check that the file name conforms to these restrictions and retry your"
    " request."
)
# How a model id goes on after an inference profile's geography -> what it does not take.
# Source: "Supported models and model features" of Converse in the user guide.
_TAKES_NO_IMAGES = (
    "ai21.jamba", "amazon.nova-micro", "amazon.titan-text", "anthropic.claude-3-5-haiku",
    "anthropic.claude-v2", "cohere.command-r", "meta.llama3-8b", "meta.llama3-70b",
    "meta.llama3-1-", "mistral.mistral-",
)  # fmt: skip
_TAKES_NO_DOCUMENTS = ("amazon.nova-micro", "amazon.titan-text-premier")


@dataclass(frozen=True)
class Attachment:
    """One that arrived: `kind` is image or document, `where` its place in the request."""

    kind: str
    format: str
    name: str
    content: bytes
    where: str

    @property
    def line(self) -> str:
        """What an answer says of it: nobody can say that who has not got every byte."""
        name = f"{self.name} " if self.name else ""
        return (
            f"{self.kind} {name}{self.format} ({len(self.content)} bytes,"
            f" SHA-256 {hashlib.sha256(self.content).hexdigest()})"
        )

    @property
    def tokens(self) -> int:
        """About as many as a model would count."""
        if self.kind == "document":
            return max(1, len(self.content) // 4)
        wide, high = pixels(self.content) or (0, 0)
        return min(MOST_IMAGE_TOKENS, max(1, wide * high // PIXELS_PER_TOKEN))


def read(kind: str, body: object, where: str) -> Attachment:
    """Return the attachment in a content block of Converse's shape.

    Raises BedrockError where the service would, before any model is asked.
    """
    if kind not in {"image", "document"}:
        raise validation(f"The {kind} content block at {where} is not known to this stand-in.")
    block: dict[str, Any] = body if isinstance(body, dict) else {}
    format_ = block.get("format")
    formats = [*IMAGES] if kind == "image" else [*DOCUMENTS]
    if format_ not in formats:
        raise validation(
            f"1 validation error detected: Value '{format_}' at '{_member(where)}.{kind}.format'"
            f" failed to satisfy constraint: Member must satisfy enum value set:"
            f" [{', '.join(formats)}]"
        )
    found = Attachment(kind, format_, _name(kind, block), _content(kind, block, where), where)
    if kind == "document" and len(found.content) > LARGEST_DOCUMENT:
        raise validation(
            "The maximum document size is 4.5 MB. Reduce the size of your document and retry your"
            " request."
        )
    return found


def check_message(role: str, text: str, attachments: Sequence[Attachment]) -> None:
    """Raise BedrockError where a message may not carry them."""
    if attachments and role != "user":
        raise validation(f"This model doesn't support the {attachments[0].kind} field for {role}.")
    if not text and any(each.kind == "document" for each in attachments):
        raise validation(
            "A text block must be included when using documents. Add a text block and retry your"
            " request."
        )


def check_request(attachments: Sequence[Attachment]) -> None:
    """Raise BedrockError where a request may not carry all of them."""
    documents = [each for each in attachments if each.kind == "document"]
    if len({each.name for each in documents}) < len(documents):
        raise validation(
            "Messages can't contain duplicate document names. Rename the document and retry your"
            " request."
        )
    if len(documents) > MOST_DOCUMENTS:
        raise validation(
            f"You can't include more than {MOST_DOCUMENTS} documents in a request. Reduce the"
            " number of documents and retry your request."
        )


def check_model(model: str, attachments: Iterable[Attachment]) -> None:
    """Raise BedrockError where the model would refuse what the service let pass."""
    images = 0
    for each in attachments:
        if each.kind == "image":
            images += 1
            if _is_one_of(model, _TAKES_NO_IMAGES):
                raise validation(
                    "This model doesn't support the image content block that you provided. Update"
                    " the content block and try again."
                )
            _check_image(each)
        elif _is_one_of(model, _TAKES_NO_DOCUMENTS):
            raise validation("This model doesn't support documents.")
        elif each.format == "pdf" and not each.content.startswith(b"%PDF-"):
            raise _by_model(f"{each.where}.document.source.bytes: The PDF specified was not valid.")
    if images > MOST_IMAGES:
        raise _by_model(f"messages: too many images: {images} > {MOST_IMAGES}")


def _check_image(image: Attachment) -> None:
    size = len(base64.b64encode(image.content))
    source = f"{image.where}.image.source.bytes"
    if size > LARGEST_IMAGE:
        raise _by_model(
            f"{source}: image exceeds 5 MB maximum: {size} bytes > {LARGEST_IMAGE} bytes"
        )
    if not image.content.startswith(IMAGES[image.format]):
        raise _by_model("The provided image does not match the specified image format.")
    if (found := pixels(image.content)) is None:
        raise _by_model(f"{source}: Could not process image")
    if max(found) > MOST_PIXELS:
        raise _by_model(
            f"{source}: At least one of the image dimensions exceed max allowed size:"
            f" {MOST_PIXELS} pixels"
        )


def _name(kind: str, block: dict[str, Any]) -> str:
    if kind == "image":
        return ""
    name = block.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or _TWO_SPACES.search(name):
        raise validation(_BROKEN_NAME)
    return name


def _content(kind: str, block: dict[str, Any], where: str) -> bytes:
    source = block.get("source")
    encoded = source.get("bytes") if isinstance(source, dict) else None
    if encoded is None:
        raise validation(
            f"{kind.capitalize()}Source object at {where}.{kind}.source must set one of the"
            " following keys: bytes, s3Location."
        )
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise validation(f"The {kind} block holds invalid base64.") from None
    if not content:
        raise validation(
            f"1 validation error detected: Value at '{_member(where)}.{kind}.source.bytes' failed"
            " to satisfy constraint: Member must have length greater than or equal to 1"
        )
    return content


def _member(where: str) -> str:
    """Return a place as constraint errors name it: counted from 1."""
    counted = (f"{int(part) + 1}.member" if part.isdigit() else part for part in where.split("."))
    return ".".join(counted)


def _is_one_of(model: str, starts: tuple[str, ...]) -> bool:
    name = model.rpartition("/")[2]
    return any(start in name for start in starts)


def _by_model(what: str) -> BedrockError:
    return validation(f"The model returned the following errors: {what}")
