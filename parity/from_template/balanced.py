"""The target group over the running tasks: nginx's view, and whether its check tells anything."""

from __future__ import annotations

import http.client
import secrets
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from parity.cluster.compose import Compose
from parity.https import trust

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.cluster.protocol import Target
    from parity.errors import ParityError
    from parity.from_template.planned import Planned

POLL_SECONDS = 0.3
SPARE_SECONDS = 15
ANSWER_SECONDS = 10
# What a reason of Elastic Load Balancing is about: of the target group, or of the service's entry.
ABOUT = {
    "Target.ResponseCodeMismatch": "HealthCheckPath",
    "Target.Timeout": "HealthCheckTimeoutSeconds",
}


def check(planned: Planned) -> None:
    """Wait until every task is a healthy target, and see that the check can tell one.

    Raises ParityError with file, line and resource where it is not, or where the path of the health
    check is answered as any other path would be.
    """
    cluster = Compose(planned.settings)
    group = planned.balancing.attributes["target_group"]
    patience = int(group["UnhealthyThresholdCount"]) * int(group["HealthCheckIntervalSeconds"])
    deadline = time.monotonic() + patience + SPARE_SECONDS
    while True:
        targets = [each for each in cluster.targets() if each.replica is not None]
        healthy = [each for each in targets if each.state == "healthy"]
        if len(healthy) == planned.wanted.replicas:
            break
        sick = [each for each in targets if each.state == "unhealthy"]
        if sick or time.monotonic() > deadline:
            raise _unhealthy(planned, sick or targets)
        time.sleep(POLL_SECONDS)
    _check_tells(planned, str(group["HealthCheckPath"]))


def _unhealthy(planned: Planned, targets: Sequence[Target]) -> ParityError:
    source = planned.source
    group = planned.balancing.attributes["target_group"]
    if not targets:
        return source.error(source.group.resource, "", "the load balancer has found no task")
    first = targets[0]
    said = first.description or first.reason or first.state
    path, port = group["HealthCheckPath"], group["Port"]
    what = f"the health check of {path} at port {port} fails: {said}"
    if name := ABOUT.get(first.reason):
        return source.error(source.group.resource, name, what)
    return source.error_at(source.entry["ContainerPort"], what)


def _check_tells(planned: Planned, path: str) -> None:
    """Ask for the path, and for one that nobody knows."""
    nowhere = f"/{secrets.token_hex(8)}"
    if _answer(planned, path) == _answer(planned, nowhere):
        raise planned.source.error(
            planned.source.group.resource,
            "HealthCheckPath",
            f"'{path}' is answered as any unknown path is, so the check tells nothing of a task",
        )


def _answer(planned: Planned, path: str) -> tuple[int, bytes]:
    address = urlsplit(planned.settings.url)
    host, port = str(address.hostname), address.port
    connection: http.client.HTTPConnection
    if address.scheme == "https":
        tls = trust.context(planned.settings)
        connection = http.client.HTTPSConnection(host, port, timeout=ANSWER_SECONDS, context=tls)
    else:
        connection = http.client.HTTPConnection(host, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
