from __future__ import annotations

import pytest

from bedrock.attachments import Attachment
from bedrock.conversation import Conversation, Message
from bedrock.errors import BedrockError
from bedrock.upstream import chat_request, chat_url, read_line, upstream_error


@pytest.mark.parametrize("base", ["http://o:1", "http://o:1/", "http://o:1/v1", "http://o:1/v1/"])
def test_the_address_may_be_given_with_or_without_its_version(base: str) -> None:
    """All common spellings lead to the same route."""
    assert chat_url(base) == "http://o:1/v1/chat/completions"


def test_a_conversation_becomes_a_streaming_chat_completion() -> None:
    """System prompt first, roles kept, the limit passed on."""
    conversation = Conversation((Message("user", "hi"),), system="Be brief.", max_tokens=9)
    assert chat_request("llama3", conversation) == {
        "model": "llama3",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "hi"},
        ],
        "stream": True,
        "max_tokens": 9,
    }


def test_images_are_passed_on_and_text_documents_quoted() -> None:
    """In the parts that OpenAI's format has; of what it has none for, the server is told."""
    attachments = (
        Attachment("image", "png", "", b"123", ""),
        Attachment("document", "csv", "Document 1", b"a,b", ""),
        Attachment("document", "pdf", "Document 2", b"%PDF-", ""),
    )
    [message] = chat_request("m", Conversation((Message("user", "see", attachments),)))["messages"]
    text, image = message["content"]
    assert image["image_url"]["url"] == "data:image/png;base64,MTIz"
    assert text["text"].startswith("see\n\nDocument 1:\n\na,b")
    assert "Document 2, a pdf file, cannot be shown" in text["text"]


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ('data: {"choices":[{"delta":{"content":"Hi"}}]}', ("Hi", None)),
        ('data: {"choices":[{"delta":{},"finish_reason":"length"}]}', ("", "length")),
        ('data: {"choices":[],"usage":{}}', ("", None)),
        ("data: [DONE]", ("", None)),
        (": keep-alive", ("", None)),
        ("", ("", None)),
    ],
)
def test_a_line_gives_text_and_finish_reason(line: str, read: tuple[str, str | None]) -> None:
    """Lines without text are passed over."""
    assert read_line(line) == read


def test_a_line_that_makes_no_sense_is_an_error_of_the_model() -> None:
    """Not a crash of the stand-in."""
    with pytest.raises(BedrockError, match="ModelErrorException"):
        read_line("data: <html>")


@pytest.mark.parametrize(
    ("status", "code"),
    [(429, "ThrottlingException"), (503, "ServiceUnavailableException")]
    + [(status, "ModelErrorException") for status in (400, 404, 500)],
)
def test_an_upstream_error_gets_the_name_bedrock_has_for_it(status: int, code: str) -> None:
    """The upstream's own words are kept in the message."""
    error = upstream_error(status, "model 'x' not found")
    assert (error.code, str(status) in error.message) == (code, True)
    assert "model 'x' not found" in error.message
