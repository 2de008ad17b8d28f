"""What a log says, held in memory and kept in step with the file."""

import threading
from dataclasses import dataclass, field

from .errors import Conflict
from .log import Log
from .reading import Mark, Reading
from .record import START, Cursor, Kind, Record, decode, encode, verify

NOTICE = (
    "Part of this conversation could not be read. What came before it is shown; "
    "the unreadable part was kept aside and nothing was deleted."
)


@dataclass(slots=True)
class State:
    """The effect of some records. Values stay encoded: compact, and out of reach of mutation."""

    messages: list[bytes] = field(default_factory=list)
    settings: dict[str, bytes] = field(default_factory=dict)
    position: Cursor = START
    records: int = 0

    def apply(self, record: Record) -> None:
        """Take in the next record."""
        self.records += 1
        if record.kind == Kind.SETTING:
            self._set(record.payload)
            return
        if record.kind == Kind.MESSAGE:
            self.messages.append(record.payload)
        else:
            self.messages = []
        self.position = record.end

    def _set(self, payload: bytes) -> None:
        value = decode(payload)
        if not isinstance(value, dict):  # pragma: no cover - a scan yields objects only
            return
        name = str(value["name"])
        if "value" in value:
            self.settings[name] = encode(value["value"], canonical=True)
        else:
            self.settings.pop(name, None)


class Replay:
    """A log and its state; may be used by several threads at once."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._guard = threading.RLock()
        self._mark = Mark()
        self.state = State()
        self.notice: str | None = None

    def refresh(self) -> bool:
        """Take in what others appended; return whether there was anything new."""
        with self._guard:
            return self._take(self._log.read(self._mark))

    def append(self, kind: Kind, payload: bytes, after: Cursor | None = None) -> None:
        """Take in what others appended, then append durably; the order is that of the file.

        Raises Conflict, with all that is new taken in, unless `after` is the current position.
        """
        verify(kind, payload)
        with self._guard, self._log.writing() as writer:
            self._take(writer.catch_up(self._mark))
            if after is not None and after != self.state.position:
                raise Conflict(
                    "This conversation went on in another window; nothing was added from here."
                )
            self._take(writer.append(kind, payload))

    def _take(self, reading: Reading) -> bool:
        before = (self.state.records, self._mark.cursor)
        state = State() if reading.restarted else self.state
        for record in reading.records:
            state.apply(record)
        self.state = state
        self._mark = reading.mark
        if reading.damaged:
            self.notice = NOTICE
        return (state.records, reading.mark.cursor) != before
