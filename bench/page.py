"""How fast the page is, and what a replica needs: the kit, a bare page, and the article's way.

The contestants take turns (A B C A B C ...), so that what else the machine does meets all alike.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from app.browser.names import SESSION_COOKIE
from bench import browser as web
from bench.apps.conversation import MESSAGES
from bench.report import Report, Row, Target, run_as_program, show
from bench.stack import (
    ARTICLE,
    BARE,
    CONTESTANTS,
    KIT,
    Stack,
    cookie_for,
    execute,
    memory_mib,
    resident_mib,
    running_stack,
)
from parity import console
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

    from bench.stack import Contestant

REFRESHES = 20
WARM_UPS = 4
COLD_VISITS = 12
CHATS = 3
ATTEMPTS = 5
ARTICLE_ITEM = "session_id"
PROMPT = "What does one chat cost?"

Samples = dict[str, list[float | None]]
Round = dict[str, float | None]


@dataclass
class Measured:
    """Every sample by contestant: seconds (None: gave up), and MiB."""

    refresh: Samples
    first_visit: Samples
    memory: Samples
    resident: Samples


def measure() -> Measured:
    """Run the comparison on a stack of its own."""
    with running_stack() as stack, web.open_browser() as browser:
        with console.step(f"Memory after one chat, {CHATS} fresh replicas each"):
            memory, resident = _memory(stack, browser)
        with console.step(f"Refresh on another replica, {REFRESHES} times each"):
            refresh = _refreshes(stack, browser)
        with console.step(f"First visit on cold replicas, {COLD_VISITS} times each"):
            first_visit = _first_visits(stack, browser)
    return Measured(refresh, first_visit, memory, resident)


def _memory(stack: Stack, browser: Browser) -> tuple[Samples, Samples]:
    memory, resident = _no_samples(), _no_samples()
    for _ in range(CHATS):
        stack.start_afresh(sticky=True)
        for contestant in CONTESTANTS:
            page = web.visitor(browser)
            _open(page, stack, contestant)
            if contestant != BARE:
                web.chat(page, PROMPT)
            replica = stack.replicas(contestant)[web.replica_shown(page)]
            memory[contestant.name].append(memory_mib(replica))
            resident[contestant.name].append(resident_mib(replica))
            page.context.close()
    return memory, resident


def _refreshes(stack: Stack, browser: Browser) -> Samples:
    """Return the seconds of each refresh; every one is on another replica than the one before."""
    stack.start_afresh(sticky=True)
    pages = {each: _page_with_conversation(stack, browser, each) for each in CONTESTANTS}
    samples = _no_samples()
    for turn in range(WARM_UPS + REFRESHES):
        seconds = _undisturbed(partial(_refresh_round, stack, pages, _in_turn(turn)))
        if turn >= WARM_UPS:
            _add(seconds, samples)
    for page in pages.values():
        page.context.close()
    return samples


def _page_with_conversation(stack: Stack, browser: Browser, contestant: Contestant) -> Page:
    """Return a page that shows the conversation.

    The page that the key came from is gone by then, for the article's app would write over what is
    put on the volume behind its back.
    """
    first = web.visitor(browser)
    _open(first, stack, contestant)
    key = _key(first, contestant)
    known = first.context.storage_state()
    first.context.close()
    if key:
        replica = next(iter(stack.replicas(contestant).values()))
        execute(replica, "python3", "/srv/bench/apps/seed.py", contestant.name, key)
    page = web.visitor(browser, messages=len(MESSAGES), known=known)
    _open(page, stack, contestant)
    return page


def _open(page: Page, stack: Stack, contestant: Contestant) -> None:
    """Open the contestant's page; one that hangs is loaded again, as a user would."""
    for _ in range(ATTEMPTS):
        with suppress(web.NetworkChanged):
            if web.visit(page, stack.url(contestant)) is not None:
                return
    raise ParityError(f"{contestant.name}: the page never became usable", detail=web.text(page))


def _key(page: Page, contestant: Contestant) -> str:
    """Return what the contestant knows this browser by; nothing for the bare page."""
    if contestant == KIT:
        return web.cookie(page, SESSION_COOKIE)
    return web.stored(page, ARTICLE_ITEM) if contestant == ARTICLE else ""


def _refresh_round(
    stack: Stack, pages: dict[Contestant, Page], contestants: list[Contestant]
) -> Round:
    return {each.name: _refresh_elsewhere(stack, each, pages[each]) for each in contestants}


