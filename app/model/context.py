"""How much of a conversation a model takes: what is too long loses its oldest turns, and says so.

Tokens are estimated, as every family counts in its own way and asking Bedrock (CountTokens) is one
more request that not every model knows: 3 bytes of UTF-8 a token. English text has 4 to 5 and code
3 to 4; a Chinese character, which is 3 bytes, takes about one token. Too many turns left out is a
note on the page; too few would be a request that is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BYTES_PER_TOKEN = 3
# Who speaks, and where a message begins and ends.
MESSAGE_TOKENS = 8
# For the answer, which counts too: a quarter, but no more than a model of this app's kind writes.
ANSWER_TOKENS = 10_000
ANSWER_SHARE = 4

# How a model id begins -> tokens of question and answer together; the longest beginning counts.
# Source: the model cards in the Amazon Bedrock user guide; where cards within a family differ, the
# smallest.
CONTEXT_TOKENS = {
    "ai21.jamba": 256_000,
    "amazon.nova": 128_000,
    "amazon.nova-2-lite": 256_000,
    "amazon.nova-lite": 300_000,
    "amazon.nova-premier": 1_000_000,
    "amazon.nova-pro": 300_000,
    "amazon.titan-text-express": 8_000,
    "amazon.titan-text-lite": 4_000,
    "amazon.titan-text-premier": 32_000,
    "anthropic.claude": 200_000,
    "anthropic.claude-instant": 100_000,
    "anthropic.claude-v2": 100_000,
    "cohere.command-r": 128_000,
    "deepseek.": 128_000,
    "meta.llama3-": 8_000,
    "meta.llama3-1-": 128_000,
    "meta.llama3-2-": 128_000,
    "meta.llama3-3-": 128_000,
    "meta.llama4": 1_000_000,
    "mistral.": 32_000,
    "mistral.mistral-large-2407": 128_000,
    "openai.gpt-oss": 128_000,
}
# For a model that is not listed, or is named by a profile of one's own: what is small today, and
# what an unlisted model of the last years has at least.
DEFAULT_CONTEXT_TOKENS = 32_000

# An inference profile of a geography, such as us. or eu., or the ARN of one or of a model.
_BEFORE_ID = re.compile(r"^(?:arn:.*/)?(?:(?:us|us-gov|eu|apac|jp|au|ca|global)\.)?")


def context_tokens(model_id: str) -> int:
    """Return how many tokens the model takes, the answer among them."""
    name = _BEFORE_ID.sub("", model_id)
    known = [start for start in CONTEXT_TOKENS if name.startswith(start)]
    return CONTEXT_TOKENS[max(known, key=len)] if known else DEFAULT_CONTEXT_TOKENS


def fit(messages: Sequence[dict[str, Any]], model_id: str) -> tuple[list[dict[str, Any]], int]:
    """Return the latest messages that the model takes, and how many turns were left out.

    messages: question and answer by turns, and last the question to answer. That one stays however
    long it is: whether it is too long is for the model to say.
    """
    context = context_tokens(model_id)
    room = context - min(ANSWER_TOKENS, context // ANSWER_SHARE) - _tokens(messages[-1])
    first = len(messages) - 1
    while first >= 2:  # noqa: PLR2004 - question and answer
        room -= _tokens(messages[first - 2]) + _tokens(messages[first - 1])
        if room < 0:
            break
        first -= 2
    return list(messages[first:]), first // 2


def _tokens(message: Mapping[str, Any]) -> int:
    size = sum(len(part["text"].encode(errors="replace")) for part in message["content"])
    return MESSAGE_TOKENS - (-size // BYTES_PER_TOKEN)
