from __future__ import annotations

from typing import Any

import pytest

from bedrock.conversation import MAX_CHARACTERS, parse
from bedrock.errors import BedrockError

Json = dict[str, Any]


def said(role: str, text: str = "hello") -> Json:
    """A message in Converse's shape."""
    return {"role": role, "content": [{"text": text}]}


def test_the_last_user_message_is_what_gets_answered() -> None:
    """Also when the request ends with the start of an answer."""
    conversation = parse([said("user", "one"), said("assistant"), said("user", "two")])
    assert (conversation.last.text, conversation.turn) == ("two", 2)
    prefilled = parse([said("user", "one"), said("assistant", "Once upon")])
    assert (prefilled.last.text, prefilled.turn) == ("one", 1)


def test_text_blocks_are_joined_and_attachments_kept() -> None:
    """Each with all of its bytes."""
    document = {"name": "notes", "format": "txt", "source": {"bytes": "aGVsbG8="}}
    blocks = [{"text": "a"}, {"text": "b"}, {"document": document}]
    message = parse([{"role": "user", "content": blocks}]).last
    assert message.text == "a\n\nb"
    [attached] = message.attachments
    assert (attached.kind, attached.name, attached.content) == ("document", "notes", b"hello")


@pytest.mark.parametrize(
    ("messages", "message"),
    [
        ([], "must start with a user message"),
        ([said("assistant")], "must start with a user message"),
        ([said("user"), said("user")], "must alternate between user and assistant roles"),
        ([{"role": "user", "content": []}], "at messages.0 is empty. Add a ContentBlock"),
        ([said("user", " \n")], "at messages.0.content.0 is blank. Add text"),
        ([said("robot")], "Value 'robot' at 'messages.0.member.role'"),
        ([said("user", "\ud800")], "content.0.text: expected type: String"),
        ([{"role": "user", "content": [{"text": 7}]}], "content.0.text: expected type: String"),
        ([said("user", "x" * MAX_CHARACTERS)], "Input is too long for requested model."),
        ("hello", "#/messages: expected type: JSONArray"),
        (["hello"], "#/messages.0: expected type: JSONObject"),
        ([{"role": "user"}], "#/messages.0.content: expected type: JSONArray"),
    ],
)
def test_a_broken_rule_is_refused_in_the_words_of_bedrock(messages: object, message: str) -> None:
    """Each rule of a conversation has its ValidationException."""
    with pytest.raises(BedrockError) as refused:
        parse(messages)
    assert refused.value.code == "ValidationException"
    assert refused.value.status == 400
    assert message in refused.value.message


@pytest.mark.parametrize("limit", [0, -1, True, "many"])
def test_a_limit_is_a_positive_number(limit: object) -> None:
    """A maxTokens that allows no answer is refused."""
    with pytest.raises(BedrockError, match="maxTokens"):
        parse([said("user")], max_tokens=limit)
