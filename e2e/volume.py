"""What the shared volume holds, read by the store's own code but past every replica."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from app.conversation import read_turns
from app.sessions import SessionStore, digest
from app.sessions.layout import log_of as log_below

if TYPE_CHECKING:
    from app.conversation import Turn
    from app.sessions import Message
    from parity.volume.protocol import Files


@dataclass(frozen=True)
class Volume:
    """The volume that all replicas mount; of a deployed stack, each look takes about a minute."""

    shared: Files

    def turns(self, key: str) -> list[Turn]:
        """Return the conversation that a session key names, as stored now."""
        return read_turns(self.records(key))

    def records(self, key: str) -> list[Message]:
        """Return the records of which the conversation consists."""
        return self._session(key)[0]

    def prompts(self, key: str) -> list[str]:
        """Return the stored prompts, oldest first."""
        return [turn.prompt for turn in self.turns(key)]

    def setting(self, key: str, name: str) -> object:
        """Return one stored setting of a session."""
        return self._session(key)[1].get(name)

    def files(self) -> set[PurePosixPath]:
        """Return every file of the volume, relative to it."""
        return self.shared.list()

    def _session(self, key: str) -> tuple[list[Message], dict[str, object]]:
        """Return the messages and settings of a copy of the session's log; the volume's is left."""
        path = log_of(key)
        with TemporaryDirectory(prefix="parity-volume-") as root:
            if (content := self.shared.read(path)) is not None:
                copy = Path(root) / path
                copy.parent.mkdir(parents=True)
                copy.write_bytes(content)
            session = SessionStore(root).open(key)
            return list(session.messages), dict(session.settings)


def log_of(key: str) -> PurePosixPath:
    """Return where on the volume the log of a session is."""
    return PurePosixPath(log_below(Path(), digest(key)))
