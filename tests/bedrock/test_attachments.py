"""Images and documents are taken and refused as Converse does."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from bedrock.attachments import LARGEST_DOCUMENT, check_model
from bedrock.conversation import parse
from bedrock.dialects import anthropic, nova
from bedrock.errors import BedrockError
from bedrock.pixels import pixels
from tests.pictures import picture, png

Json = dict[str, Any]
LITE, MICRO = "amazon.nova-lite-v1:0", "us.amazon.nova-micro-v1:0"
SONNET = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"


def image(content: object = None, format_: str = "png") -> Json:
    """Return an image block; what is no bytes is taken for their base64."""
    content = png() if content is None else content
    encoded = base64.b64encode(content).decode() if isinstance(content, bytes) else content
    return {"image": {"format": format_, "source": {"bytes": encoded}}}


def document(name: str = "Document 1", content: bytes = b"hello", format_: str = "txt") -> Json:
    """Return a document block."""
    encoded = base64.b64encode(content).decode()
    return {"document": {"name": name, "format": format_, "source": {"bytes": encoded}}}


def ask(*blocks: Json, text: str = "see", model: str = LITE) -> None:
    """Send them with a text; raises what the service or the model objects to."""
    content = [{"text": text}, *blocks] if text else [*blocks]
    conversation = parse([{"role": "user", "content": content}])
    check_model(model, conversation.attachments)


def test_as_many_as_may_be_are_taken() -> None:
    """Up to the limits, of every format."""
    ask(*[image()] * 20, *[document(f"Document {n} (txt)") for n in range(5)])
    for format_ in ("png", "jpeg", "gif", "webp"):
        ask(image(picture(format_), format_), text="")
    ask(document(content=b"%PDF-1.4", format_="pdf"), model=SONNET)


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        ([image("not base64")], "image block holds invalid base64"),
        ([image(7)], "image block holds invalid base64"),
        ([image("")], "length greater than or equal to 1"),
        (
            [image(format_="bmp")],
            "'bmp' at 'messages.1.member.content.2.member.image.format'",
        ),
        (
            [document(format_="exe")],
            "enum value set: [csv, doc, docx, html, md, pdf, txt, xls",
        ),
        ([{"image": {"format": "png"}}], "ImageSource object at messages.0.content.1.image.source"),
        ([document("plan.pdf")], "The document file name can only contain alphanumeric"),
        ([document("two  spaces")], "more than one consecutive whitespace"),
        ([document("\u5831")], "The document file name can only contain alphanumeric"),
        ([document("")], "The document file name can only contain alphanumeric"),
        ([document("x" * 201)], "The document file name can only contain alphanumeric"),
        ([document(), document()], "Messages can't contain duplicate document names"),
        ([document(str(n)) for n in range(6)], "more than 5 documents in a request"),
        ([document(content=bytes(LARGEST_DOCUMENT + 1))], "The maximum document size is 4.5 MB"),
        ([image()] * 21, "The model returned the following errors: messages: too many images"),
        ([image(png() + bytes(4 * 2**20))], "image exceeds 5 MB maximum: "),
        ([image(png(8001, 1))], "exceed max allowed size: 8000 pixels"),
        ([image(picture("jpeg"))], "does not match the specified image format"),
        ([image(b"\x89PNG\r\n\x1a\n")], "messages.0.content.1.image.source.bytes: Could not"),
        ([document(content=b"x", format_="pdf")], "The PDF specified was not valid"),
        ([{"video": {}}], "The video content block"),
    ],
)
def test_a_broken_rule_is_refused_in_the_words_of_bedrock(blocks: list[Json], message: str) -> None:
    """Count, size, format, name and content."""
    with pytest.raises(BedrockError) as refused:
        ask(*blocks)
    assert refused.value.code == "ValidationException"
    assert message in refused.value.message


def test_document_needs_a_text_and_an_image_does_not() -> None:
    """A question about nothing is none."""
    ask(image(), text="")
    with pytest.raises(BedrockError, match="A text block must be included when using documents"):
        ask(document(), text="")


def test_only_users_attach() -> None:
    """A model's own message has no image."""
    said = [
        {"role": "user", "content": [{"text": "a"}]},
        {"role": "assistant", "content": [image()]},
    ]
    with pytest.raises(BedrockError, match="doesn't support the image field for assistant"):
        parse(said)


def test_model_that_reads_text_only_refuses() -> None:
    """Whichever profile it goes by."""
    with pytest.raises(BedrockError, match="doesn't support the image content block"):
        ask(image(), model=MICRO)
    with pytest.raises(BedrockError, match="This model doesn't support documents"):
        ask(document(), model=MICRO)
    ask(document(), model="anthropic.claude-v2:1")


def test_invoke_takes_images_in_the_models_own_shape_and_no_documents() -> None:
    """As "API restrictions" has it."""
    block = image()["image"]
    source = {"type": "base64", "media_type": "image/png", "data": block["source"]["bytes"]}
    claude: Json = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9}

    def messages(shown: Json) -> Json:
        return {
            "messages": [{"role": "user", "content": [{**shown}, {"type": "text", "text": "a"}]}]
        }

    body = claude | messages({"type": "image", "source": source})
    assert anthropic.parse(body).last.attachments[0].content == png()
    blocks = [image(), {"text": "a"}]
    asked = nova.parse({"messages": [{"role": "user", "content": blocks}]}).last
    assert asked.attachments[0].content == png()
    with pytest.raises(BedrockError, match="Input should be 'image/jpeg'"):
        anthropic.parse(claude | messages({"type": "image", "source": {"media_type": "image/bmp"}}))
    with pytest.raises(BedrockError, match="Input tag 'document' found"):
        anthropic.parse(claude | messages({"type": "document", "source": source}))
    with pytest.raises(BedrockError, match=r"extraneous key\s+\[document\]"):
        nova.parse({"messages": [{"role": "user", "content": [document(), {"text": "a"}]}]})


@pytest.mark.parametrize("format_", ["png", "jpeg", "gif", "webp"])
def test_size_of_an_image_is_read(format_: str) -> None:
    """And a file that ends too early has none."""
    content = picture(format_, 123, 45)
    assert pixels(content) == (123, 45)
    for length in range(12, 24):
        assert pixels(content[:length]) in {None, (123, 45)}
