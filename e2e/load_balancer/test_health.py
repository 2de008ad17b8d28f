"""Health checks: what they ask, when a target leaves rotation and when it is back."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from e2e.load_balancer.fleet import ATTRIBUTES, TARGET_GROUP, UNUSED, wait_for
from e2e.load_balancer.registered import as_target
from e2e.load_balancer.wire import ask
from parity.cluster.protocol import Ability

if TYPE_CHECKING:
    from e2e.load_balancer.fleet import Fleet
    from parity.cluster.protocol import Cluster


def test_health_check_is_a_get_of_the_path_by_the_balancer(fleet: Fleet) -> None:
    """With the target's own address as its Host, on a connection of its own."""
    checked = fleet.targets[0]
    checked.wait_checks(1)
    headers = {name.lower(): text for name, text in checked.seen().check_headers}
    assert headers["host"] == f"{checked.address}:8501"
    assert headers["user-agent"] == "ELB-HealthChecker/2.0"
    assert headers["connection"] == "close"


def test_health_checks_come_at_their_interval(fleet: Fleet) -> None:
    """Four of them in three intervals, by the target's own clock."""
    checked = fleet.targets[0]
    checked.script(200)
    checked.wait_checks(4)
    times = checked.seen().checks
    interval = TARGET_GROUP["HealthCheckIntervalSeconds"]
    assert (times[3] - times[0]) / 3 == pytest.approx(interval, rel=0.25)


def test_new_target_needs_one_passed_check(fleet: Fleet) -> None:
    """Until then it is `initial`, and gets no request; there is no second one to pass here."""
    fleet.modify(deregistration_delay__timeout_seconds=0, UnhealthyThresholdCount=10)
    new = fleet.targets[0]
    fleet.deregister(new)
    fleet.wait_state(new, UNUSED)
    new.script(500, 500, 500, 500, 200, 500)
    fleet.register(new)
    new.wait_checks(1)
    initial = fleet.states()[new.name]
    assert (initial.state, initial.reason, initial.description) == (
        "initial",
        "Elb.InitialHealthChecking",
        "Initial health checks in progress",
    )
    assert new.name not in {fleet.ask() for _ in range(6)}
    fleet.wait_state(new, "healthy")
    assert len(new.seen().checks) >= 5


def test_target_leaves_only_after_as_many_failures_in_a_row_as_the_threshold_says(
    fleet: Fleet,
) -> None:
    """Three here, not two and a success, and there are no four; it tells which code it got."""
    fleet.modify(UnhealthyThresholdCount=3, HealthyThresholdCount=10)
    ill = fleet.targets[0]
    ill.script(500, 500, 200, 500, 500, 500, 200)
    fleet.wait_state(ill, "unhealthy")
    assert len(ill.seen().checks) >= 6
    state = fleet.states()[ill.name]
    assert (state.reason, state.description) == (
        "Target.ResponseCodeMismatch",
        "Health checks failed with these codes: [500]",
    )
    assert ill.name not in {fleet.ask() for _ in range(6)}


def test_target_returns_only_after_as_many_successes_in_a_row_as_the_threshold_says(
    fleet: Fleet,
) -> None:
    """Three here, not two and a failure, and there are no four; it takes requests at once then."""
    ill = fleet.targets[0]
    ill.script(500)
    fleet.wait_state(ill, "unhealthy")
    fleet.modify(HealthyThresholdCount=3, UnhealthyThresholdCount=10)
    ill.script(200, 200, 500, 200, 200, 200, 500)
    fleet.wait_state(ill, "healthy")
    assert len(ill.seen().checks) >= 6
    assert ill.name in {fleet.ask() for _ in range(6)}


@pytest.mark.parametrize(
    ("matcher", "healthy", "unhealthy"),
    [
        ("200", (200,), (204, 302)),
        ("200,204", (200, 204), (206,)),
        ("200-299,404", (206, 404), (302,)),
    ],
    ids=["one code", "two codes", "a range and a code"],
)
def test_matcher_says_which_codes_are_healthy(
    fleet: Fleet, matcher: str, healthy: tuple[int, ...], unhealthy: tuple[int, ...]
) -> None:
    """One code, several, or a range; each target answers another one."""
    fleet.modify(Matcher=matcher)
    codes = dict(zip(fleet.targets, healthy + unhealthy, strict=True))
    for target, code in codes.items():
        target.script(code)
    for target, code in codes.items():
        target.wait_checks(3)
        fleet.wait_state(target, "healthy" if code in healthy else "unhealthy", 2)


