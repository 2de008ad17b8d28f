"""Wait for something with a deadline, and say what was seen last."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Callable


def wait_until_none(
    problem: Callable[[], str], timeout: float, *, every: float, what: str, hint: str
) -> None:
    """Ask every so many seconds until problem() is empty. Raises ParityError with the last one."""
    deadline = time.monotonic() + timeout
    while last := problem():
        if time.monotonic() > deadline:
            raise ParityError(f"{what} within {timeout:.0f} s: {last}", hint=hint)
        time.sleep(every)
