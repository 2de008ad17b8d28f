"""One check of the preflight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """What was looked at and found. noted: not known, or worth knowing; no reason to stop.

    hint: the next command, where it failed.
    """

    name: str
    state: Literal["ok", "noted", "failed"]
    what: str
    hint: str = ""

    @property
    def ok(self) -> bool:
        """Whether this lets a deploy go on."""
        return self.state != "failed"
