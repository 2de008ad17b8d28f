"""What a conversation consists of, by number: the same for the writer and for who checks it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.store.effort import chance

if TYPE_CHECKING:
    from app.sessions import Session

DEEDS = ("say", "set", "attach", "reset")
USUAL = (20, 4, 3, 1)
LITTERING = (3, 16, 0, 1)  # more than half of it is garbage soon
LENGTH = 1000  # characters of a message, on average
LONGER = 20_000


@dataclass
class Script:
    """A conversation that goes on for ever, and what is to be seen of its beginning."""

    name: str
    littering: bool = False
    messages: list[tuple[int, str]] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)

    def perform(self, session: Session, number: int) -> None:
        """Do what has that number, on a volume."""
        deed, where, text = self._deed(number)
        match deed:
            case "say":
                session.messages.append({"number": number, "text": text})
            case "set":
                session.settings[where] = f"{number} {text}"
            case "attach":
                file = session.attach(text.encode(), name="a.txt")
                session.messages.append({"number": number, "attachments": [file]})
            case "reset":
                session.reset()

    def expect(self, number: int) -> None:
        """Take it that this was done."""
        deed, where, text = self._deed(number)
        match deed:
            case "set":
                self.settings[where] = f"{number} {text}"
            case "reset":
                self.messages.clear()
            case _:
                self.messages.append((number, text))

    def agrees(self, session: Session) -> bool:
        """Tell whether this is what the session shows, with all that was attached."""
        assert session.notice is None
        return (self.messages, self.settings) == (shown(session), dict(session.settings))

    def _deed(self, number: int) -> tuple[str, str, str]:
        by = chance(self.name, number)
        weights, length = (LITTERING, LONGER) if self.littering else (USUAL, LENGTH)
        (deed,) = by.choices(DEEDS, weights)
        where = by.choice("abc")
        return deed, where, by.choice("xyz") * (1 + int(by.expovariate(1 / length)))


def shown(session: Session) -> list[tuple[int, str]]:
    """Return number and text of each message; what was attached is its text."""
    return [
        (
            message["number"],
            session.read(message["attachments"][0]).decode()
            if "attachments" in message
            else message["text"],
        )
        for message in session.messages
    ]
