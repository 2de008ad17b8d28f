"""A line of the bill, and how its quantity is written."""

from __future__ import annotations

from dataclasses import dataclass

HOURS_PER_MONTH = 730


@dataclass(frozen=True)
class Line:
    """One line of the bill in USD; `quantity` says how much of what."""

    what: str
    quantity: str
    usd: float


def gib(amount: float) -> str:
    """Return GiB with as many digits as are of use."""
    return f"{amount:,.0f} GiB" if amount >= 100 else f"{amount:.2f} GiB"  # noqa: PLR2004
