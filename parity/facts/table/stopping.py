"""How a replica ends: how long it has, and who still sends it requests."""

from __future__ import annotations

from parity.facts.fact import AT_MOST, EQUAL, Fact, Group
from parity.facts.readers import app, attribute, container, group_attribute, task_variable, variable
from parity.facts.units import number, seconds

GRACE = 10.0  # Docker's, from SIGTERM to SIGKILL
STOP_TIMEOUT = 30.0  # that of ECS
DEREGISTRATION_DELAY = 300.0  # that of a target group

STOPPING = Group(
    "Stopping",
    (
        Fact(
            "stop-grace",
            "From SIGTERM to SIGKILL a replica finishes its answers: with less time there, answers "
            "are cut off that come to their end here.",
            app("stop_grace_period", convert=seconds, default=GRACE),
            container("StopTimeout", convert=number, default=STOP_TIMEOUT),
            EQUAL,
            unit="s",
            write=lambda value: f"{value:g}s",
        ),
        Fact(
            "stop-told",
            "The app stops waiting for answers by what it is told: told too much, it is killed in "
            "the middle of handing them over.",
            variable("STOP_SECONDS", number),
            task_variable("STOP_SECONDS", number),
            EQUAL,
            unit="s",
            rests_on=("stop-grace",),
            write=lambda value: f"{value:g}",
        ),
        Fact(
            "deregistration-delay",
            "So long a replica that leaves keeps its connections: with less time there, websockets "
            "are cut that go on here.",
            attribute("target_group", "deregistration_delay.timeout_seconds", number),
            group_attribute("deregistration_delay.timeout_seconds", number, DEREGISTRATION_DELAY),
            EQUAL,
            unit="s",
            write=lambda value: f"{value:g}",
        ),
        Fact(
            "stop-within-drain",
            "While a replica finishes its answers, their readers must stay connected: the load "
            "balancer must not cut them sooner than the replica is killed.",
            app("stop_grace_period", convert=seconds, default=GRACE),
            group_attribute("deregistration_delay.timeout_seconds", number, DEREGISTRATION_DELAY),
            AT_MOST,
            unit="s",
            rests_on=("stop-grace", "deregistration-delay"),
        ),
    ),
)
