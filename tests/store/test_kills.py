"""Processes that are killed: nothing that was acknowledged is lost, doubled or out of order.

Acknowledged is what the dead process had told about through a pipe. At most one deed more may be
there: the one that was done, and died before it could be told.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from app.sessions import SessionStore, StoreBusy, mint
from app.sessions.compaction import compact
from tests.app.sessions.helpers import say, texts
from tests.store.children import Child
from tests.store.effort import EFFORT, chance
from tests.store.script import Script

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.sessions import Session
    from tests.store.conftest import Volume

KILLS_A_SESSION = 5  # so that logs that were just made are met often
MOST_DEEDS = 12  # before a kill
COMPACTOR_KILLS_A_WRITER = 5
DEEDS_OF_GARBAGE = 25  # after which there is enough of it
WRITERS = EFFORT.kills // 25  # each of whose sessions compactors are killed at
DEED_SECONDS = {"plain folder": 0.002, "EFS semantics": 0.03}


def carry_on(place: SessionStore, key: str, script: Script, done: int, pause: float = 0) -> Child:
    """Start a process that opens the session and does one thing after another.

    pause: up to so many seconds in between.
    """

    def work(report: Callable[[], None]) -> None:
        session = place.open(key)
        for number in count(done):
            script.perform(session, number)
            report()
            time.sleep(chance("pause", number).random() * pause)

    return Child(work)


def settle(script: Script, session: Session, done: int, acknowledged: int) -> int:
    """Assert that a session shows what was acknowledged, or one deed more.

    done: how many deeds the script had seen before. Returns how many those are now.
    """
    for number in range(done, done + acknowledged):
        script.expect(number)
    done += acknowledged
    if not script.agrees(session):
        script.expect(done)
        done += 1
        assert script.agrees(session)
    return done


def test_killed_writers_lose_nothing_acknowledged(
    volume: Volume, tell: Callable[..., None]
) -> None:
    """At random points, also while a log is made; each next one finds a whole log and goes on."""
    by = chance("kills", volume.kind)
    key, script, done = mint(), Script("none"), 0
    acknowledged = more = 0
    for kill in range(EFFORT.kills):
        if kill % KILLS_A_SESSION == 0:
            key, script, done = mint(), Script(f"{volume.kind} {kill}"), 0
        with carry_on(volume.store(kill), key, script, done) as writer:
            writer.wait_for(by.randrange(MOST_DEEDS))
            time.sleep(by.random() * DEED_SECONDS[volume.kind])
        reported = writer.reports
        session = volume.store(kill + 1).open(key)
        before, done = done, settle(script, session, done, reported)
        acknowledged, more = acknowledged + reported, more + done - before - reported
        script.perform(session, done)
        script.expect(done)
        done += 1
        volume.assert_clean(key)
        assert script.agrees(volume.store(kill + 2).open(key))
    assert acknowledged > EFFORT.kills
    assert more, "some died between the deed and its report, or the kills came at the wrong time"
    tell(kills_of_writers=EFFORT.kills, acknowledged=acknowledged, one_more=more)


def test_killed_compactors_lose_nothing_acknowledged(
    volume: Volume, tell: Callable[..., None]
) -> None:
    """While a writer goes on; in the end it is killed, too."""
    by = chance("compactors", volume.kind)
    compacted = 0
    for life in range(WRITERS):
        key, script = mint(), Script(f"compacted {volume.kind} {life}", littering=True)
        seconds = DEED_SECONDS[volume.kind]
        with carry_on(volume.store(0), key, script, 0, pause=4 * seconds) as writer:
            writer.wait_for(DEEDS_OF_GARBAGE)
            for kill in range(COMPACTOR_KILLS_A_WRITER):
                writer.wait_for(writer.reports + by.randrange(1, MOST_DEEDS))
                with compact_again_and_again(
                    volume.store(1 + kill, patience=0.2), key
                ) as compactor:
                    writer.wait_for(writer.reports + by.randrange(1, MOST_DEEDS))
                    time.sleep(by.random() * seconds)
                compacted += compactor.reports
        session = volume.store(2).open(key)
        done = settle(script, session, 0, writer.reports)
        compacted += compact(session._replay.log) > 0
        script.perform(session, done)
        script.expect(done)
        assert script.agrees(volume.store(3).open(key))
        assert compacted > life, "each time one came to its end, at the latest the last"
        drafts = {name for name in volume.files(key) if ".draft-" in name}
        assert set(volume.files(key)) - drafts == {".log"}
    tell(kills_of_compactors=WRITERS * COMPACTOR_KILLS_A_WRITER, compactions=compacted)


def compact_again_and_again(place: SessionStore, key: str) -> Child:
    """Start a process that compacts a session whenever there is garbage."""

    def work(report: Callable[[], None]) -> None:
        log, parent = place.open(key)._replay.log, os.getppid()
        while os.getppid() == parent:
            with suppress(StoreBusy):
                if compact(log):
                    report()

    return Child(work)


@pytest.mark.parametrize("first", [True, False], ids=["the first", "a later"])
def test_a_writer_that_dies_in_mid_write_at_any_byte(
    first: bool,  # noqa: FBT001 - pytest hands it over
    volume: Volume,
    tell: Callable[..., None],
) -> None:
    """Of a record, and of a new log's header: it is there whole or not at all, and no other is."""
    key = mint()
    kept: list[object] = ["before"]
    for size in count():
        if first:
            key, kept = mint(), []
        elif size == 0:
            say(volume.store(0).open(key), "before")
        whole = dies_after(size, volume.store(size), key)
        reader = volume.store(size + 1).open(key)
        assert texts(reader) == [*kept, *(["written in part"] if whole else [])], size
        kept = [*texts(reader), size]
        say(reader, size)
        assert texts(volume.store(size + 2).open(key)) == kept
        volume.assert_clean(key)
        assert reader.notice is None
        if whole:
            break
    assert size > (60 if first else 35), "there were that many bytes"
    tell(deaths_in_mid_write=size + 1)


def dies_after(size: int, place: SessionStore, key: str) -> bool:
    """Append in a process that dies when so many bytes are written; return whether that was all."""
    write = os.pwrite

    def work(report: Callable[[], None]) -> None:
        def some(fd: int, data: bytes | memoryview, offset: int) -> int:
            whole = bytes(data)
            write(fd, whole[:size], offset)
            if size >= len(whole):
                report()
            os.kill(os.getpid(), signal.SIGKILL)
            return 0

        session = place.open(key)
        with mock.patch("os.pwrite", some):
            say(session, "written in part")

    child = Child(work)
    child.gone()
    return child.reports == 1
