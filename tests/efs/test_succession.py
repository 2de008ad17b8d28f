"""Compactions on one mount, writers and readers on others: what clients cache must lose nothing."""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING

from app.sessions import SessionStore, digest, mint
from app.sessions.compaction import compact
from app.sessions.log import Log
from tests.app.sessions.helpers import compact_until_killed, texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Mount = Callable[..., list[Path]]

LITTER = "x" * 40_000


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
    done, kills, deadline = 0, 0, time.monotonic() + 90
    while (done < 4 or kills < 6) and time.monotonic() < deadline:
        done += compact_until_killed(third, digest(key), chance.random() / 2)
        kills += 1
    stop.set()
    for each in writers:
        each.join(90)
    assert failures == []
    assert done >= 4, "so many compactions came to their end"
    for place in (*writing, third):
        session = SessionStore(place).open(key)
        assert session.notice is None
        for number in (0, 1):
            mine = [text for text in texts(session) if str(text).startswith(f"{number} ")]
            assert mine == said[number]
            assert len(mine) > 5
