"""How long it takes after an owner's death until its answer goes on elsewhere, and is seen to."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench import browser as web
from bench.answering.refreshes import LONG, TURN, WELL_UNDER_WAY
from bench.stack import KIT
from parity.errors import ParityError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from bench.stack import Stack

KILLS = 5
PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.05
FIRST_WORDS = 30  # characters; what stands there before the first word has fewer


def measure(stack: Stack, browser: Browser) -> list[float]:
    """Return the seconds from each SIGKILL until the page shows the new owner's words."""
    return [_kill(stack, browser) for _ in range(KILLS)]


def _kill(stack: Stack, browser: Browser) -> float:
    stack.start_afresh(sticky=True)
    page = web.visitor(browser)
    web.visit(page, stack.url(KIT))
    web.ask(page, LONG)
    web.wait_for_answer(page, TURN, WELL_UNDER_WAY)
    owner = web.replica_shown(page)
    stack.replicas(KIT)[owner].kill()
    killed_at = time.monotonic()
    while time.monotonic() - killed_at < PATIENCE_SECONDS:
        # First the page shows what the dead owner has left; whoever takes over begins anew.
        few = FIRST_WORDS < web.answer_length(page) < WELL_UNDER_WAY / 2
        if few and web.replica_shown(page) != owner:
            page.context.close()
            return time.monotonic() - killed_at
        page.wait_for_timeout(1000 * LOOK_SECONDS)
    raise ParityError("nobody took the answer over", detail=web.text(page))
