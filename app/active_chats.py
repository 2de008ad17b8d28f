"""How many chats this replica serves: the figure by which the service is scaled.

Reported as a log line in CloudWatch's embedded metric format, from which CloudWatch makes a metric
(AWS: "Specification: Embedded metric format"). Target tracking reads its average over all tasks.
"""

from __future__ import annotations

import asyncio
import time

from app import log

NAMESPACE = "ParityKit"
METRIC = "ActiveChats"
DIMENSION = "Service"
# An open page asks for news every 2 s; one that has not for a minute is closed or asleep.
OPEN_SECONDS = 60.0
REPORT_SECONDS = 60.0

_seen: dict[str, float] = {}


def seen(session: str) -> None:
    """Note that a page of this session, by its public id, is open here now."""
    _seen[session] = time.monotonic()


def count() -> int:
    """Return how many sessions had a page open here within the last minute; two tabs are one."""
    limit = time.monotonic() - OPEN_SECONDS
    for session, at in tuple(_seen.items()):
        if at < limit:
            _seen.pop(session, None)
    return len(_seen)


async def report(service: str) -> None:
    """Log the count once a minute, for ever; zero too, or nothing would ever scale in."""
    while True:
        await asyncio.sleep(REPORT_SECONDS)
        log_metric(service, count())


def log_metric(service: str, chats: int) -> None:
    """Log the count so that CloudWatch takes it for a metric of the service."""
    metric = {
        "Namespace": NAMESPACE,
        "Dimensions": [[DIMENSION]],
        "Metrics": [{"Name": METRIC, "Unit": "Count"}],
    }
    about = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [metric]}
    log.event("active_chats", _aws=about, **{DIMENSION: service, METRIC: chats})
