"""Which logs are mostly garbage: noted by who appends and so knows, read by who may clean up.

Garbage are messages before a reset and settings that were set anew. It costs each restore, and
room. Noting it takes no file operation, so no turn waits for it. A note that is lost with its
process comes back with the next append.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from .log import Log
    from .replay import State

LEAST = 64 * 2**10  # bytes; below, a restore would not be faster
_MOST_NOTES = 1000

_noted: dict[Path, Log] = {}


def dominates(length: int, live: int) -> bool:
    """Tell whether more than half of a log's bytes say nothing any more, and enough of them."""
    return length - live > max(live, LEAST)


def note(log: Log, length: int, state: State) -> None:
    """Remember a log of that length that is worth compacting."""
    if length > LEAST and dominates(length, state.size) and len(_noted) < _MOST_NOTES:
        _noted[log.path] = log


def take(root: Path) -> Log | None:
    """Return a noted log below a folder, and forget it."""
    for path in tuple(_noted):
        if path.is_relative_to(root):
            return _noted.pop(path, None)
    return None
