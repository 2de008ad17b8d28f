"""What the page's outbox keeps in the browser, as the script in app/browser/outbox.py does."""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Outbox:
    """Prompts that were sent and are not known to be stored."""

    page: str = ""
    stored: list[str] = field(default_factory=list)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    _times: Counter[str] = field(default_factory=Counter)

    def note(self, text: str) -> None:
        """Note a prompt that is being sent."""
        name = f"{self.page}-{_crc(text)}"
        self._times[name] += 1
        sent = {"id": f"{name}-{self._times[name]}", "text": text, "before": list(self.stored)}
        self.waiting.append(sent)

    def learn(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        """Take in what the server says is stored; return what it has to be sent once more."""
        self.page, self.stored = data["page"], list(data["stored"])
        self.waiting = [sent for sent in self.waiting if not self._is_stored(sent)]
        return [sent for sent in self.waiting if not sent["id"].startswith(self.page)]

    def _is_stored(self, sent: dict[str, Any]) -> bool:
        """Tell whether its id is stored, or its text under an id that is new since."""
        check = sent["id"].split("-")[1]
        return any(
            each == sent["id"] or (each not in sent["before"] and each.split("-")[1] == check)
            for each in self.stored
        )


def _crc(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"
