"""Eight processes that write to one session at once, through four clients."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from app.sessions import SessionStore, mint
from tests.store.effort import EFFORT

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.synchronize import Barrier
    from pathlib import Path

    from tests.store.conftest import Volume

WRITERS = 8
PATIENCE = 120.0  # seconds; whoever waits for seven others may be unlucky many times
TOGETHER = 5  # appends after which all wait for each other, and begin together


def append_many(root: Path, key: str, name: int, times: int, round_: Barrier) -> None:
    """Append numbered messages."""
    session = SessionStore(root, patience=PATIENCE).open(key)
    for number in range(times):
        if number % TOGETHER == 0:
            round_.wait(PATIENCE)
        session.messages.append({"writer": name, "number": number})


def test_nothing_is_lost_doubled_or_reordered(volume: Volume, tell: Callable[..., None]) -> None:
    """Each message is there once, each writer's in its order, through whichever client."""
    key = mint()
    spawn = multiprocessing.get_context("spawn")
    round_ = spawn.Barrier(WRITERS)
    mounts, times = volume.mounts, EFFORT.appends
    writers = [
        spawn.Process(
            target=append_many, args=(mounts[name % len(mounts)], key, name, times, round_)
        )
        for name in range(WRITERS)
    ]
    started = time.monotonic()
    for writer in writers:
        writer.start()
    try:
        for writer in writers:
            writer.join()
    finally:
        for writer in writers:
            writer.kill()
    seconds = time.monotonic() - started
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    for replica in range(len(mounts)):
        session = volume.store(replica).open(key)
        assert session.notice is None
        found = [(message["writer"], message["number"]) for message in session.messages]
        assert sorted(found) == [(name, n) for name in range(WRITERS) for n in range(times)]
        for name in range(WRITERS):
            assert [n for who, n in found if who == name] == list(range(times))
    for start in range(0, len(found), WRITERS * TOGETHER):
        round_of_all = Counter(name for name, _ in found[start : start + WRITERS * TOGETHER])
        assert set(round_of_all.values()) == {TOGETHER}, "they really wrote at the same time"
    turns = sum(one[0] != other[0] for one, other in pairwise(found))
    volume.assert_clean(key)
    tell(appends=len(found), turns=turns, ms_an_append=round(1000 * seconds / len(found), 1))
