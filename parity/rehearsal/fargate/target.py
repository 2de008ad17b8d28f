"""A target group's health check of one target."""

from __future__ import annotations

import http.client
import time
from typing import TYPE_CHECKING, Any

from parity.host.preflight import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Mapping

POLL_SECONDS = 1.0


def failed_checks(group: Mapping[str, Any], port: int) -> str:
    """Return why a target is not healthy by the checks of its group; '' for one that is.

    group: as Elastic Load Balancing describes it. port: of this machine, in place of the target's.
    A new target needs to pass once, and has the time of as many checks as make one unhealthy.
    """
    if group.get("HealthCheckPort", "traffic-port") != "traffic-port":
        return f"checks of port {group['HealthCheckPort']} cannot be rehearsed"
    path, codes = group["HealthCheckPath"], group["Matcher"]["HttpCode"]
    seconds = int(group["HealthCheckIntervalSeconds"]) * int(group["UnhealthyThresholdCount"])
    deadline = time.monotonic() + seconds
    while True:
        answer = _ask(port, path, int(group["HealthCheckTimeoutSeconds"]))
        if matches(answer, codes):
            return ""
        if time.monotonic() > deadline:
            return f"GET {path} came to {answer}, not {codes}"
        time.sleep(POLL_SECONDS)


def matches(answer: str, codes: str) -> bool:
    """Tell whether a status is among a matcher's codes, such as '200' or '200-299,302'."""
    for part in codes.split(","):
        first, _, last = part.partition("-")
        if answer.isdecimal() and int(first) <= int(answer) <= int(last or first):
            return True
    return False


def _ask(port: int, path: str, timeout: int) -> str:
    """Return the status of a GET, or why there is none."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=timeout)
    try:
        connection.request("GET", path)
        return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        return f"'{error}'"
    finally:
        connection.close()
