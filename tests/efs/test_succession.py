"""Compactions on one mount, writers and readers on others: what clients cache must lose nothing."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from app.sessions import Session, SessionStore, digest, files, lock, mint, succession
from app.sessions.compaction import compact
from app.sessions.log import Log
from parity.efs.control import read_counters
from tests.app.sessions.helpers import compactor, say, texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Mount = Callable[..., list[Path]]

LITTER = "x" * 40_000
SERVERS = pytest.mark.parametrize("keeps_unlinked", [True, False])


def log_at(place: Path, key: str) -> Log:
    """Return the log of a key as the client mounted there sees it."""
    return Log(place, digest(key), "x", 5)


@SERVERS
def test_who_missed_the_last_step_does_not_write_to_what_it_replaced(
    mount: Mount, monkeypatch: pytest.MonkeyPatch, *, keeps_unlinked: bool
) -> None:
    """The successor becomes the log right between a writer's fresh look and its question for it.

    The writer has made a file where it found none. That is gone, and its client knows nothing of
    it: the name is as fresh as that look, and the file as its lock.
    """
    here, there = mount(2, pace=0, keeps_unlinked=keeps_unlinked)
    key = mint()
    session = SessionStore(here).open(key)
    say(session, "a")
    log = log_at(there, key)
    log.path.rename(log.successor)
    look_afresh = Log.look_afresh

    def too_early(self: Log) -> bool:
        found = look_afresh(self)
        if log.successor.exists():
            log.successor.rename(log.path)
        return found

    monkeypatch.setattr(Log, "look_afresh", too_early)
    say(session, "b")
    assert texts(session) == texts(SessionStore(there).open(key)) == ["a", "b"]


@SERVERS
def test_who_waited_for_the_successor_does_not_remove_it(
    mount: Mount, *, keeps_unlinked: bool
) -> None:
    """Its client still knows it by its old name, and would clear the place for it: the log's own.

    For what a client replaces and has open, it renames first, by name; and removes it at the end.
    """
    here, there = mount(2, pace=0, keeps_unlinked=keeps_unlinked)
    key = mint()
    session = SessionStore(here).open(key)
    say(session, "a")
    log = log_at(there, key)
    log.path.rename(log.successor)
    writer = threading.Thread(target=say, args=(session, "b"))
    fd = files.open_to_change(log.successor)
    try:
        lock.acquire(fd, 5)
        asked = read_counters(here)["operations"].get("LOCK", 0)
        writer.start()
        deadline = time.monotonic() + 10
        while read_counters(here)["operations"].get("LOCK", 0) < asked + 3:
            assert time.monotonic() < deadline, "it does not wait"
        log.successor.rename(log.path)
    finally:
        files.close(fd)
    writer.join(10)
    assert texts(session) == texts(SessionStore(there).open(key)) == ["a", "b"]


@SERVERS
def test_writers_that_come_in_between_lose_nothing(
    mount: Mount, monkeypatch: pytest.MonkeyPatch, *, keeps_unlinked: bool
) -> None:
    """Three clients append while a fourth replaces the log, and takes its time between two renames.

    They do meet the moment without a log, or the test says nothing.
    """
    *writing, compacting = mount(4, pace=0, keeps_unlinked=keeps_unlinked)
    key, chance = mint(), random.Random(7)  # noqa: S311 - repeatable
    sessions = [SessionStore(place, patience=60).open(key) for place in writing]
    log, begun, met = log_at(compacting, key), threading.Event(), []
    rename, is_log = succession._rename, succession.is_log

    def rename_slowly(self: Log) -> None:
        if self.root == compacting:
            begun.set()
            silly = self.path.rename(self.path.with_name(f".nfs{chance.getrandbits(64):016x}"))
            time.sleep(chance.random() / 100)
            rename(self)
            silly.unlink()
        else:
            rename(self)

    def is_log_counted(self: Log, empty: int) -> bool:
        met.append(is_log(self, empty))
        return met[-1]

    monkeypatch.setattr(succession, "_rename", rename_slowly)
    monkeypatch.setattr(succession, "is_log", is_log_counted)

    def write(session: Session, text: str, delay: float) -> None:
        assert begun.wait(10)
        time.sleep(delay)
        say(session, text)

    expected = set()
    with ThreadPoolExecutor(len(sessions)) as threads:
        for number in range(25):
            sessions[0].settings["x"] = LITTER * 4
            sessions[0].settings["x"] = number
            begun.clear()
            texts_now = [f"{number} {name}" for name in range(len(sessions))]
            delays = [chance.random() / 100 for _ in sessions]
            writes = threads.map(write, sessions, texts_now, delays)
            assert compact(log)
            list(writes)
            expected |= set(texts_now)
    found = [str(text) for text in texts(SessionStore(compacting).open(key))]
    assert set(found) == expected
    assert len(found) == len(expected)
    assert False in met


def test_a_log_is_never_missed_while_another_client_replaces_it(mount: Mount) -> None:
    """The name is gone for a moment, as the client that has the old file open renames it first.

    That moment happens, or the test says nothing; who reads in it sees the session, and who appends
    in it loses nothing.
    """
    here, there = mount(2)
    key = mint()
    path = there.parent / "volume" / "sessions" / digest(key)[:3] / f"{digest(key)}.log"
    writer = SessionStore(here).open(key)
    writer.messages.append({"text": 0})
    stop, missed, seen = threading.Event(), [], []

    def watch() -> None:
        while not stop.is_set():
            if not path.exists():
                missed.append(1)

    def read() -> None:
        while not stop.is_set():
            session = SessionStore(here).open(key)
            seen.append((session.exists, len(session.messages) > 0, session.notice))

    watchers = [threading.Thread(target=each) for each in (watch, read)]
    for each in watchers:
        each.start()
    said, deadline = 1, time.monotonic() + 60
    while said < 24 or (not missed and time.monotonic() < deadline):
        for _ in range(4):
            writer.settings["x"] = LITTER + str(said)
            writer.messages.append({"text": said})
            said += 1
        assert compact(Log(there, digest(key), "x", 5))
    stop.set()
    for each in watchers:
        each.join(30)
    assert missed
    assert set(seen) == {(True, True, None)}
    assert texts(SessionStore(there).open(key)) == [*range(said)]


def test_writers_on_two_mounts_lose_nothing_to_a_compactor_killed_on_a_third(mount: Mount) -> None:
    """Nothing acknowledged is lost, doubled or out of order, and no append fails."""
    *writing, third = mount(3)
    key, chance, stop = mint(), random.Random(7), threading.Event()  # noqa: S311 - repeatable
    said: list[list[str]] = [[], []]
    failures: list[Exception] = []

    def write(number: int) -> None:
        session = SessionStore(writing[number], patience=60).open(key)
        while not stop.is_set():
            text = f"{number} {len(said[number])}"
            try:
                session.messages.append({"text": text})
                said[number].append(text)
                session.settings[str(number)] = LITTER + text
            except Exception as error:  # noqa: BLE001 - any at all is what is looked for
                failures.append(error)
            time.sleep(random.random() / 5)  # noqa: S311

    writers = [threading.Thread(target=write, args=(number,)) for number in (0, 1)]
    for each in writers:
        each.start()
    done = 0
    try:
        with compactor(third, digest(key)) as kill:
            for number in range(8):
                done += kill(chance.random() / 2, after=number % 2)
    finally:
        stop.set()
    for each in writers:
        each.join(90)
    assert failures == []
    assert done >= 4, "every other was killed after a compaction"
    for place in (*writing, third):
        session = SessionStore(place).open(key)
        assert session.notice is None
        for number in (0, 1):
            mine = [text for text in texts(session) if str(text).startswith(f"{number} ")]
            assert mine == said[number]
            assert len(mine) > 5
