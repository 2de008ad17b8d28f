"""Threads in which the event loop has the volume asked, so that it never waits itself.

A limit of their own: where the volume stalls, these fill up, and Streamlit's static files, which
use the common ones, still come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, TypeVarTuple

import anyio

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_LIMIT = anyio.CapacityLimiter(8)


async def in_thread(function: Callable[[*Ts], T], *arguments: *Ts) -> T:
    """Call a function in one of these threads and return what it returns."""
    return await anyio.to_thread.run_sync(function, *arguments, limiter=_LIMIT)
