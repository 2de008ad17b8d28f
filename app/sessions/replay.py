"""What a log says, held in memory and kept in step with the file."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from . import garbage, quota
from .errors import Conflict
from .log import Log
from .reading import Mark, Reading
from .record import (
    JSON,
    OVERHEAD,
    START,
    Cursor,
    Kind,
    Record,
    decode,
    decode_all,
    encode,
    verify,
)
from .writer import Writer

NOTICE = (
    "Part of this conversation could not be read. What came before it is shown; "
    "the unreadable part was kept aside and nothing was deleted."
)
UPKEEP = {Kind.SUPERSEDED, Kind.COMPACTED}  # these tell nothing new


@dataclass(slots=True)
class State:
    """The effect of some records. Values stay encoded: compact, and out of reach of mutation."""

    messages: list[bytes] = field(default_factory=list)
    settings: dict[str, bytes] = field(default_factory=dict)
    position: Cursor = START
    records: int = 0
    said: int = 0
    _parsed: list[list[JSON]] = field(default_factory=list)  # none or one

    @property
    def size(self) -> int:
        """How many bytes of a log it takes to say the same, but for some bytes."""
        settings = (OVERHEAD + len(name) + len(value) for name, value in self.settings.items())
        return self.said + sum(settings)

    @property
    def told(self) -> tuple[object, ...]:
        """What a page could show of this: equal where nothing is new."""
        return self.records > 0, self.position, self.messages, self.settings

    def apply(self, record: Record) -> None:
        """Take in the next record."""
        self.records += 1
        kind, payload, end, _ = record
        if kind == Kind.MESSAGE:
            self.messages.append(payload)
            self.said += OVERHEAD + len(payload)
            self.position = end
        elif kind == Kind.SETTING:
            self._set(payload)
        elif kind == Kind.RESET:
            self._parsed.clear()  # before the messages: see `parsed`
            self.messages, self.said = [], 0
            self.position = end
        elif kind == Kind.COMPACTED:
            self._come_from(payload)

    def keep_parsed(self, messages: list[JSON]) -> None:
        """Keep what the last messages say, which a restore found out, for the first who asks."""
        if messages and self.messages:
            self._parsed.append(messages[-len(self.messages) :])

    def parsed(self) -> list[JSON]:
        """Return what each message says, as objects that nobody else has."""
        payloads, known = tuple(self.messages), list[JSON]()
        with suppress(IndexError):
            known = self._parsed.pop()
        return known + decode_all(payloads[len(known) :])

    def _come_from(self, payload: bytes) -> None:
        """Take the place at which the conversation ended in the log that this one was made of."""
        value = decode(payload)
        if isinstance(value, dict) and isinstance(place := value["position"], list):
            offset, check = place
            if isinstance(offset, int) and isinstance(check, int):
                self.position = Cursor(offset, check)

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
        self.log = log
        self._guard = threading.RLock()
        self._mark = Mark()
        self._state: State | None = State()
        self.notice: str | None = None

    @property
    def state(self) -> State:
        """What the log says, as known here; read anew from the volume after a rest."""
        state = self._state
        if state is not None:
            return state
        with self._guard:
            if self._state is None:
                self._restore()
            return self._state or State()

    def require_room(self, size: int) -> None:
        """Raise QuotaReached unless that many bytes fit into the quota."""
        quota.check(self.log.quota, self.state.size + size)

    def rest(self) -> None:
        """Hold nothing but the place up to which the log is known."""
        with self._guard:
            self._state = None

    def refresh(self) -> bool:
        """Take in what others appended; return whether there was anything new.

        At rest it stays at rest, unless there was.
        """
        with self._guard:
            reading = self.log.read(self._mark)
            if self._state is not None:
                return self._take(reading)
            if reading.mark == self._mark and not reading.damaged:
                self._mark = reading.mark
                return False
            self._restore()
            return True

    def _restore(self) -> None:
        reading = self.log.read(Mark())
        if reading.mark == Mark() != self._mark:
            reading = self.log.read(self._mark)  # tells a log that is gone from a volume that is
        self._take(reading)

    @contextmanager
    def holding(self) -> Iterator[Writer]:
        """Hold the log, with all that others appended taken in."""
        with self._guard, self.log.writing() as writer:
            known = Mark() if self._state is None else self._mark
            reading = writer.catch_up(known)
            if reading.mark is not known or reading.damaged:
                self._take(reading)
            yield writer

    def append(self, kind: Kind, payload: bytes, after: Cursor | None = None) -> None:
        """Take in what others appended, then append durably; the order is that of the file.

        Raises Conflict, with all that is new taken in, unless `after` is the current position.
        """
        if kind != Kind.MESSAGE:  # which is a dictionary that was just encoded
            verify(kind, payload)
        with self.holding() as writer:
            if after is not None and after != self.state.position:
                raise Conflict(
                    "This conversation went on in another window; nothing was added from here."
                )
            size = self.state.size + OVERHEAD + len(payload)
            if size > self.log.quota and not quota.makes_room(kind, payload):
                quota.check(self.log.quota, size)
            record = writer.append(kind, payload)
            self._mark = writer.mark
            self.state.apply(record)
            garbage.note(self.log, record.end.offset, self.state)

    def _take(self, reading: Reading) -> bool:
        old, mark = self._state, self._mark
        afresh = reading.restarted or old is None
        state = State() if afresh or old is None else old
        for record in reading.records:
            state.apply(record)
        if afresh:
            state.keep_parsed(reading.messages)
        self._state = state
        self._mark = reading.mark
        if reading.damaged:
            self.notice = NOTICE
        if afresh:
            return state.told != (None if old is None else old.told)
        if reading.records:
            return any(record.kind not in UPKEEP for record in reading.records)
        return reading.mark.cursor != mark.cursor
