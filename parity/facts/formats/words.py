"""A difference in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parity.facts.fact import Result


def said(result: Result) -> str:
    """Return what differs; of two sets only the items that one of them lacks."""
    local, cloud = result.local.value, result.cloud.value
    if result.fact.agree.words:
        return f"{result.fact.name}: {result.fact.agree.words(local, cloud)}"
    if isinstance(local, frozenset) and isinstance(cloud, frozenset):
        here, there = sorted(map(str, local - cloud)), sorted(map(str, cloud - local))
        parts = [f"only here: {', '.join(here)}"] if here else []
        parts += [f"only there: {', '.join(there)}"] if there else []
        return f"{result.fact.name}: {'; '.join(parts)}"
    return f"{result.fact.name}: {result.local_text} here, {result.cloud_text} there"
