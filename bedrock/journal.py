"""Which requests reached the model, so that a test can prove `exactly once`."""

from __future__ import annotations

import hashlib
import logging
from collections import deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bedrock.conversation import Conversation, Json

_KEPT = 1000
_SHOWN = 80

# A child of uvicorn's logger: same handler, same level, no configuration of our own.
_log = logging.getLogger("uvicorn.bedrock")


@dataclass
class Entry:
    """One request.

    `outcome` is `answering` while it lasts, then `ok` for an answer sent whole, `no-stop`, `cut`,
    `disconnected` when the client left, or the code of the error that was sent; whoever has seen
    the end of an answer finds the outcome here. `prompt` is the
    start of the last user message and `prompt_sha256` the hash of all of it; both are None, as
    `turn` is, for a request that could not be read. `at` is UTC, ISO 8601.
    """

    number: int
    at: str
    model: str
    operation: str
    prompt_sha256: str | None = None
    prompt: str | None = None
    turn: int | None = None
    fault: str | None = None
    outcome: str = "answering"

    def read(self, conversation: Conversation) -> None:
        """Notes what was asked."""
        text = conversation.last.text
        self.prompt_sha256 = hashlib.sha256(text.encode()).hexdigest()
        self.prompt = text[:_SHOWN]
        self.turn = conversation.turn

    def close(self, outcome: str) -> None:
        """Notes how it ended, here and in the log; the first to tell is believed."""
        if self.outcome != "answering":
            return
        self.outcome = outcome
        _log.info(
            "%d %s %s turn %s: %s", self.number, self.operation, self.model, self.turn, outcome
        )


class Journal:
    """The last 1000 requests, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=_KEPT)
        self._number = 0

    def open(self, model: str, operation: str) -> Entry:
        """A new entry, numbered from 1 since the stand-in started."""
        self._number += 1
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        entry = Entry(self._number, now, model, operation)
        self._entries.append(entry)
        return entry

    def listing(self) -> list[Json]:
        """The entries as JSON objects."""
        return [asdict(entry) for entry in self._entries]
