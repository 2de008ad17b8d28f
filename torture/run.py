"""One run: clients chat while the nemesis strikes; then all is mended, looked at and checked."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from app.sessions import digest
from e2e.target import Local
from torture.chatting import Budget, chat, look
from torture.check import check
from torture.history import History
from torture.nemesis import possible, schedule
from torture.stored import stored_turns
from torture.striking import Striker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from torture.check import Finding
    from torture.nemesis import Strike
    from torture.striking import Struck

DAMAGED = ".damaged-"  # see app/sessions/layout.py


@dataclass(frozen=True)
class Wanted:
    """What to do: at most so many turns, in at most so many minutes, by so many clients."""

    turns: int
    seed: int
    minutes: float
    clients: int


@dataclass(frozen=True)
class Outcome:
    """What was done and found. seconds: how long clients chatted; on_efs: on EFS semantics."""

    wanted: Wanted
    replicas: int
    on_efs: bool
    seconds: float
    histories: list[History]
    struck: list[Struck]
    findings: list[Finding]


def torture(wanted: Wanted, say: Callable[[str], None]) -> Outcome:
    """Torture the local stack that the environment names, and leave it mended.

    Raises ParityError where it is not up, or a fault cannot be made or mended.
    """
    return asyncio.run(_torture(Local(), wanted, say))


async def _torture(target: Local, wanted: Wanted, say: Callable[[str], None]) -> Outcome:
    await asyncio.to_thread(target.cluster.wait_healthy)
    replicas = await asyncio.to_thread(target.cluster.replicas)
    on_efs = "efs" not in target.lacks
    began = time.monotonic()

    def clock() -> float:
        return time.monotonic() - began

    striker = Striker(target.cluster, target.efs if on_efs else None, clock)
    faults = possible(target.abilities, on_efs=on_efs)
    strikes = schedule(wanted.seed, wanted.minutes * 60, len(replicas), faults)
    budget = Budget(wanted.turns, wanted.minutes * 60)
    histories = [History(number) for number in range(1, wanted.clients + 1)]
    over = asyncio.Event()
    nemesis = asyncio.create_task(_strike(striker, strikes, over, say))
    try:
        await asyncio.gather(
            *(
                chat(target.url, each, budget, Random(f"{wanted.seed} {each.client}"), clock)  # noqa: S311 - no secret
                for each in histories
            )
        )
    finally:
        over.set()
        seconds, struck = clock(), await nemesis
    say("All is mended; look at each session from each replica")
    names = {replica.hostname for replica in await asyncio.to_thread(target.cluster.replicas)}
    known = [each for each in histories if each.key]
    await asyncio.gather(*(look(target.url, each, names) for each in known))
    findings = await asyncio.to_thread(_check, target, histories)
    return Outcome(wanted, len(replicas), on_efs, seconds, histories, struck, findings)


async def _strike(
    striker: Striker, strikes: Iterable[Strike], over: asyncio.Event, say: Callable[[str], None]
) -> list[Struck]:
    """Strike when it is time, until the clients are done; the last one is mended all the same."""
    struck = []
    for strike in strikes:
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), max(0.0, strike.at - striker.clock()))
        if over.is_set():
            break
        say(f"{striker.clock():.0f} s: {strike.fault} for {strike.lasts:.0f} s")
        struck.append(await asyncio.to_thread(striker.strike, strike))
    return struck


def _check(target: Local, histories: list[History]) -> list[Finding]:
    files = sorted(map(str, target.volume.files()))
    findings = []
    for each in histories:
        records = target.volume.records(each.key) if each.key else []
        log = f"{digest(each.key)}.log{DAMAGED}"
        findings += check(each, stored_turns(records), [name for name in files if log in name])
    return findings
