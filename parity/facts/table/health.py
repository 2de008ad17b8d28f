"""Who asks whether a replica is well, how often, and what counts as an answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from parity.facts.fact import AT_MOST, EQUAL, Fact, Group, Reader
from parity.facts.readers import attribute, container, of_image, seen, service, target_group
from parity.facts.units import number, seconds, text, words

if TYPE_CHECKING:
    from parity.facts.fact import Seen
    from parity.facts.local import Local
    from parity.facts.readers import Convert


def _own(key: str, convert: Convert, default: object = None) -> Reader[Local]:
    """Read a key of the container's health check, of the service or else of its image."""

    def read(local: Local) -> Seen:
        given = local.app["healthcheck"][key]
        if given:
            return seen(given, convert)
        found = of_image(local, "Healthcheck", key, convert=convert, default=default)
        return replace(found, written=found.written or given.written)

    return Reader(f"`healthcheck.{key}` of the service `app`, or `HEALTHCHECK` of its image", read)


def _command(value: object) -> tuple[str, ...]:
    """Return a check's words; CMD and CMD-SHELL say how they are run."""
    return words(value) if isinstance(value, list) else ("CMD-SHELL", str(value))


HEALTH = Group(
    "Health checks",
    (
        Fact(
            "health-path",
            "Any unknown path of Streamlit answers 200: with a wrong one, a replica that is broken "
            "or leaving still gets users.",
            attribute("target_group", "HealthCheckPath"),
            target_group("HealthCheckPath", default="/"),
            EQUAL,
            write=text,
        ),
        Fact(
            "health-matcher",
            "Which answers count as healthy decides whether a replica that drains (503) is left in "
            "peace.",
            attribute("target_group", "Matcher"),
            target_group("Matcher", "HttpCode", default="200"),
            EQUAL,
            write=text,
        ),
        Fact(
            "health-interval",
            "The interval decides how long users are still sent to a replica that has died.",
            attribute("target_group", "HealthCheckIntervalSeconds", number),
            target_group("HealthCheckIntervalSeconds", convert=number, default=30.0),
            EQUAL,
            unit="s",
            write=lambda value: f"{value:g}",
        ),
        Fact(
            "health-timeout",
            "A replica that is busy fails its check after this time: with less time there, load "
            "alone takes replicas out.",
            attribute("target_group", "HealthCheckTimeoutSeconds", number),
            target_group("HealthCheckTimeoutSeconds", convert=number, default=5.0),
            EQUAL,
            unit="s",
            write=lambda value: f"{value:g}",
        ),
        Fact(
            "healthy-threshold",
            "So many checks must pass before a replica that was ill gets users again.",
            attribute("target_group", "HealthyThresholdCount", number),
            target_group("HealthyThresholdCount", convert=number, default=5.0),
            EQUAL,
            write=lambda value: f"{value:g}",
        ),
        Fact(
            "unhealthy-threshold",
            "So many checks must fail before a replica gets no users any more.",
            attribute("target_group", "UnhealthyThresholdCount", number),
            target_group("UnhealthyThresholdCount", convert=number, default=2.0),
            EQUAL,
            write=lambda value: f"{value:g}",
        ),
        Fact(
            "start-grace",
            "ECS kills a task that is not healthy after its grace period: it must not be shorter "
            "than what a start may take here.",
            _own("start_period", seconds, 0.0),
            service("HealthCheckGracePeriodSeconds", convert=number, default=0.0),
            AT_MOST,
            unit="s",
        ),
        Fact(
            "container-check",
            "ECS does not read the image's own check: without the same one in the task definition, "
            "a hung replica is not replaced there.",
            _own("test", _command, ("NONE",)),
            container("HealthCheck", "Command", convert=_command, default=("NONE",)),
            EQUAL,
        ),
        Fact(
            "container-check-interval",
            "How often the container's check runs decides how soon a hung replica is replaced.",
            _own("interval", seconds, 30.0),
            container("HealthCheck", "Interval", convert=number, default=30.0),
            EQUAL,
            unit="s",
            write=lambda value: f"{value:g}s",
        ),
        Fact(
            "container-check-timeout",
            "With less time there, a container that is only busy counts as hung, and is killed.",
            _own("timeout", seconds, 30.0),
            container("HealthCheck", "Timeout", convert=number, default=5.0),
            EQUAL,
            unit="s",
            write=lambda value: f"{value:g}s",
        ),
        Fact(
            "container-check-retries",
            "So many checks must fail in a row before a container is replaced.",
            _own("retries", number, 3.0),
            container("HealthCheck", "Retries", convert=number, default=3.0),
            EQUAL,
            write=lambda value: f"{value:g}",
        ),
        Fact(
            "container-check-start",
            "As long as a container starts, failed checks do not count: with less time there, slow "
            "starts never come to their end.",
            _own("start_period", seconds, 0.0),
            container("HealthCheck", "StartPeriod", convert=number, default=0.0),
            EQUAL,
            unit="s",
            write=lambda value: f"{value:g}s",
        ),
    ),
)
