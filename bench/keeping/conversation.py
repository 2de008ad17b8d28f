"""What the contestants have in common: a conversation that is appended to and restored."""

from __future__ import annotations

import json
import random
from abc import ABC, abstractmethod
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Message = dict[str, Any]

MESSAGE_BYTES = 1000  # of one message as JSON
WORDS = ("the", "volume", "keeps", "what", "a", "user", "wrote", "and", "each", "replica", "shows")


class Conversation(ABC):
    """One conversation kept in one way, in files of its own below `root`."""

    name: ClassVar[str]
    how: ClassVar[str]  # in a line, with what makes a turn durable
    rewrites: ClassVar[bool] = False  # all that was said before, in each turn
    through_os: ClassVar[bool] = False  # each call of the file system, so it can be counted here
    not_on_efs: ClassVar[str] = ""  # why it cannot be kept there

    @abstractmethod
    def __init__(self, root: Path, key: str) -> None: ...

    @abstractmethod
    def append(self, message: Message) -> None:
        """Add a message; it counts as acknowledged when this returns."""

    @abstractmethod
    def fill(self, messages: Iterable[Message]) -> None:
        """Have a conversation as if so many messages had been appended; need not be durable yet."""

    @classmethod
    @abstractmethod
    def restore(cls, root: Path, key: str) -> list[Message]:
        """Return all messages from the volume, as a process does that has never seen them."""

    def close(self) -> None:  # noqa: B027 - most hold nothing open
        """Let go of what is held open."""


def as_json(value: object) -> bytes:
    """Return a value in as few bytes as JSON takes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


@cache
def text(number: int) -> str:
    """Return words of which, by number, a message is made."""
    words = random.Random(number)  # noqa: S311 - text, no secret
    return " ".join(words.choices(WORDS, k=MESSAGE_BYTES // 4))


def message(number: int) -> Message:
    """Return a message of MESSAGE_BYTES as JSON, in the form that the chat app keeps."""
    found: Message = {
        "role": "assistant" if number % 2 else "user",
        "id": f"{number:032x}",
        "at": 1_800_000_000.123456 + number,
        "text": "",
    }
    found["text"] = text(number % 100)[: MESSAGE_BYTES - len(as_json(found))]
    return found


def messages(count: int) -> list[Message]:
    """Return the first messages of any conversation."""
    return [message(number) for number in range(count)]
