"""What it takes to have a conversation back, on a replica that has not seen it."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.sessions import mint
from bench.keeping.conversation import messages
from bench.keeping.turns import shuffled
from parity.errors import ParityError

if TYPE_CHECKING:
    from bench.keeping.conversation import Message
    from bench.keeping.volumes import Cost, Volume
    from bench.keeping.ways import Way

LENGTH = 1_000  # messages
WARM_UPS = 2  # the replica has been running: it has restored others before


@dataclass(frozen=True)
class Restored:
    """One restore: seconds, and what it asked of the volume."""

    seconds: float
    cost: Cost


def restore_in_rounds(
    volume: Volume, rounds: int, length: int = LENGTH
) -> dict[Way, list[Restored]]:
    """Return so many restores by way, interleaved; each is of another conversation."""
    said = messages(length)
    keys = {
        way: deque(_keep(volume, way, said) for _ in range(WARM_UPS + rounds))
        for way in volume.ways
    }
    for way in volume.ways:
        for _ in range(WARM_UPS):
            way.restore(volume.there, keys[way].popleft())
    found: dict[Way, list[Restored]] = {way: [] for way in volume.ways}
    for number in range(rounds):
        for way in shuffled(volume.ways, number):
            found[way].append(_restore(volume, way, keys[way].popleft(), said))
    return found


def _keep(volume: Volume, way: Way, said: list[Message]) -> str:
    key = mint()
    conversation = way(volume.behind, key)
    conversation.fill(said)
    conversation.close()
    return key


def _restore(volume: Volume, way: Way, key: str, said: list[Message]) -> Restored:
    got: list[Message] = []
    seconds = 0.0

    def restore() -> None:
        nonlocal got, seconds
        started = time.perf_counter()
        got = way.restore(volume.there, key)
        seconds = time.perf_counter() - started

    cost = volume.cost(volume.there, restore)
    if got != said:
        raise ParityError(f"{way.name}: what was restored is not what was said")
    return Restored(seconds, cost)
