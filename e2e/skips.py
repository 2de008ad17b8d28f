"""Which tests a target cannot run, and why: known before any of them starts."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

    from e2e.target import Target


def why_not(item: pytest.Item, target: Target) -> str:
    """Return why a test cannot run there; empty if it can."""
    needed = {ability for mark in item.iter_markers("needs") for ability in mark.args}
    if (missing := sorted(needed - target.abilities)) and "cluster" not in target.lacks:
        return f"needs to {' and '.join(missing)}, which cannot be done here"
    fixtures = getattr(item, "fixturenames", ())
    return next((why for name, why in target.lacks.items() if name in fixtures), "")


def account(items: Iterable[pytest.Item], target: Target, *, in_full: bool) -> list[str]:
    """Return how many tests run there, and how many do not for each reason; in full with names."""
    skipped: defaultdict[str, list[str]] = defaultdict(list)
    for item in items:
        skipped[why_not(item, target)].append(item.nodeid)
    lines = [f"{len(skipped.pop('', []))} run here"]
    for why, names in sorted(skipped.items()):
        lines.append(f"{len(names)} skip: {why}")
        lines += [f"    {name}" for name in names if in_full]
    return lines
