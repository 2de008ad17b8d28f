"""What was asked, whichever operation asked it, and Bedrock's rules for it.

The messages are those that Bedrock answers with (seen in public bug reports).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from bedrock import attachments as attaching
from bedrock.errors import validation

if TYPE_CHECKING:
    from bedrock.attachments import Attachment

Json = dict[str, Any]

MAX_CHARACTERS = 1_000_000

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Message:
    """One turn's half: `role` is user or assistant."""

    role: str
    text: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Conversation:
    """A valid conversation; `max_tokens` is the longest answer wanted, if any limit was set."""

    messages: tuple[Message, ...]
    system: str = ""
    max_tokens: int | None = None

    @property
    def last(self) -> Message:
        """The last message of the user, which is what gets answered."""
        return next(message for message in reversed(self.messages) if message.role == "user")

    @property
    def turn(self) -> int:
        """How many messages the user has written, this one included."""
        return sum(message.role == "user" for message in self.messages)

    @property
    def text(self) -> str:
        """All that the model has to read."""
        return "\n".join([self.system, *(message.text for message in self.messages)])

    @property
    def attachments(self) -> list[Attachment]:
        """All that the model has to look at, in order."""
        return [each for message in self.messages for each in message.attachments]


def parse(raw: object, *, system: object = None, max_tokens: object = None) -> Conversation:
    """The conversation in Converse's `messages` and `system` shapes.

    Raises BedrockError (ValidationException) where Bedrock would.
    """
    conversation = Conversation(
        messages=tuple(_message(each, at) for at, each in enumerate(items(raw, "messages"))),
        system="\n".join(
            string(fields(each, f"system.{at}").get("text", ""), f"system.{at}.text")
            for at, each in enumerate(items(system or [], "system"))
        ),
        max_tokens=_limit(max_tokens),
    )
    _check(conversation)
    return conversation


def fields(value: object, where: str) -> Json:
    """`value` as a JSON object. Raises BedrockError when it is none."""
    if not isinstance(value, dict):
        raise validation(f"Malformed input request: #/{where}: expected type: JSONObject")
    return value


def items(value: object, where: str) -> list[object]:
    """`value` as a JSON array. Raises BedrockError when it is none."""
    if not isinstance(value, list):
        raise validation(f"Malformed input request: #/{where}: expected type: JSONArray")
    return value


def string(value: object, where: str) -> str:
    """`value` as text that UTF-8 can write. Raises BedrockError when it is none."""
    if not isinstance(value, str) or _SURROGATE.search(value):
        raise validation(f"Malformed input request: #/{where}: expected type: String")
    return value


def _message(value: object, at: int) -> Message:
    where = f"messages.{at}"
    message = fields(value, where)
    content = items(message.get("content"), f"{where}.content")
    if not content:
        raise validation(
            f"The content field in the Message object at {where} is empty. "
            "Add a ContentBlock object to the content field and try again."
        )
    texts: list[str] = []
    attachments: list[Attachment] = []
    for number, each in enumerate(content):
        block = fields(each, f"{where}.content.{number}")
        if "text" not in block:
            place = f"{where}.content.{number}"
            attachments += [attaching.read(kind, body, place) for kind, body in block.items()]
            continue
        text = string(block["text"], f"{where}.content.{number}.text")
        if not text.strip():
            raise validation(
                f"The text field in the ContentBlock object at {where}.content.{number} is blank. "
                "Add text to the text field, and try again."
            )
        texts.append(text)
    role, text = str(message.get("role")), "\n\n".join(texts)
    attaching.check_message(role, text, attachments)
    return Message(role, text, tuple(attachments))


def _limit(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise validation(
            f"1 validation error detected: Value '{value}' at 'inferenceConfig.maxTokens' failed "
            "to satisfy constraint: Member must have value greater than or equal to 1"
        )
    return value


def _check(conversation: Conversation) -> None:
    roles = [message.role for message in conversation.messages]
    unknown = next((role for role in roles if role not in {"user", "assistant"}), None)
    if unknown is not None:
        raise validation(
            f"1 validation error detected: Value '{unknown}' at 'messages.{roles.index(unknown)}"
            ".member.role' failed to satisfy constraint: Member must satisfy enum value set: "
            "[user, assistant]"
        )
    if roles[:1] != ["user"]:
        raise validation(
            "A conversation must start with a user message. "
            "Try again with a conversation that starts with a user message."
        )
    if any(role == following for role, following in pairwise(roles)):
        raise validation(
            "A conversation must alternate between user and assistant roles. "
            "Make sure the conversation alternates between user and assistant roles and try again."
        )
    attaching.check_request(conversation.attachments)
    if len(conversation.text) > MAX_CHARACTERS:
        raise validation("Input is too long for requested model.")
