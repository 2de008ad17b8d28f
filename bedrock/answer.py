"""The text of an answer, made from the conversation alone: same request, same text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bedrock.conversation import Conversation

_MOST_TOKENS = 100_000
_TOKENS = re.compile(r"\[\[tokens=(\d{1,9})\]\]")


def tokens(text: str) -> list[str]:
    """`text` in pieces of one word and the whitespace before it; joined they are `text` again."""
    return re.findall(r"\s*\S+|\s+", text)


def count(text: str) -> int:
    """How many tokens `text` has."""
    return len(tokens(text))


def count_input(conversation: Conversation) -> int:
    """How many tokens the model has to read and to look at."""
    return count(conversation.text) + sum(each.tokens for each in conversation.attachments)


def answer(model: str, conversation: Conversation) -> str:
    """Markdown that names the model and the turn and quotes the whole prompt.

    It lists what came with the prompt, and what had come with earlier ones and was sent again.

    The directive [[tokens=200]] in the prompt makes it at least 200 tokens long.
    """
    prompt = conversation.last
    quote = "\n".join(f"> {line}" if line else ">" for line in prompt.text.split("\n"))
    parts = [f"**{model}** answering turn {conversation.turn}. You said:", quote]
    earlier = conversation.attachments[: -len(prompt.attachments) or None]
    for title, attachments in (("Attached:", prompt.attachments), ("Attached earlier:", earlier)):
        if attachments:
            parts.append("\n".join([title, "", *(f"- {each.line}" for each in attachments)]))
    asked = _TOKENS.search(prompt.text)
    if asked:
        missing = min(int(asked[1]), _MOST_TOKENS) - count("\n\n".join(parts))
        parts.append(_filler(missing))
    return "\n\n".join(part for part in parts if part)


def _filler(wanted: int) -> str:
    """Numbered sentences, `wanted` tokens or a few more."""
    lines: list[str] = []
    while wanted > 0:
        number = len(lines) + 1
        lines.append(f"{number}. This is sentence {number} of the longer answer.")
        wanted -= count(lines[-1])
    return "\n".join(lines)
