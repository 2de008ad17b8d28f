"""What one turn takes: an acknowledged append, by how many messages there are already."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, TypeVar

from app.sessions import mint
from bench.keeping.conversation import message, messages
from bench.keeping.volumes import settle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.keeping.conversation import Conversation
    from bench.keeping.volumes import Cost, Volume
    from bench.keeping.ways import Way

SIZES = (10, 100, 1_000, 10_000)  # messages
BURST = 4  # turns
SLOW_SECONDS = 0.05  # for a burst
SLOW_ROUNDS = 5
COUNTED_AT = 1_000
COUNTED_TURNS = 5

T = TypeVar("T")
Samples = dict[tuple["Way", int], list[float]]


class Series:
    """Turns of one way at one size; a conversation that has grown by half is replaced.

    It is replaced right after a burst, not before the next one: by then the new one is as settled
    as any.
    """

    def __init__(self, volume: Volume, way: Way, size: int) -> None:
        self.way = way
        self.size = size
        self.due = 0
        self._volume = volume
        self._conversation = self._prepared()

    def burst(self) -> list[float]:
        """Return the seconds of each of the next BURST turns.

        One more goes before them, and pays for what the contestant before has left in the caches.
        """
        self._append()
        seconds = [self._append() for _ in range(BURST)]
        if self._count >= self.size * 3 // 2:
            self.close()
            self._conversation = self._prepared()
        settle()  # or what this one leaves to be written takes somebody else's time
        return seconds

    def sit_out(self, number: int, seconds: float) -> None:
        """Choose the next round by how long this one's burst took; the slow are measured less."""
        self.due = number + (SLOW_ROUNDS if seconds > SLOW_SECONDS else 1)

    def cost(self) -> Cost:
        """Return what the next turn asks of the volume."""
        return self._volume.cost(self._volume.here, self._append)

    def close(self) -> None:
        """Close the conversation."""
        self._conversation.close()

    def _append(self) -> float:
        self._count += 1
        said = message(self._count)
        started = time.perf_counter()
        self._conversation.append(said)
        return time.perf_counter() - started

    def _prepared(self) -> Conversation:
        self._count = self.size
        return prepare(self._volume, self.way, self.size)


def prepare(volume: Volume, way: Way, size: int) -> Conversation:
    """Return a new conversation of so many messages; the first turn of this replica is over."""
    key = mint()
    filled = way(volume.behind, key)
    filled.fill(messages(size - 1))
    filled.close()
    conversation = way(volume.here, key)
    conversation.append(message(size))
    return conversation


def take_turns(volume: Volume, rounds: int, sizes: tuple[int, ...] = SIZES) -> Samples:
    """Return the seconds of BURST turns of each way at each size, in so many rounds of them all.

    Who is slow takes part in every SLOW_ROUNDS-th round only, so that the others, whose times are
    compared closely, follow each other closely, whatever else the machine does.
    """
    series = [Series(volume, way, size) for way in volume.ways for size in sizes]
    samples: Samples = {(each.way, each.size): [] for each in series}
    settle()
    for number in range(rounds):
        for each in shuffled([each for each in series if each.due <= number], number):
            seconds = each.burst()
            each.sit_out(number, sum(seconds))
            samples[each.way, each.size] += seconds
    for each in series:
        each.close()
    return samples


def count_turns(volume: Volume) -> dict[Way, list[Cost]]:
    """Return what each of some turns at COUNTED_AT messages asks of the volume, by way."""
    counted = {}
    for way in volume.ways:
        series = Series(volume, way, COUNTED_AT)
        counted[way] = [series.cost() for _ in range(COUNTED_TURNS)]
        series.close()
    return counted


def shuffled(contestants: Sequence[T], number: int) -> list[T]:
    """Return the contestants in an order that depends on the round alone.

    Not in turn: who always followed the same one would find what that one left in the caches.
    """
    order = random.Random(number)  # noqa: S311 - an order, no secret
    return order.sample(contestants, len(contestants))