def test_path_of_health_checks_is_an_attribute(fleet: Fleet) -> None:
    """It can be any; the target sees it asked for."""
    fleet.modify(HealthCheckPath="/echo?healthy")
    checked = fleet.targets[0]

    def asked() -> bool:
        return "/echo?healthy" in {each["path"] for each in checked.seen().requests}

    wait_for(asked, 5, "a health check of the other path")


def test_target_that_does_not_answer_in_time_is_unhealthy(fleet: Fleet) -> None:
    """It took the connection, and is silent."""
    silent = fleet.targets[0]
    silent.script("silent")
    fleet.wait_state(silent, "unhealthy")
    state = fleet.states()[silent.name]
    assert (state.reason, state.description) == ("Target.Timeout", "Request timed out")


def test_target_that_cannot_be_reached_is_unhealthy(fleet: Fleet) -> None:
    """Nothing listens there; it is back by itself when something does."""
    deaf = fleet.targets[0]
    deaf.script(listening=False)
    fleet.wait_state(deaf, "unhealthy")
    state = fleet.states()[deaf.name]
    assert (state.reason, state.description) == (
        "Target.FailedHealthChecks",
        "Health checks failed",
    )
    deaf.script()
    fleet.wait_state(deaf, "healthy")


def test_with_no_healthy_target_all_get_requests(fleet: Fleet) -> None:
    """Fail-open: a page that may work is better than none."""
    for each in fleet.targets:
        each.script(503)
    for each in fleet.targets:
        fleet.wait_state(each, "unhealthy")
    assert len({fleet.ask() for _ in range(9)}) == len(fleet.targets)
    fleet.targets[0].script(200)
    fleet.wait_state(fleet.targets[0], "healthy")
    assert {fleet.ask() for _ in range(9)} == {fleet.targets[0].name}


def test_without_a_registered_target_the_answer_is_503(fleet: Fleet) -> None:
    """There is nobody to ask."""
    fleet.modify(deregistration_delay__timeout_seconds=0)
    for each in fleet.targets:
        fleet.deregister(each)
    for each in fleet.targets:
        fleet.wait_state(each, UNUSED)
    assert ask(fleet.url, "/echo").status == 503


def test_health_checks_are_in_no_access_log(fleet: Fleet) -> None:
    """Only requests of clients are."""
    before = len(fleet.log())
    fleet.targets[0].wait_checks(3)
    fleet.ask()
    [line] = wait_for(lambda: fleet.log()[before:], 5, "the request to be logged")
    assert "/echo" in line


@pytest.mark.thorough
@pytest.mark.every_fault
@pytest.mark.needs(Ability.PAUSE)
def test_hanging_replica_leaves_rotation_and_returns_as_configured(
    cluster: Cluster, base_url: str
) -> None:
    """Interval, timeout and thresholds add up to when nobody meets it any more, and to its return.

    Until then a request that meets it waits; what is asked here is the balancer's own word.
    """
    paused = cluster.replicas()[0]
    attributes = json.loads(ATTRIBUTES.read_text())["target_group"]
    interval = attributes["HealthCheckIntervalSeconds"]
    cluster.pause(paused.number)
    begun = time.monotonic()
    wait_for(lambda: as_target(cluster, paused.hostname).state == "unhealthy", 60, "its illness")
    latest = interval * attributes["UnhealthyThresholdCount"]
    assert time.monotonic() - begun <= latest + attributes["HealthCheckTimeoutSeconds"] + 2
    assert as_target(cluster, paused.hostname).reason == "Target.Timeout"
    assert paused.hostname not in {ask(base_url).replica for _ in range(12)}

    cluster.unpause(paused.number)
    begun = time.monotonic()
    wait_for(lambda: as_target(cluster, paused.hostname).state == "healthy", 60, "its health")
    assert time.monotonic() - begun <= interval * attributes["HealthyThresholdCount"] + 2
    wait_for(lambda: ask(base_url).replica == paused.hostname, 5, "a request to meet it")
