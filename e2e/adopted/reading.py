"""What of a page counts as seen, and what of that is gone: text alone, no browser."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Clocks, counters and other small things differ at every look; an answer is more than that.
KEPT_SHARE = 0.75
# Of an answer that nobody disturbed. Models do not repeat themselves to the letter.
WHOLE_SHARE = 0.5


def appeared(before: Iterable[str], after: Sequence[str]) -> tuple[str, ...]:
    """Return the lines that are new, in their order; one that was there once and now is twice is.

    after: as it is read, from top to bottom.
    """
    known = Counter(before)
    new = []
    for line in after:
        if known[line]:
            known[line] -= 1
        else:
            new.append(line)
    return tuple(new)


def missing(seen: Sequence[str], now: Iterable[str], typed: str) -> tuple[str, ...]:
    """Return which of the lines that a user saw are gone; empty where nothing of weight is.

    typed: what the user wrote. A line with it must be there; of the others most of the text. Empty
    where the page does not show it.
    """
    gone = appeared(now, seen)
    if typed and any(typed in line for line in gone):
        return gone
    others = sum(len(line) for line in seen if not typed or typed not in line)
    kept = others - sum(map(len, gone))
    return gone if kept < KEPT_SHARE * others else ()


def is_whole(answer: Sequence[str], undisturbed: int) -> bool:
    """Tell whether an answer has come to its end, from how long others of its kind were."""
    return sum(map(len, answer)) >= WHOLE_SHARE * undisturbed
