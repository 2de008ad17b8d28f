"""Signals that end a command: what was begun is undone first."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM)


def end_in_good_order_on_sigterm() -> None:
    """Let SIGTERM unwind this process as Ctrl-C does, with the exit code that a shell expects."""
    signal.signal(signal.SIGTERM, _end)


def _end(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


@contextmanager
def deaf() -> Iterator[None]:
    """Ignore Ctrl-C and SIGTERM within the block: undoing must come to its end."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
