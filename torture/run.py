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
from torture.browser import BrowserClient
from torture.chatting import Budget, chat, look
from torture.check import check
from torture.client import Client
from torture.explaining import unexplained
from torture.history import History
from torture.logs import LogWatch
from torture.nemesis import possible, schedule
from torture.stored import stored_turns
from torture.striking import strike

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from parity.cluster.compose import Compose
    from torture.check import Finding
    from torture.nemesis import Strike
    from torture.striking import Struck

DAMAGED = ".damaged-"  # see app/sessions/layout.py


@dataclass(frozen=True)
class Wanted:
    """What to do: at most so many turns, in at most so many minutes, by so many clients.

    only: the names of the faults to choose from; empty for all that can be made.
    """

    turns: int
    seed: int
    minutes: float
    clients: int
    only: Collection[str] = ()


@dataclass(frozen=True)
class Outcome:
    """What was done and found. seconds: how long clients chatted; on_efs: on EFS semantics."""

    wanted: Wanted
    replicas: int
    on_efs: bool
    seconds: float
    histories: list[History]
    struck: list[Struck]
    complaints: int
    findings: list[Finding]


def torture(wanted: Wanted, say: Callable[[str], None]) -> Outcome:
    """Torture the local stack that the environment names, and leave it mended.

    Raises ParityError where it is not up, or a fault cannot be made or mended.
    """
    return asyncio.run(_torture(Local(), wanted, say))


async def _torture(target: Local, wanted: Wanted, say: Callable[[str], None]) -> Outcome:
    await asyncio.to_thread(target.cluster.wait_healthy)
    replicas = await asyncio.to_thread(target.cluster.replicas)
    began, began_at = time.monotonic(), time.time()

    def clock() -> float:
        return time.monotonic() - began

    faults = possible(target.abilities, wanted.only)
    strikes = schedule(wanted.seed, wanted.minutes * 60, len(replicas), faults)
    histories = [History(number) for number in range(1, wanted.clients + 1)]
    over = asyncio.Event()
    with LogWatch(target.cluster.running, began_at) as watch:
        nemesis = asyncio.create_task(_strike(target.cluster, strikes, over, clock, say))
        try:
            await _chat(target, wanted, histories, clock)
        finally:
            over.set()
            seconds, struck = clock(), await nemesis
        say("All is mended; look at each session from each replica")
        names = {replica.hostname for replica in await asyncio.to_thread(target.cluster.replicas)}
        known = [each for each in histories if each.key]
        await asyncio.gather(*(look(target, each, names) for each in known))
    findings = await asyncio.to_thread(_check, target, histories)
    findings += unexplained(histories, watch.complaints, struck, began_at)
    return Outcome(
        wanted=wanted,
        replicas=len(replicas),
        on_efs=target.cluster.on_efs,
        seconds=seconds,
        histories=histories,
        struck=struck,
        complaints=len(watch.complaints),
        findings=findings,
    )


async def _chat(
    target: Local, wanted: Wanted, histories: Iterable[History], clock: Callable[[], float]
) -> None:
    """Let all clients chat, the first of them in a real browser."""
    budget = Budget(wanted.turns, wanted.minutes * 60)
    async with asyncio.TaskGroup() as group:
        for each in histories:
            random = Random(f"{wanted.seed} {each.client}")  # noqa: S311 - no secret
            group.create_task(chat(_client(target, each.client), each, budget, random, clock))


def _client(target: Local, number: int) -> BrowserClient | Client:
    if number == 1:
        return BrowserClient(target.url, target.browser_arguments)
    return Client(target.url, tls=target.tls)


async def _strike(
    cluster: Compose,
    strikes: Iterable[Strike],
    over: asyncio.Event,
    clock: Callable[[], float],
    say: Callable[[str], None],
) -> list[Struck]:
    """Strike when it is time, until the clients are done; the last one is mended all the same."""
    struck = []
    for each in strikes:
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), max(0.0, each.at - clock()))
        if over.is_set():
            break
        say(f"{clock():.0f} s: {each.fault.name}, for {each.lasts:.0f} s")
        struck.append(await asyncio.to_thread(strike, cluster, each, clock))
    return struck


def _check(target: Local, histories: list[History]) -> list[Finding]:
    files = sorted(map(str, target.volume.files()))
    findings = []
    for each in histories:
        records = target.volume.records(each.key) if each.key else []
        log = f"{digest(each.key)}.log{DAMAGED}"
        findings += check(each, stored_turns(records), [name for name in files if log in name])
    return findings
