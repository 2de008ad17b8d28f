"""SIGTERM: tell the load balancer, let running answers come to their end or give them away, go.

Streamlit's server would close every connection within 0.1 s and end. Here the signal first makes
`/healthz` answer 503, so that new work goes elsewhere; the server is told to end as soon as nothing
is being answered any more, or when there is no more time. What is then still unfinished is released
in its session's log: the page, which reconnects to another replica, has it answered there at once.
"""

from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING

from app import log
from app.answers import generation

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    Handler = Callable[[int, FrameType | None], object]

# Of the grace that the platform gives, what is kept for handing over and for closing.
RESERVE_SECONDS = 5.0
POLL_SECONDS = 0.1

begun = threading.Event()


def on_sigterm(grace: float) -> None:
    """Drain before whoever handles SIGTERM now hears of it; to be called in the main thread.

    grace: seconds from SIGTERM to SIGKILL.
    """
    ends = signal.getsignal(signal.SIGTERM)
    if not callable(ends):
        return

    def handle(number: int, frame: FrameType | None) -> None:
        if begun.is_set():  # a second one means now
            ends(number, frame)
            return
        begun.set()
        threading.Thread(target=_drain, args=(grace, ends), name="drain", daemon=True).start()

    signal.signal(signal.SIGTERM, handle)


def _drain(grace: float, ends: Handler) -> None:
    answers = len(generation.running)
    log.event("draining", answers=answers)
    deadline = time.monotonic() + max(0.0, grace - RESERVE_SECONDS)
    while generation.running and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    unfinished = list(generation.running.values())
    for each in unfinished:
        each.hand_over()
    log.event("drained", finished=answers - len(unfinished), handed_over=len(unfinished))
    ends(signal.SIGTERM, None)
