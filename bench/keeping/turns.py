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
APPENDING_ROUNDS, REWRITING_ROUNDS = 12, 3  # of a heat
COUNTED_AT = 1_000
COUNTED_TURNS = 5

T = TypeVar("T")
Samples = dict[tuple["Way", int], list[float]]


class Series:
    """Turns of one way at one size; a conversation that has grown by half is replaced."""

    def __init__(self, volume: Volume, way: Way, size: int) -> None:
        self.way = way
        self.size = size
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
        if self.way.rewrites:
            settle()  # or what this one leaves to be written takes somebody else's time
        return seconds

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


def take_turns(volume: Volume, heats: int, sizes: tuple[int, ...] = SIZES) -> Samples:
    """Return the seconds of turns of each way at each size, in so many heats of all of them.

    In a heat there are first rounds of those that append, then fewer rounds of those that write
    the whole conversation each turn: next to these, who is quick is measured by what a busy
    neighbour leaves of processor, caches and disk.
    """
    series = [Series(volume, way, size) for way in volume.ways for size in sizes]
    appending = [each for each in series if not each.way.rewrites]
    rewriting = [each for each in series if each.way.rewrites]
    samples: Samples = {(each.way, each.size): [] for each in series}
    settle()
    for heat in range(heats):
        for group, rounds in ((appending, APPENDING_ROUNDS), (rewriting, REWRITING_ROUNDS)):
            for number in range(rounds):
                for each in shuffled(group, heat * rounds + number):
                    samples[each.way, each.size] += each.burst()
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
