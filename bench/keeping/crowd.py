"""Many sessions that are written to at the same time, by the threads of one replica."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

from bench.keeping.conversation import message
from bench.keeping.turns import prepare, shuffled
from bench.keeping.volumes import settle

if TYPE_CHECKING:
    from bench.keeping.conversation import Conversation
    from bench.keeping.volumes import Volume
    from bench.keeping.ways import Way

SESSIONS = 50
LENGTH = 100  # messages that each has to begin with
SECONDS = 1.0


def turns_a_second(
    volume: Volume, rounds: int, sessions: int = SESSIONS, seconds: float = SECONDS
) -> dict[Way, list[float]]:
    """Return by way, for each round, how many turns of all sessions were acknowledged a second."""
    crowds = {way: [prepare(volume, way, LENGTH) for _ in range(sessions)] for way in volume.ways}
    found: dict[Way, list[float]] = {way: [] for way in volume.ways}
    for number in range(rounds):
        for way in shuffled(volume.ways, number):
            settle()
            found[way].append(_press(crowds[way], seconds))
    for crowd in crowds.values():
        for conversation in crowd:
            conversation.close()
    return found


def _press(crowd: list[Conversation], seconds: float) -> float:
    together = Barrier(len(crowd))
    said = message(0)

    def press_on(conversation: Conversation) -> tuple[int, float, float]:
        conversation.append(said)  # a thread's own connection is there by now
        together.wait()
        started, turns = time.perf_counter(), 0
        while time.perf_counter() < started + seconds:
            conversation.append(said)
            turns += 1
        return turns, started, time.perf_counter()

    with ThreadPoolExecutor(len(crowd)) as threads:
        done = list(threads.map(press_on, crowd))
    took = max(ended for *_, ended in done) - min(started for _, started, _ in done)
    return sum(turns for turns, *_ in done) / took
