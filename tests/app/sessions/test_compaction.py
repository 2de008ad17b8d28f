from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import random
import threading
import time
from typing import TYPE_CHECKING

import pytest

from app.sessions import Conflict, Session, SessionError, SessionStore, digest, garbage, record
from app.sessions.compaction import _replace, compact
from app.sessions.housekeeping import Housekeeper
from app.sessions.log import Log
from app.sessions.reading import Mark
from app.sessions.record import Kind

from .dying import killed_before, refused_at
from .helpers import aside, compactor, say, texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def log_of(store: SessionStore, key: str, patience: float = 0) -> Log:
    """Return the log of a key, as housekeeping opens it."""
    return Log(store.root, digest(key), key[:8], patience)


def littered(session: Session) -> None:
    """Make a session that is mostly garbage, and then a short conversation with settings."""
    for number in range(20):
        say(session, "x" * 5000)
        session.settings["model"] = f"model {number}"
    session.settings["gone"] = "?" * 1000
    del session.settings["gone"]
    session.reset()
    say(session, "a", "b")


@pytest.fixture(autouse=True)
def nothing_noted() -> Iterator[None]:
    """Let no test inherit another's notes."""
    garbage._noted.clear()
    yield
    garbage._noted.clear()


def test_garbage_goes_and_nothing_else(store: SessionStore, key: str, path: Path) -> None:
    """Messages, settings and position stay; the log is as long as what it says."""
    session, other = store.open(key), store.open(key)
    littered(session)
    other.refresh()
    before = path.stat()
    saved = compact(log_of(store, key))
    assert saved == before.st_size - path.stat().st_size > 100_000
    assert path.stat().st_size < 500
    assert path.stat().st_mtime_ns == before.st_mtime_ns, "it is no use of the session"
    assert path.stat().st_mode == before.st_mode
    assert not other.refresh(), "nothing is new"
    for each in (session, other, store.open(key)):
        assert texts(each) == ["a", "b"]
        assert dict(each.settings) == {"model": "model 19"}
        assert each.position == session.position
        assert each.notice is None
    assert sorted(found.name for found in path.parent.iterdir()) == [path.name]


def test_positions_hold_across_a_compaction(store: SessionStore, key: str) -> None:
    """An answer may follow its prompt though the log was compacted in between; a second may not."""
    session, other = store.open(key), store.open(key)
    littered(session)
    other.refresh()
    prompt = session.position
    assert compact(log_of(store, key))
    session.messages.append({"text": "answer"}, after=prompt)
    with pytest.raises(Conflict):
        other.messages.append({"text": "another"}, after=prompt)
    assert texts(other) == ["a", "b", "answer"]


def test_position_survives_a_second_compaction(store: SessionStore, key: str) -> None:
    """Where only settings changed since, the place is still that of the first log."""
    session = store.open(key)
    littered(session)
    prompt = session.position
    assert compact(log_of(store, key))
    for number in range(200):
        session.settings["x"] = str(number) * 500
    assert compact(log_of(store, key))
    assert session.position == store.open(key).position == prompt
    session.messages.append({"text": "c"}, after=prompt)


def test_a_log_of_little_garbage_is_left_alone(store: SessionStore, key: str, path: Path) -> None:
    """What is not worth it, and what is not there, costs no write."""
    session = store.open(key)
    say(session, *["x" * 5000] * 30)
    before = path.stat()
    assert compact(log_of(store, key)) == 0
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert compact(log_of(store, "nobody")) == 0


def test_what_a_newer_release_wrote_is_left_to_it(
    store: SessionStore, key: str, path: Path
) -> None:
    """A record of unknown kind may mean anything, so nothing is thrown away beside it."""
    littered(store.open(key))
    data = path.read_bytes()
    frame, _ = record.frame(99, b"{}", record.scan(data).end)
    path.write_bytes(data + frame)
    assert compact(log_of(store, key)) == 0
    assert path.read_bytes() == data + frame