def _refresh_elsewhere(stack: Stack, contestant: Contestant, page: Page) -> float | None:
    replicas = stack.replicas(contestant)
    before = web.replica_shown(page)
    other = next(name for name in replicas if name != before)
    web.bind(page, page.url, cookie_for(replicas[other]))
    try:
        seconds = web.refresh(page)
    except web.NetworkChanged:
        _open(page, stack, contestant)
        raise
    if seconds is not None and web.replica_shown(page) != other:
        raise ParityError(f"{contestant.name}: '{other}' should have served the refresh")
    return seconds


def _first_visits(stack: Stack, browser: Browser) -> Samples:
    samples = _no_samples()
    for turn in range(COLD_VISITS):
        _add(_undisturbed(partial(_visit_round, stack, browser, _in_turn(turn))), samples)
    return samples


def _visit_round(stack: Stack, browser: Browser, contestants: list[Contestant]) -> Round:
    stack.start_afresh(sticky=False)
    seconds: Round = {}
    for contestant in contestants:
        page = web.visitor(browser)
        try:
            seconds[contestant.name] = web.visit(page, stack.url(contestant))
            if seconds[contestant.name] is None:
                console.note(f"{contestant.name} was given up; the page shows: {web.text(page)!r}")
        finally:
            page.context.close()
    return seconds


def _undisturbed(measure_round: Callable[[], Round]) -> Round:
    """Measure one round of all contestants, again if the host's network changed meanwhile."""
    for _ in range(ATTEMPTS):
        try:
            return measure_round()
        except web.NetworkChanged:
            console.note("the host's network changed: this round does not count")
    raise ParityError(
        f"the host's network changed in {ATTEMPTS} rounds running",
        hint="stop what starts and stops containers on this machine, then try again",
    )


def _add(seconds: Round, samples: Samples) -> None:
    for name, value in seconds.items():
        samples[name].append(value)


def _in_turn(turn: int) -> list[Contestant]:
    """Return the contestants, each first as often as the others."""
    first = turn % len(CONTESTANTS)
    return [*CONTESTANTS[first:], *CONTESTANTS[:first]]


def _no_samples() -> Samples:
    return {each.name: [] for each in CONTESTANTS}


def report(measured: Measured) -> Report:
    """Sum up: medians, ratios to the bare page, and how often a page never came."""
    refresh, first_visit = medians(measured.refresh), medians(measured.first_visit)
    memory = medians(measured.memory)
    rows = [
        Row("refresh with 20 messages on another replica", "s", refresh),
        Row("  against a bare page", "x", ratios(refresh)),
        Row("  never ready within 15 s", "", hangs(measured.refresh)),
        Row("first visit on a cold replica, no stickiness", "s", first_visit),
        Row("  against a bare page", "x", ratios(first_visit)),
        Row("  never ready within 15 s", "", hangs(measured.first_visit)),
        Row("memory of a replica that served one chat", "MiB", memory),
        Row("  resident, its largest process", "MiB", medians(measured.resident)),
    ]
    targets = [
        Target(
            "refresh on another replica, against a bare page", 1.10, ratios(refresh)[KIT.name], "x"
        ),
        Target(
            "first visit on a cold replica, against a bare page",
            1.5,
            ratios(first_visit)[KIT.name],
            "x",
        ),
        Target("first visits that hang", 0, hangs(measured.first_visit)[KIT.name], ""),
        Target("memory of a replica that served one chat", 90, memory[KIT.name], "MiB"),
    ]
    return Report(rows, targets)


def medians(samples: Samples) -> dict[str, float | None]:
    """Return each contestant's median of what was not given up; None if all was."""
    return {
        name: _median([value for value in values if value is not None])
        for name, values in samples.items()
    }


def ratios(values: dict[str, float | None]) -> dict[str, float | None]:
    """Return each contestant's value against the bare page's."""
    bare = values[BARE.name]
    return {
        name: value / bare if value is not None and bare else None for name, value in values.items()
    }


def hangs(samples: Samples) -> dict[str, float | None]:
    """Return how often each contestant was given up."""
    return {name: values.count(None) for name, values in samples.items()}


def _median(values: list[float]) -> float | None:
    return median(values) if values else None


def main(*, json: bool = False) -> int:
    """Measure, print and return the exit code: 1 if a target is missed."""
    return show(report(measure()), json=json)


if __name__ == "__main__":
    run_as_program(main)
