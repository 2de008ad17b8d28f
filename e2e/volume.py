"""What the shared volume holds, read by the store's own code but past every replica."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.conversation import read_turns
from app.sessions import SessionStore

if TYPE_CHECKING:
    from pathlib import Path

    from app.conversation import Turn


@dataclass(frozen=True)
class Volume:
    """The folder that all replicas mount."""

    folder: Path

    def turns(self, key: str) -> list[Turn]:
        """Return the conversation that a session key names, as stored now."""
        return read_turns(SessionStore(self.folder).open(key).messages)

    def prompts(self, key: str) -> list[str]:
        """Return the stored prompts, oldest first."""
        return [turn.prompt for turn in self.turns(key)]

    def setting(self, key: str, name: str) -> object:
        """Return one stored setting of a session."""
        return SessionStore(self.folder).open(key).settings.get(name)

    def files(self) -> set[Path]:
        """Return every file of the volume, relative to it."""
        return {path.relative_to(self.folder) for path in self.folder.rglob("*") if path.is_file()}
