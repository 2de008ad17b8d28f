"""Comparing the two sides: a verdict for each fact."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from parity.facts.fact import Result
from parity.facts.table import TABLE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parity.facts.cloud import Cloud
    from parity.facts.fact import Fact, Group
    from parity.facts.local import Local


def check(local: Local, cloud: Cloud, table: Iterable[Group] = TABLE) -> list[Result]:
    """Return the result of every fact, in the table's order.

    Raises ParityError, with file and line, for a value that cannot be read.
    """
    results = [compared(fact, group.title, local, cloud) for group in table for fact in group.facts]
    differing = {each.fact.name for each in results if each.verdict == "different"}
    return [_following(each, differing) for each in results]


def compared(fact: Fact, group: str, local: Local, cloud: Cloud) -> Result:
    """Return what becomes of one fact by itself."""
    here, there = fact.local.read(local), fact.cloud.read(cloud)
    if unseen := here.unseen or there.unseen:
        return Result(fact, group, here, there, "unseen", unseen)
    if fact.agree.holds(here.value, there.value):
        return Result(fact, group, here, there, "same")
    reason = fact.meant.reason(here.value, there.value) if fact.meant else ""
    return Result(fact, group, here, there, "meant" if reason else "different", reason)


def differences(results: Iterable[Result]) -> list[Result]:
    """Return the differences that nothing explains."""
    return [each for each in results if each.verdict == "different"]


def _following(result: Result, differing: set[str]) -> Result:
    """Return a result; a difference that another one brings with it is no second finding."""
    causes = [name for name in result.fact.rests_on if name in differing]
    if result.verdict != "different" or not causes:
        return result
    return replace(result, verdict="follows", reason=f"follows from {' and '.join(causes)}")
