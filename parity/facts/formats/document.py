"""The results as one JSON object."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from parity.facts.check import differences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.facts.fact import Result, Seen


def document(results: Sequence[Result]) -> dict[str, Any]:
    """Return every fact with both values, where they stand, the verdict and its reason."""
    return {
        "agrees": not differences(results),
        "verdicts": dict(Counter(each.verdict for each in results)),
        "facts": [_fact(each) for each in results],
    }


def _fact(result: Result) -> dict[str, Any]:
    return {
        "fact": result.fact.name,
        "group": result.group,
        "why": result.fact.why,
        "local": _value(result.local, result.local_text),
        "cloud": _value(result.cloud, result.cloud_text),
        "compared": result.fact.agree.text,
        "verdict": result.verdict,
        "reason": result.reason,
    }


def _value(seen: Seen, text: str) -> dict[str, Any]:
    return {"value": text, "at": str(seen.where)}