def test_what_is_said_meanwhile_is_not_lost(store: SessionStore, key: str, path: Path) -> None:
    """A record that comes after the copy was made stops the copy from taking the log's place."""
    session = store.open(key)
    littered(session)
    reading = log_of(store, key).read(Mark())
    say(session, "c")
    assert not _replace(log_of(store, key), reading, path.with_suffix(".never"))
    assert texts(store.open(key)) == ["a", "b", "c"]


def test_appends_note_garbage_and_housekeeping_compacts(
    store: SessionStore, key: str, path: Path
) -> None:
    """The one who appends knows; the next run cleans up, without a walk."""
    session = store.open(key)
    littered(session)
    assert Housekeeper(store.root, 1e6).run().compacted == 1
    assert path.stat().st_size < 500
    assert texts(session) == ["a", "b"]
    assert Housekeeper(store.root, 1e6).run().compacted == 0


def test_a_session_in_use_is_compacted_later(store: SessionStore, key: str, path: Path) -> None:
    """Nobody waits for a writer, and no writer is disturbed."""
    littered(store.open(key))
    with path.open("rb+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = Housekeeper(store.root, 1e6).run()
        assert (done.compacted, done.failure) == (0, "")
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_killed_before_any_file_operation(store: SessionStore, key: str, path: Path) -> None:
    """SIGKILL at every single point: the session reads, takes an append, and compacts later."""
    littered(store.open(key))
    whole = path.read_bytes()
    number, died = 1, True
    while died:
        path.write_bytes(whole)
        died = killed_before(number, lambda: compact(log_of(store, key)))
        session = store.open(key)
        assert texts(session) == ["a", "b"], number
        position = session.position
        assert dict(session.settings) == {"model": "model 19"}
        assert not session.refresh()
        session.messages.append({"text": "c"}, after=position)
        compact(log_of(store, key))
        assert path.stat().st_size < 600
        again = store.open(key)
        assert texts(again) == ["a", "b", "c"]
        assert again.position == session.position
        assert again.notice is None
        number += 1
    assert number > 20, "there were that many points"
    assert aside(path) == []


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC, errno.EROFS, errno.ESTALE])
def test_refused_at_any_file_operation(
    error: int, store: SessionStore, key: str, path: Path
) -> None:
    """Whatever the volume refuses, the log says what it said, and the next attempt succeeds."""
    littered(store.open(key))
    whole = path.read_bytes()

    def attempt() -> None:
        with contextlib.suppress(OSError, SessionError):
            compact(log_of(store, key))

    number = 1
    while True:
        path.write_bytes(whole)
        reached = refused_at(number, error, attempt)
        session = store.open(key)
        assert texts(session) == ["a", "b"], number
        compact(log_of(store, key))
        assert path.stat().st_size < 500, number
        assert texts(store.open(key)) == ["a", "b"]
        if not reached:
            break
        number += 1
    assert number > 20
    assert aside(path) == []


def test_writers_lose_nothing_to_compactions_killed_at_random(
    store: SessionStore, key: str
) -> None:
    """While compactions run and die, two writers' acknowledged records are all there, in order."""
    chance, pauses = random.Random(5), random.Random(6)  # noqa: S311 - repeatable
    stop = threading.Event()
    said: dict[str, list[int]] = {"a": [], "b": []}

    def write(name: str) -> None:
        session = SessionStore(store.root, patience=30).open(key)
        number = 0
        while not stop.is_set():
            session.messages.append({"text": f"{name} {number}"})
            said[name].append(number)
            session.settings[name] = "x" * 20_000 + str(number)
            number += 1
            time.sleep(pauses.random() / 10)  # a compaction only succeeds between two appends

    writers = [threading.Thread(target=write, args=(name,)) for name in said]
    for writer in writers:
        writer.start()
    done = 0
    try:
        with compactor(store.root, digest(key)) as kill:
            for number in range(30):
                done += kill(chance.random() / 20, after=number % 2)
    finally:
        stop.set()
    for writer in writers:
        writer.join(30)
    assert done >= 15, "every other was killed after a compaction"
    session = store.open(key)
    assert session.notice is None
    for name, numbers in said.items():
        mine = [str(text) for text in texts(session) if str(text).startswith(name)]
        assert mine == [f"{name} {number}" for number in numbers]
        assert len(numbers) > 10


