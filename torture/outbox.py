"""What the page's outbox keeps in the browser, as app/browser/outbox.js does."""

from __future__ import annotations

import time
import zlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

PATIENCE_SECONDS = 3.0


@dataclass
class Outbox:
    """Prompts that were sent and are not known to be stored.

    page, stored, queued: what the server said last of itself, and of the prompts that it has.
    """

    page: str = ""
    stored: list[str] = field(default_factory=list)
    queued: list[str] = field(default_factory=list)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    _times: Counter[str] = field(default_factory=Counter)

    def note(self, text: str) -> None:
        """Note a prompt that is being sent."""
        name = f"{self.page}-{_crc(text)}"
        self._times[name] += 1
        sent = {"id": f"{name}-{self._times[name]}", "text": text, "before": list(self.stored)}
        self.waiting.append(sent | {"at": time.monotonic()})

    def learn(self, data: dict[str, Any]) -> None:
        """Take in what the server says."""
        self.page, self.stored, self.queued = data["page"], data["stored"], data["queued"]
        self.waiting = [sent for sent in self.waiting if not self._is_stored(sent)]

    def lost(self) -> list[dict[str, Any]]:
        """Return what has to be sent once more."""
        return [sent for sent in self.waiting if self._is_lost(sent)]

    def _is_lost(self, sent: dict[str, Any]) -> bool:
        late = time.monotonic() - sent["at"] > PATIENCE_SECONDS
        return not sent["id"].startswith(self.page) or (late and sent["id"] not in self.queued)

    def _is_stored(self, sent: dict[str, Any]) -> bool:
        """Tell whether its id is stored, or its text under an id that is new since."""
        check = sent["id"].split("-")[1]
        return any(
            each == sent["id"] or (each not in sent["before"] and each.split("-")[1] == check)
            for each in self.stored
        )


def _crc(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"
