"""How fast the page is, and what a replica needs: the kit, a bare page, and the article's way.

The contestants take turns (A B C A B C ...), so that what else the machine does meets all alike.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bench import browser as web
from bench.apps.conversation import MESSAGES
from bench.report import Report, Row, Target, show
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
    from playwright.sync_api import Browser, Page

    from bench.stack import Contestant

REFRESHES = 20
WARM_UPS = 4
COLD_VISITS = 12
CHATS = 3
PROMPT = "What does one chat cost?"

Samples = dict[str, list[float | None]]


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
            page = web.visitor(browser, messages=0)
            if web.visit(page, stack.url(contestant)) is None:
                raise ParityError(f"{contestant.name}: the page never became usable")
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
        for contestant, page in pages.items():
            seconds = _refresh_elsewhere(stack, contestant, page)
            if turn >= WARM_UPS:
                samples[contestant.name].append(seconds)
    for page in pages.values():
        page.context.close()
    return samples


def _page_with_conversation(stack: Stack, browser: Browser, contestant: Contestant) -> Page:
    """Return a page whose session has the conversation; the next load shows it."""
    url = stack.url(contestant)
    page = web.visitor(browser, messages=0)
    web.visit(page, url)
    replica = next(iter(stack.replicas(contestant).values()))
    if contestant != BARE:
        key = _cookie(page, "parity_session") if contestant == KIT else _stored_id(page)
        execute(replica, "python3", "/srv/bench/apps/seed.py", contestant.name, key)
    page.context.add_init_script(web.watch(len(MESSAGES)))
    return page


def _refresh_elsewhere(stack: Stack, contestant: Contestant, page: Page) -> float | None:
    replicas = stack.replicas(contestant)
    before = web.replica_shown(page)
    [other] = [name for name in replicas if name != before]
    [cookie] = [
        {"name": "AWSALB", "value": cookie_for(replicas[other]), "url": stack.url(contestant)}
    ]
    page.context.add_cookies([cookie])
    seconds = web.refresh(page)
    if seconds is not None and web.replica_shown(page) != other:
        raise ParityError(f"{contestant.name}: '{other}' should have served the refresh")
    return seconds
