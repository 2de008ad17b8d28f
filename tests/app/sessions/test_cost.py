import gc
import os
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.sessions import Follower, Session, SessionStore, mint, record, replay

from .helpers import say, texts


class Traffic:
    """Counts what goes through the system calls that the store uses for its data."""

    def __init__(self) -> None:
        self.read = self.written = self.opened = self.synced = 0

    def reset(self) -> None:
        """Start counting anew."""
        self.__init__()  # type: ignore[misc]


@pytest.fixture
def traffic(monkeypatch: pytest.MonkeyPatch) -> Traffic:
    """Traffic between this process and the volume."""
    seen = Traffic()
    pread, pwrite, fsync, opener = os.pread, os.pwrite, os.fsync, os.open

    def counted_read(fd: int, size: int, at: int) -> bytes:
        data = pread(fd, size, at)
        seen.read += len(data)
        return data

    def counted_write(fd: int, data: bytes, at: int) -> int:
        done = pwrite(fd, data, at)
        seen.written += done
        return done

    def counted_sync(fd: int) -> None:
        seen.synced += 1
        fsync(fd)

    def counted_open(path: Path, flags: int, mode: int = 0o777) -> int:
        seen.opened += 1
        return opener(path, flags, mode)

    monkeypatch.setattr(os, "pread", counted_read)
    monkeypatch.setattr(os, "pwrite", counted_write)
    monkeypatch.setattr(os, "fsync", counted_sync)
    monkeypatch.setattr(os, "open", counted_open)
    return seen


def grown(session: Session, size: int) -> None:
    """Make a session of `size` messages, quickly: one real append, the rest copied behind it."""
    for number in range(size - len(session.messages)):
        session.messages.append({"text": f"message {number:06}"})


def test_a_turn_costs_the_same_at_any_length(
    store: SessionStore, key: str, path: Path, traffic: Traffic
) -> None:
    """At message 2,000 an append reads nothing and writes its own frame, as at message 10."""
    session = store.open(key)
    costs = []
    for length in (10, 100, 2000):
        grown(session, length)
        traffic.reset()
        before = path.stat().st_size
        session.messages.append({"text": "as long as before"})
        assert traffic.written == path.stat().st_size - before
        costs.append((traffic.opened, traffic.read, traffic.written, traffic.synced))
    assert costs == [(1, 0, costs[0][2], 1)] * 3


def test_the_system_sees_no_other_traffic(store: SessionStore, key: str, path: Path) -> None:
    """The kernel's own count of bytes agrees: nothing is read or written behind the counters."""

    def counters() -> tuple[int, int]:
        lines = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
        return int(lines["rchar"]), int(lines["wchar"])

    session = store.open(key)
    say(session, *["x" * 1000] * 100)
    counters()
    size = path.stat().st_size
    read, written = counters()
    say(session, "y")
    read_after, written_after = counters()
    assert written_after - written == path.stat().st_size - size
    assert read_after - read < 1000, "the counters' own text"


def test_a_refresh_reads_only_what_is_new(store: SessionStore, key: str, traffic: Traffic) -> None:
    """Nothing new: no byte is read. Something new: that, and 4 bytes to see that it follows."""
    here, there = store.open(key), store.open(key)
    say(here, *["x" * 1000] * 100)
    assert there.refresh()
    traffic.reset()
    assert not there.refresh()
    assert (traffic.opened, traffic.read, traffic.written, traffic.synced) == (1, 0, 0, 0)
    say(here, "y")
    traffic.reset()
    assert there.refresh()
    assert (traffic.opened, traffic.read) == (1, 16 + len('{"text":"y"}') + 4)


def test_a_restore_is_one_open_and_reads_each_byte_once(
    store: SessionStore, key: str, path: Path, traffic: Traffic
) -> None:
    """Opening a session of 1,000 messages reads the file once, front to back, and no more."""
    grown(store.open(key), 1000)
    traffic.reset()
    assert len(store.open(key).messages) == 1000
    assert (traffic.opened, traffic.read) == (1, path.stat().st_size)
    assert (traffic.written, traffic.synced) == (0, 0)


def test_a_new_session_costs_some_syncs_once(
    store: SessionStore, key: str, traffic: Traffic
) -> None:
    """Only the first append pays for making the file's name durable."""
    session = store.open(key)
    say(session, "a")
    assert traffic.synced == 4, "the file and the three folders above it"
    traffic.reset()
    say(session, "b")
    assert traffic.synced == 1


def test_an_idle_session_holds_little_memory(store: SessionStore) -> None:
    """A session of 20 messages of 200 characters holds less than 20 KiB."""
    key = mint()
    say(store.open(key), *["x" * 200] * 20)
    kept = [store.open(key)]
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        kept.extend(store.open(key) for _ in range(50))
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (after - before) / 50 < 20 * 1024


@pytest.mark.parametrize("length", [100, 500])
def test_a_session_at_rest_holds_the_same_at_any_length(store: SessionStore, length: int) -> None:
    """Shown and followed, as by a page, one of 200 holds less than 2 KiB while nobody looks.

    So a replica with 1,000 idle pages keeps 2 MiB for them, where 20 KiB each would be allowed.
    """
    key = mint()
    say(store.open(key), *["x" * 400] * length)

    def shown() -> tuple[Session, Follower]:
        session = store.open(key)
        assert len(list(session.messages)) == length
        follower = Follower(session)
        session.rest()
        assert not session.refresh()
        return session, follower

    kept = [shown()]
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        kept.extend(shown() for _ in range(200))
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (after - before) / 200 < 2 * 1024
    assert len(kept[-1][0].messages) == length


def test_a_restore_parses_each_message_once(
    store: SessionStore, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check that a restore makes is also what the first look is given; each look gets its own.

    That is most of what a restore costs beyond reading the file.
    """
    grown(store.open(key), 50)
    parsed = []
    real = record.decode_all

    def counted(payloads: Sequence[bytes]) -> list[record.JSON]:
        parsed.append(len(payloads))
        return real(payloads)

    monkeypatch.setattr(record, "decode_all", counted)
    monkeypatch.setattr(replay, "decode_all", counted)
    session = store.open(key)
    first, second = list(session.messages), list(session.messages)
    assert parsed == [50, 0, 50]
    assert first == second
    first[0]["text"] = "changed"
    assert second[0] == session.messages[0] == {"text": "message 000000"}
    session.messages.append({"text": "more"})
    assert len(list(session.messages)) == 51
    other = store.open(key)
    session.reset()
    say(session, "new")
    other.refresh()
    assert texts(other) == ["new"]
