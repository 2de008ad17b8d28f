"""What the faults of a run explain: errors in logs, and pages that did not load."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torture.check import Finding, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from torture.history import History
    from torture.logs import Complaint
    from torture.striking import Struck

# A page loads as soon as the load balancer takes a replica for healthy again: after two checks.
LOADS_SECONDS = 12.0
# What takes no replica away before another one serves: no page may fail to load meanwhile.
GENTLE = {"replica stopped", "rolling redeploy", "scale in", "load balancer reloaded"}


@dataclass(frozen=True)
class Explanation:
    """Which lines of a log are as they should be, and during which faults, by name.

    aftermath: for how many seconds after it was mended a fault may still be told of.
    """

    line: re.Pattern[str]
    faults: re.Pattern[str]
    aftermath: float = 5.0


def _explained(line: str, faults: str, aftermath: float = 5.0) -> Explanation:
    return Explanation(re.compile(line), re.compile(faults), aftermath)


# Of a replica that is gone, or cannot be reached.
_AWAY = "replica .*|every replica .*|rolling redeploy|scale in"
EXPLANATIONS = (
    # The store tells of each call that the volume refuses.
    _explained(r"session \w{8}: cannot be \w+: .*\(EROFS\)", "volume read-only"),
    _explained(r"session \w{8}: cannot be \w+: .*\(ENOSPC\)", "volume full"),
    _explained(r"session \w{8}: cannot be \w+: .*\(EIO\)", "volume failing"),
    _explained(r"session \w{8}: cannot be \w+: .*\(ESTALE\)", "volume with stale handles"),
    # A volume that takes no record may not take it back, either; the next append does.
    _explained(r"append could not be undone: Read-only file system", "volume read-only"),
    _explained(r"append could not be undone: Input/output error", "volume failing"),
    _explained(r"append could not be undone: Stale file handle", "volume with stale handles"),
    # nginx tries a target that is gone until its health check fails, and then gives another one the
    # request; on connections that stood it waits for as long as the idle timeout.
    _explained(r"\[error\] .*Connection (refused|reset by peer)", _AWAY, 15.0),
    _explained(r"\[error\] .*prematurely closed connection", _AWAY, 15.0),
    _explained(r"\[error\] .*(No route to host|timed out)", _AWAY, 75.0),
    # A page that was cut off comes back before the server has noticed that it was away.
    _explained(r"is already connected! Reconnecting to existing session", ".*", 75.0),
    # A load balancer that begins anew knows no target before it has asked for them.
    _explained(r"^(http|ws)s?( \S+){7} 503 ", "load balancer restarted"),
    # Users get an error only if no replica is there, or one holds their connection and hangs.
    _explained(
        r"^(http|ws)s?( \S+){7} 50\d ", "every replica .*|replica (killed|cut|frozen) ?.*", 75.0
    ),
)


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
        if not _is_explained(complaint, faults):
            yield Finding(complaint.container, Kind.LOGGED, complaint.text)


def _is_explained(complaint: Complaint, faults: Callable[[float, float], list[str]]) -> bool:
    return any(
        each.line.search(complaint.text)
        and any(map(each.faults.fullmatch, faults(complaint.at, each.aftermath)))
        for each in EXPLANATIONS
    )
