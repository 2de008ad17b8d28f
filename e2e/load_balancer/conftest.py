"""What the tests of the load balancer are given, beside what all of e2e has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from e2e.load_balancer.fleet import running_fleet, wait_for
from e2e.load_balancer.wire import STICKINESS_COOKIE, ask
from parity.project import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from e2e.load_balancer.fleet import Fleet
    from e2e.target import Target

    Claims = Callable[[str], dict[str, str]]

LOG_SECONDS = 90  # CloudWatch has a line some seconds late


@pytest.fixture(scope="session")
def one_fleet() -> Iterator[Fleet]:
    """Start the balancer before scripted targets, once."""
    with running_fleet(read_settings().project) as fleet:
        yield fleet


@pytest.fixture
def fleet(one_fleet: Fleet) -> Fleet:
    """Give the balancer before three healthy scripted targets, and as its file says."""
    one_fleet.mend()
    return one_fleet


@pytest.fixture
def unharmed(target: Target, base_url: str) -> Iterator[None]:
    """Assert after the test that no replica ended, restarted or fell ill."""
    before = _condition(target)
    yield
    assert ask(base_url).status == 200
    assert _condition(target) == before


def _condition(target: Target) -> dict[str, tuple[object, ...]]:
    """Return state, health and last start of each replica; of a black box, nothing."""
    if "cluster" in target.lacks:
        return {}
    return {
        each.hostname: (each.state, each.health, each.started_at)
        for each in target.cluster.replicas()
    }


@pytest.fixture
def binding(target: Target, base_url: str) -> None:
    """Skip where the target group has no stickiness."""
    if not _is_sticky(target, base_url):
        pytest.skip("the target group has no stickiness")


@pytest.fixture
def scattering(target: Target, base_url: str) -> None:
    """Skip where the target group has stickiness."""
    if _is_sticky(target, base_url):
        pytest.skip("the target group has stickiness")


def _is_sticky(target: Target, base_url: str) -> bool:
    """Tell what the target group is set to; of a black box, what its first answer shows."""
    if target.sticky is not None:
        return target.sticky
    return STICKINESS_COOKIE in ask(base_url).cookies


@pytest.fixture
def refused_claim(target: Target) -> Claims:
    """Give a function that returns the replica's log line of the refused claim with a mark in it.

    This is how a request looks to a target: see docs/logs.md.
    """

    def find(mark: str) -> dict[str, str]:
        def logged() -> str:
            logs = [
                target.cluster.logs(each.number, tail=500) for each in target.cluster.replicas()
            ]
            lines = (line for log in logs for line in log.splitlines())
            return next((each for each in lines if mark in each and "claim_refused" in each), "")

        return dict(json.loads(wait_for(logged, LOG_SECONDS, f"a refused claim with '{mark}'")))

    return find
