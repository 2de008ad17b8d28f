"""What the faults of a run explain: errors in logs, and pages that did not load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from torture.check import Finding, Kind

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator

    from torture.history import History
    from torture.logs import Complaint
    from torture.striking import Struck

# A fault may still be felt so many seconds after it was mended: patience has to run out first, of
# the balancer and of boto3 as many as 60.
AFTERMATH_SECONDS = 70.0
# But a page loads as soon as a replica is healthy again.
LOADS_SECONDS = 5.0
# What takes no replica away before another one serves: no page may fail to load meanwhile.
GENTLE = {"replica stopped", "rolling redeploy", "scale in", "load balancer reloaded"}


@dataclass(frozen=True)
class Explanation:
    """Which lines of a log, at any time or within a fault of some name, are as they should be."""

    line: re.Pattern[str]
    faults: re.Pattern[str]
    why: str


EXPLANATIONS: tuple[Explanation, ...] = ()


def unexplained(
    histories: Iterable[History],
    complaints: Iterable[Complaint],
    struck: Iterable[Struck],
    began_at: float,
) -> Iterator[Finding]:
    """Yield what no fault explains. began_at: when the run began, in Unix time."""
    struck = list(struck)

    def faults(at: float, aftermath: float) -> list[str]:
        return [
            each.strike.fault.name
            for each in struck
            if each.began <= at - began_at + 1 and at - began_at < each.ended + aftermath
        ]

    for history in histories:
        for at in history.failed_loads:
            if not set(faults(at, LOADS_SECONDS)) - GENTLE:
                detail = f"{at - began_at:.1f} s"
                yield Finding(f"client {history.client}", Kind.UNSERVED, detail)
    for complaint in complaints:
        if not _is_explained(complaint, faults(complaint.at, AFTERMATH_SECONDS)):
            yield Finding(complaint.container, Kind.LOGGED, complaint.text)


def _is_explained(complaint: Complaint, faults: Iterable[str]) -> bool:
    return any(
        each.line.search(complaint.text) and any(map(each.faults.fullmatch, faults))
        for each in EXPLANATIONS
    )
