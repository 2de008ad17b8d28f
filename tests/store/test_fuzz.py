"""Logs of which anything may have become: no exception but the store's, no record that never was.

Each input is a log that was written, then changed here and there. All records before the first
change are served, and nothing but records of the log; what could not be read is kept aside, once;
and an append works afterwards, behind what was served.
"""

from __future__ import annotations

import os
import struct
import zlib
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

import pytest

from app.sessions import NewerFormat, Session, SessionStore, mint, record
from app.sessions.record import FILE_HEADER_SIZE, Ending, Kind, Record
from app.sessions.replay import State
from tests.app.sessions.helpers import is_prefix
from tests.store.effort import EFFORT, chance

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

LOGS = 12
KINDS = (Kind.MESSAGE, Kind.SETTING, Kind.RESET, Kind.SUPERSEDED, 99)
NEXT = {"text": "next"}
Log = tuple[bytes, tuple[Record, ...]]


def made(by: random.Random) -> Log:
    """Return the bytes of a log of some records, and those that are known here."""
    data, place = record.file_header(by.randbytes(record.NONCE_SIZE))
    for number in range(by.randrange(1, 12)):
        (kind,) = by.choices(KINDS, (9, 4, 1, 1, 1))
        text = by.choice(("", "x" * by.randrange(200), bytes(30).decode(), "{}"))
        payload = record.encode({"name": by.choice("abc"), "value": number, "text": text})
        more, added = record.frame(kind, payload, place)
        data, place = data + more, added.end
    return data, record.scan(data).records


class Spot(NamedTuple):
    """Where a log is changed: what is there, what is before and behind it, and what may come."""

    before: bytes
    hit: bytes
    behind: bytes
    noise: bytes
    piece: bytes  # of another log

    @property
    def zeros(self) -> bytes:
        """As many zeros as there is noise."""
        return bytes(len(self.noise))


def with_a_sound_header(spot: Spot) -> bytes:
    """Return the log with a header of some version whose check is right."""
    data = spot.before + spot.hit + spot.behind
    fields = data[:8] + struct.pack(">H", spot.noise[0] % 4) + data[10:20]
    return fields + struct.pack(">I", zlib.crc32(fields)) + data[FILE_HEADER_SIZE:]


CHANGES: tuple[Callable[[Spot], bytes], ...] = (
    lambda at: at.before + bytes([(at.hit or b"0")[0] ^ 1 << at.noise[0] % 8]) + at.behind,
    lambda at: at.before,
    lambda at: at.before + at.behind,
    lambda at: at.before + at.zeros[: len(at.hit)] + at.behind,
    lambda at: at.before + at.hit + at.behind + at.zeros,
    lambda at: at.before + at.noise + at.behind,
    lambda at: at.before + at.piece + at.hit + at.behind,
    lambda at: at.before + at.hit + at.hit + at.behind,
    with_a_sound_header,
)


def changed(by: random.Random, logs: list[Log], data: bytes) -> bytes:
    """Return the bytes with one thing done to them that storage, or a person, may do."""
    at, size = by.randrange(len(data) + 1), by.choice((1, 1, 2, 4, 16, 40, 512))
    other = by.choice(logs)[0]
    start = by.randrange(len(other))
    piece = other[start : start + size]
    spot = Spot(data[:at], data[at : at + size], data[at + size :], by.randbytes(size), piece)
    return by.choice(CHANGES)(spot)


@lru_cache(maxsize=1)
def group(number: int) -> list[Log]:
    """Return logs of which inputs are made."""
    by = chance("logs", number)
    return [made(by) for _ in range(LOGS)]


def inputs(number: int) -> tuple[bytes, Log, list[Log]]:
    """Return the bytes of an input, the log that it was, and those of which it has pieces."""
    by, logs = chance("input", number), group(number // 1000)
    log = by.choice(logs)
    data = log[0] if by.randrange(20) else by.randbytes(by.randrange(1, 200))
    for _ in range(by.choice((1, 1, 1, 2, 3, 5))):
        data = changed(by, logs, data or b"\0")
    return data, log, logs


def served(data: bytes, log: Log, logs: list[Log]) -> record.Scan:
    """Scan an input; assert that all before the first change is found, and nothing that never was.

    What begins with another log's header is that log.
    """
    whole, records = log
    found = record.scan(data)
    same = (a == b for a, b in zip(data, whole, strict=False))
    before = sum(takewhile(bool, same))
    if found.ending is Ending.NEWER:
        assert before < FILE_HEADER_SIZE
        assert found.records == ()
        return found
    intact = sum(each.end.offset <= before for each in records)
    assert len(found.records) >= intact
    if found.records:
        (origin,) = (each for each in logs if each[0].startswith(data[:FILE_HEADER_SIZE]))
        assert is_prefix(found.records, origin[1])
    assert found.end.offset <= len(data)
    assert (found.ending is Ending.CLEAN) == (found.end.offset == len(data))
    return found


def test_every_log_is_served_up_to_its_damage(
    tmp_path: Path, tell: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the scan, and by a store in whose volume it lies."""
    monkeypatch.setattr(os, "fsync", lambda _: None)  # nothing dies here, and it takes most time
    store, key = SessionStore(tmp_path), mint()
    store.open(key).messages.append({})
    (path,) = tmp_path.rglob("*.log")
    endings: dict[str, int] = {}
    for number in range(EFFORT.inputs):
        data, log, logs = inputs(number)
        try:
            found = served(data, log, logs)
            endings[found.ending.value] = endings.get(found.ending.value, 0) + 1
            path.write_bytes(data)
            lives_on(store, key, path, data, found)
        except Exception as error:
            error.add_note(f"input {number}: {data!r}")
            raise
    assert set(endings) == {ending.value for ending in Ending}
    tell(inputs=EFFORT.inputs, **endings)


def lives_on(store: SessionStore, key: str, path: Path, data: bytes, found: record.Scan) -> None:
    """Assert what becomes of a log in its volume."""
    if found.ending is Ending.NEWER:
        with pytest.raises(NewerFormat):
            store.open(key)
        assert path.read_bytes() == data
        return
    state = State()
    for each in found.records:
        state.apply(each)
    session = store.open(key)
    assert_shows(session, state)
    assert (session.notice is not None) == (found.ending is Ending.DAMAGED)
    session.messages.append(NEXT)
    state.messages.append(record.encode(NEXT))
    again = store.open(key)
    assert_shows(again, state)
    assert again.notice is None
    aside = [other for other in path.parent.iterdir() if other != path]
    assert [other.read_bytes() for other in aside] == [data] * (session.notice is not None)
    for other in aside:
        other.unlink()


def assert_shows(session: Session, state: State) -> None:
    """Assert that a session shows that state, and nothing else."""
    assert list(session.messages) == [record.decode(each) for each in state.messages]
    assert dict(session.settings) == {
        name: record.decode(value) for name, value in state.settings.items()
    }