def test_a_writer_whose_client_still_sees_the_old_file_finds_the_new_one(
    store: SessionStore, key: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on NFS: the old file keeps a link (a silly rename), and the name seems unchanged."""
    session = store.open(key)
    littered(session)
    old = path.with_suffix(".nfs0001")
    old.hardlink_to(path)
    assert compact(log_of(store, key))
    stale = {"left": 1}
    real_open, real_current = Log._open_in_folder, Log.current

    def opened(log: Log) -> int:
        return os.open(old, os.O_RDWR) if stale["left"] else real_open(log)

    def current(log: Log, fd: int) -> os.stat_result | None:
        return os.fstat(fd) if stale["left"] else real_current(log, fd)  # what cached names say

    def afresh(_: Log) -> bool:
        stale["left"] = 0
        return True

    monkeypatch.setattr(Log, "_open_in_folder", opened)
    monkeypatch.setattr(Log, "current", current)
    monkeypatch.setattr(Log, "look_afresh", afresh)
    say(session, "c")
    assert stale["left"] == 0
    assert texts(session) == texts(store.open(key)) == ["a", "b", "c"]


def test_a_reader_that_still_sees_the_old_file_looks_afresh(
    store: SessionStore, key: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look at a file that says it is superseded asks for the names anew, until they change."""
    reader, writer = store.open(key), store.open(key)
    littered(writer)
    reader.refresh()
    old = path.with_suffix(".old")
    old.hardlink_to(path)
    assert compact(log_of(store, key))
    new = path.with_suffix(".new")
    path.rename(new)
    old.rename(path)
    looks = []
    real = Log.look_afresh

    def counted(log: Log) -> bool:
        looks.append(log)
        return real(log)

    monkeypatch.setattr(Log, "look_afresh", counted)
    assert not reader.refresh()
    assert not reader.refresh()
    assert len(looks) == 2
    new.rename(path)
    say(store.open(key), "c")
    assert reader.refresh()
    assert texts(reader) == ["a", "b", "c"]
    looks.clear()
    assert not reader.refresh()
    assert looks == []


def test_an_append_after_a_compaction_that_died_makes_the_file_the_log_again(
    store: SessionStore, key: str, path: Path
) -> None:
    """The last word of a log that stayed is not the last any more."""
    session = store.open(key)
    say(session, "a")
    with log_of(store, key).writing() as writer:
        writer.catch_up(Mark())
        writer.append(Kind.SUPERSEDED, b"{}")
    assert store.open(key)._replay._mark.superseded
    inode = path.stat().st_ino
    say(session, "b")
    assert path.stat().st_ino == inode
    assert not store.open(key)._replay._mark.superseded
    assert texts(store.open(key)) == ["a", "b"]


@pytest.mark.parametrize("call", ["flock", "fstat", "pread"])
def test_a_writer_whose_file_went_while_it_waited_follows_the_name(
    call: str, store: SessionStore, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server may drop what is removed though somebody has it open: ESTALE, at any call."""
    session = store.open(key)
    say(session, "a")
    say(store.open(key), "b")
    module = fcntl if call == "flock" else os
    real, calls = getattr(module, call), []

    def once(*arguments: int) -> object:
        calls.append(call)
        if len(calls) == 1:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(module, call, once)
        say(session, "c")
    assert len(calls) > 1
    assert texts(session) == texts(store.open(key)) == ["a", "b", "c"]
