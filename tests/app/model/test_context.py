"""Long conversations lose their oldest turns, in pairs, and the number is told."""

from __future__ import annotations

from typing import Any

import pytest

from app.model.context import (
    CONTEXT_TOKENS,
    DEFAULT_CONTEXT_TOKENS,
    context_tokens,
    fit,
)
from app.settings import DEFAULT_MODELS

ARN = "arn:aws:bedrock:eu-west-1:123456789012"
SMALL = "amazon.titan-text-lite-v1"  # 4,000 tokens, of which 3,000 are for the question


def say(role: str, text: str) -> dict[str, Any]:
    """Return a message."""
    return {"role": role, "content": [{"text": text}]}


def conversation(turns: int, characters: int, prompt: str = "now") -> list[dict[str, Any]]:
    """Return so many turns of that many characters each, and a question."""
    half = "x" * (characters // 2)
    earlier = [say(role, half) for _ in range(turns) for role in ("user", "assistant")]
    return [*earlier, say("user", prompt)]


@pytest.mark.parametrize(
    ("model_id", "tokens"),
    [
        ("amazon.nova-micro-v1:0", 128_000),
        ("us.amazon.nova-lite-v1:0", 300_000),
        ("global.anthropic.claude-sonnet-4-5-20250929-v1:0", 200_000),
        (
            "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.nova-pro-v1:0",
            300_000,
        ),
        (f"{ARN}:foundation-model/meta.llama3-8b-instruct-v1:0", 8_000),
        ("meta.llama3-1-8b-instruct-v1:0", 128_000),
        (f"{ARN}:application-inference-profile/a1b2", None),
        ("new.model-v1", None),
    ],
)
def test_context_is_that_of_the_family(model_id: str, tokens: int | None) -> None:
    """By whatever name the model goes; the default for one that is not known."""
    assert context_tokens(model_id) == (tokens or DEFAULT_CONTEXT_TOKENS)


def test_models_offered_by_default_are_known() -> None:
    """None of them is trimmed to a guess."""
    for model_id in DEFAULT_MODELS.split(","):
        assert any(model_id.startswith(start) for start in CONTEXT_TOKENS)


def test_short_conversation_is_sent_whole() -> None:
    """As it is."""
    messages = conversation(5, 100)
    assert fit(messages, SMALL) == (messages, 0, 0)


def test_oldest_turns_go_first_and_whole() -> None:
    """What is left begins with a question, ends with the one to answer, and is the latest."""
    messages = conversation(10, 3_000)  # a thousand tokens each
    messages[0], messages[-3] = say("user", "first"), say("user", "x" * 1_500)
    kept, left_out, _ = fit(messages, SMALL)
    assert left_out == 8
    assert kept == messages[16:]
    assert [message["role"] for message in kept] == ["user", "assistant"] * 2 + ["user"]


def test_question_is_sent_however_long_it_is() -> None:
    """Whether it is too long is for the model to say."""
    messages = conversation(2, 100, prompt="x" * 100_000)
    assert fit(messages, SMALL) == (messages[-1:], 2, 0)


def test_estimate_does_not_favour_english() -> None:
    """A character of three bytes is a token: Chinese text fills the context sooner."""
    english, chinese = conversation(4, 2_000), conversation(4, 2_000)
    for message in chinese[:-1]:
        message["content"][0]["text"] = "字" * 1_000
    assert fit(english, SMALL)[1] == 0
    assert fit(chinese, SMALL)[1] == 3


def test_half_a_character_is_counted_too() -> None:
    """A browser may send a lone surrogate, which UTF-8 cannot hold."""
    assert fit([say("user", "\ud83d")], SMALL)[1] == 0
