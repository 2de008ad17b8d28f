"""How much of a conversation a model takes: what is too long loses its oldest turns, and says so.

What is attached to earlier messages is shown again, the latest first, as long as there is room.

Tokens are estimated, as every family counts in its own way and asking Bedrock (CountTokens) is one
more request that not every model knows: 3 bytes of UTF-8 a token. English text has 4 to 5 and code
3 to 4; a Chinese character, which is 3 bytes, takes about one token. Too many turns left out is a
note on the page; too few would be a request that is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from app.model.attached import Room, attachments, left_out
from app.model.names import family

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


class Fitted(NamedTuple):
    """What the model is shown, and how many turns, and attachments of other turns, it is not."""

    messages: list[dict[str, Any]]
    turns: int
    attachments: int


def context_tokens(model_id: str) -> int:
    """Return how many tokens the model takes, the answer among them."""
    return family(model_id, CONTEXT_TOKENS) or DEFAULT_CONTEXT_TOKENS


def fit(messages: Sequence[dict[str, Any]], model_id: str) -> Fitted:
    """Return the latest messages that the model takes, with as many attachments as it takes.

    messages: question and answer by turns, and last the question to answer. That one stays however
    long it is, with all that is attached to it: whether it is too much is for the model to say.
    """
    context = context_tokens(model_id)
    asked = messages[-1]
    room = Room(model_id, context - min(ANSWER_TOKENS, context // ANSWER_SHARE) - _tokens(asked))
    for part in attachments(asked):
        room.take(part)
    kept, turns, hidden = [asked], (len(messages) - 1) // 2, 0
    for at in range(len(messages) - 3, -1, -2):
        question, answer = messages[at], messages[at + 1]
        room.tokens -= _tokens(question) + _tokens(answer)
        if room.tokens < 0:
            break
        shown = _with_what_fits(question, room)
        hidden += len(attachments(question)) - len(attachments(shown))
        kept[:0] = [shown, answer]
        turns -= 1
    return Fitted(kept, turns, hidden)


def _with_what_fits(message: dict[str, Any], room: Room) -> dict[str, Any]:
    content = []
    for part in message["content"]:
        if "attachment" not in part:
            content.append(part)
        elif room.fits(part):
            room.take(part)
            content.append(part)
        else:
            content.append(left_out(part))
    return {**message, "content": content}


def _tokens(message: Mapping[str, Any]) -> int:
    """Estimate what a message's text costs; what is attached is for Room."""
    texts = (part["text"] for part in message["content"] if "text" in part)
    size = sum(len(text.encode(errors="replace")) for text in texts)
    return MESSAGE_TOKENS - (-size // BYTES_PER_TOKEN)
