from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from bedrock.answer import answer, count, count_input, tokens
from bedrock.attachments import Attachment
from bedrock.conversation import Conversation, Message
from tests.pictures import png

NOVA = "amazon.nova-lite-v1:0"


def asked(*prompts: str) -> Conversation:
    """A conversation of these prompts, the last one not answered yet."""
    turns = [(Message("user", prompt), Message("assistant", "...")) for prompt in prompts]
    return Conversation(tuple(message for turn in turns for message in turn)[:-1])


@given(st.text())
def test_tokens_lose_nothing(text: str) -> None:
    """Joined, the tokens of a text are the text."""
    assert "".join(tokens(text)) == text


def test_an_answer_names_model_and_turn_and_quotes_every_line() -> None:
    """So that a test can tell from the page which prompt was answered, and by whom."""
    text = answer(NOVA, asked("first", "line one\n\nline three"))
    assert text == f"**{NOVA}** answering turn 2. You said:\n\n> line one\n>\n> line three"


def test_the_same_request_gets_the_same_answer() -> None:
    """Nothing in an answer depends on time or chance."""
    conversation = asked("tell me [[tokens=50]]")
    assert answer(NOVA, conversation) == answer(NOVA, conversation)


def test_an_answer_is_as_long_as_the_prompt_asks() -> None:
    """At least the tokens asked for, and not a sentence more than needed."""
    assert 200 <= count(answer(NOVA, asked("tell me [[tokens=200]]"))) < 220


def test_only_the_last_prompt_can_ask_for_length() -> None:
    """A directive of an earlier turn is history."""
    assert count(answer(NOVA, asked("long [[tokens=200]]", "short"))) < 20


def test_a_length_beyond_reason_is_capped() -> None:
    """A directive cannot eat the stand-in's memory."""
    assert count(answer(NOVA, asked("[[tokens=999999999]]"))) < 101_000


def test_attachments_are_proven_by_their_checksum() -> None:
    """Those of this turn and those of earlier ones, apart: nobody can say that who lost a byte."""
    notes = Attachment("document", "txt", "notes", b"hello", "messages.0.content.1")
    other = Attachment("document", "txt", "other", b"hullo", "messages.2.content.1")
    conversation = Conversation(
        (Message("user", "a", (notes,)), Message("assistant", "b"), Message("user", "c", (other,)))
    )
    text = answer(NOVA, conversation)
    now, earlier = text.split("Attached earlier:")
    assert hashlib.sha256(b"hullo").hexdigest() in now
    assert hashlib.sha256(b"hello").hexdigest() in earlier
    assert "document notes txt (5 bytes" in earlier


def test_attachments_cost_tokens() -> None:
    """A document by its length, an image by its pixels."""
    document = Attachment("document", "txt", "notes", b"x" * 4000, "")
    image = Attachment("image", "png", "", png(300, 250), "")
    assert count_input(Conversation((Message("user", "a b", (document, image)),))) == 1102
