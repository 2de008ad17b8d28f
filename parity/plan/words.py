"""Numbers and names as tables show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.plan.load import DAYS_PER_MONTH

if TYPE_CHECKING:
    from collections.abc import Sequence


def money(usd: float) -> str:
    """Return USD with cents."""
    return f"{usd:,.2f}"


def rounded(number: float) -> str:
    """Return a number with two digits after the point below a hundred, else with none."""
    return f"{number:,.2f}" if number < 100 else f"{number:,.0f}"  # noqa: PLR2004


def whole(number: float) -> str:
    """Return a count; below ten with one digit after the point, unless it has none."""
    return f"{number:,.1f}" if number < 10 and number != int(number) else f"{number:,.0f}"  # noqa: PLR2004


def lasting(months: float) -> str:
    """Return '8.4 months', or days where it is less than one month, or years from two on."""
    if months >= 24:  # noqa: PLR2004
        return f"{months / 12:,.0f} years"
    return f"{months:.1f} months" if months >= 1 else f"{months * DAYS_PER_MONTH:.1f} days"


def model_name(name: str) -> str:
    """Return 'Nova Micro' for nova_micro."""
    return name.replace("_", " ").title()


def wrapped(words: Sequence[str], width: int = 78) -> list[str]:
    """Return the words in lines, two spaces before each."""
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) + 2 > width:
            lines.append("")
        lines[-1] += f"  {word}"
    return lines
