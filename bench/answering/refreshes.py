"""How long a refresh takes until the page can be used, and an answer under way goes on in it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from bench import browser as web
from bench.stack import KIT, cookie_for
from parity import console
from parity.errors import ParityError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from bench.stack import Stack

PLAIN = "plain"
IN_MID_ANSWER = "in mid-answer"
SAME, OTHER = "the same replica", "another replica"
BLOCKS = 4
REFRESHES = 3  # of each kind in a block
LONG = "Tell me a long story [[tokens=2400]]"  # 30 s at the stand-in's pace
WELL_UNDER_WAY = 400  # characters
TURN = 2  # messages

Samples = dict[tuple[str, str], list[float]]


def measure(stack: Stack, browser: Browser) -> Samples:
    """Return seconds by (kind, where).

    In each block the same page is refreshed while its last answer grows, and then when it is whole.
    """
    stack.start_afresh(sticky=True)
    samples: Samples = {
        (kind, where): [] for kind in (PLAIN, IN_MID_ANSWER) for where in (SAME, OTHER)
    }
    page = web.visitor(browser)
    while web.visit(page, stack.url(KIT)) is None:
        console.note("the page never became usable; again")
    for block in range(BLOCKS):
        web.ask(page, LONG)
        web.wait_for_answer(page, TURN * (block + 1), WELL_UNDER_WAY)
        _refreshes(stack, page, IN_MID_ANSWER, TURN * (block + 1), samples)
        web.wait_until_idle(page)
        _refreshes(stack, page, PLAIN, TURN * (block + 1), samples)
    page.context.close()
    return samples


def _refreshes(stack: Stack, page: Page, kind: str, messages: int, samples: Samples) -> None:
    for _ in range(REFRESHES):
        for where in (SAME, OTHER):
            with suppress(web.NetworkChanged):  # this one does not count
                samples[kind, where].append(_refresh(stack, page, kind, where, messages))


def _refresh(stack: Stack, page: Page, kind: str, where: str, messages: int) -> float:
    """Refresh once: ready with all messages, and in mid-answer with more of the last one."""
    before, replicas = web.replica_shown(page), stack.replicas(KIT)
    there = before if where == SAME else next(name for name in replicas if name != before)
    web.bind(page, page.url, cookie_for(replicas[there]))
    shown = web.answer_length(page)
    web.expect(page, messages=messages, more_than=shown if kind == IN_MID_ANSWER else 0)
    seconds = web.refresh(page)
    if seconds is None or web.replica_shown(page) != there:
        raise ParityError(f"'{there}' should have served the refresh", detail=web.text(page))
    if kind == IN_MID_ANSWER and web.is_idle(page):
        raise ParityError("the answer came to its end before the refresh", hint="try again")
    return seconds
