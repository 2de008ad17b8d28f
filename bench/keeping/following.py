"""How long until a replica sees what was acknowledged on another one; of the kit's store alone."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from app.sessions import Follower, SessionStore, mint
from bench.keeping.conversation import message
from parity.errors import ParityError

if TYPE_CHECKING:
    from bench.keeping.volumes import Volume

SESSIONS = 8
GIVE_UP_SECONDS = 10.0


def delays(volume: Volume, records: int, sessions: int = SESSIONS) -> list[float]:
    """Return the seconds from acknowledged `here` to seen `there`, of each record of each session.

    The sessions are written to and followed side by side, each at moments of its own.
    """
    with ThreadPoolExecutor(sessions) as threads:
        return [
            delay
            for found in threads.map(lambda _: _follow(volume, records), range(sessions))
            for delay in found
        ]


def _follow(volume: Volume, records: int) -> list[float]:
    key = mint()
    writer = SessionStore(volume.here).open(key)
    writer.messages.append(message(0))
    follower = Follower(SessionStore(volume.there).open(key))
    found = []
    with ThreadPoolExecutor(1) as thread:
        for number in range(1, records + 1):
            seen = thread.submit(_see, follower, number + 1)
            time.sleep(random.random())  # noqa: S311 - no secret
            writer.messages.append(message(number))
            acknowledged = time.monotonic()
            found.append(max(0.0, seen.result() - acknowledged))
    return found


def _see(follower: Follower, count: int) -> float:
    """Return when so many messages were seen."""
    while len(follower.session.messages) < count:
        if not follower.wait(GIVE_UP_SECONDS):
            raise ParityError(f"a record was not seen within {GIVE_UP_SECONDS:.0f} s")
    return time.monotonic()
