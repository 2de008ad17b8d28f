"""Which target gets a request."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from e2e.load_balancer.fleet import UNUSED, wait_for
from e2e.load_balancer.wire import Wire, ask, bound_to
from parity.cluster.protocol import Ability

if TYPE_CHECKING:
    from e2e.load_balancer.fleet import Fleet
    from e2e.target import Target
    from parity.cluster.protocol import Cluster

REQUESTS = 60
CONNECT_SECONDS = 1  # as in nginx/forwarding.conf: how long nginx tries a target that is silent


def test_strangers_are_spread_over_all_replicas(base_url: str, target: Target) -> None:
    """Round robin, whether there is stickiness or not: each gets about as much as the others.

    About, as other requests come in between, and an ALB has several nodes.
    """
    shares = Counter(ask(base_url).replica for _ in range(REQUESTS))
    if "cluster" not in target.lacks:
        assert set(shares) == {each.hostname for each in target.cluster.replicas()}
    assert len(shares) > 1
    fair = REQUESTS / len(shares)
    assert all(fair / 2 <= share <= fair * 1.5 for share in shares.values()), shares


def test_round_robin_takes_turns(fleet: Fleet) -> None:
    """Of any three requests in a row, no target gets two."""
    names = [fleet.ask() for _ in range(12)]
    for at in range(10):
        assert len({*names[at : at + 3]}) == 3


def test_least_outstanding_requests_go_round_a_busy_target(fleet: Fleet) -> None:
    """While one target has two requests under way, the others get all new ones."""
    fleet.modify(load_balancing__algorithm__type="least_outstanding_requests")
    with ExitStack() as open_wires:
        wires = [open_wires.enter_context(fleet.wire()) for _ in fleet.targets]
        for number, wire in enumerate(wires, start=1):
            wire.request("/drip?seconds=1.5")
            wait_for(lambda number=number: _busy(fleet) == number, 3, "one request each")  # type: ignore[misc]
        assert {len(each.seen().requests) for each in fleet.targets} == {1}
        fourth = open_wires.enter_context(fleet.wire())
        fourth.request("/drip?seconds=1.5")
        wait_for(lambda: _busy(fleet) == 4, 3, "a fourth request")
        [busy] = [each.name for each in fleet.targets if len(each.seen().requests) == 2]
        names = Counter(fleet.ask() for _ in range(8))
        assert busy not in names
        assert set(names) == {each.name for each in fleet.targets} - {busy}


def _busy(fleet: Fleet) -> int:
    return sum(len(each.seen().requests) for each in fleet.targets)


def test_a_new_target_starts_slowly(fleet: Fleet) -> None:
    """Its share grows evenly with the time since it became healthy, up to that of the others."""
    fleet.modify(slow_start__duration_seconds=6, deregistration_delay__timeout_seconds=0)
    new = fleet.targets[0]
    fleet.deregister(new)
    fleet.wait_state(new, UNUSED)
    fleet.register(new)
    fleet.wait_state(new, "healthy")
    early = _share_of(new.name, fleet)
    assert early < 0.2

    def grown() -> bool:
        return _share_of(new.name, fleet) > 0.3

    wait_for(grown, 10, "the new target to have its share")
    assert 0.25 <= _share_of(new.name, fleet) <= 0.4


def _share_of(name: str, fleet: Fleet) -> float:
    """Return which part of thirty requests one target gets."""
    return [fleet.ask() for _ in range(30)].count(name) / 30


def test_target_that_refuses_connections_is_passed_over_at_once(fleet: Fleet) -> None:
    """Before any health check has noticed, nobody's request fails or waits, one with a body too."""
    fleet.targets[0].script(listening=False)
    answers = [ask(fleet.url, "/echo", method="POST", body=b"whole") for _ in range(6)]
    assert all(b'"body": "whole"' in each.body for each in answers)
    assert {each.status for each in answers} == {200}
    assert max(each.seconds for each in answers) < CONNECT_SECONDS


def test_target_that_is_gone_is_passed_over_within_two_seconds(fleet: Fleet) -> None:
    """It refuses nothing: packets to it are lost."""
    fleet.targets[0].container.kill()
    answers = [ask(fleet.url, "/echo") for _ in range(9)]
    assert {each.status for each in answers} == {200}
    assert max(each.seconds for each in answers) < 2


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_request_that_reached_a_target_is_given_to_no_other(fleet: Fleet, method: str) -> None:
    """It may have had its effect there already; the client gets 502 and decides."""
    answer = ask(fleet.url, "/close", method=method, body=b"once" if method == "POST" else b"")
    assert answer.status == 502
    assert sum(len(each.seen().requests) for each in fleet.targets) == 1


def test_requests_at_once_are_all_answered(fleet: Fleet) -> None:
    """By all targets, as many each."""
    with ThreadPoolExecutor(12) as clients:
        names = Counter(clients.map(lambda _: fleet.ask("/slow?seconds=0.3"), range(36)))
    assert set(names.values()) == {12}


def test_connection_of_a_client_is_kept_and_each_request_is_routed_anew(fleet: Fleet) -> None:
    """Keep-alive binds a client to the balancer, not to a target."""
    with Wire(fleet.url) as wire:
        names = set()
        for _ in range(6):
            wire.request("/echo")
            answer = wire.answer()
            assert answer is not None
            names.add(answer.body.split(b'"target": "')[1].split(b'"')[0])
    assert len(names) == 3


@pytest.mark.every_fault
def test_dead_replica_is_passed_over_within_two_seconds(cluster: Cluster, base_url: str) -> None:
    """Right after it died each user's request is answered by another one, also if bound to it."""
    first = ask(base_url)
    bound = bound_to(first) if first.cookies else []
    cluster.kill(first.replica)
    answers = [ask(base_url, headers=headers) for _ in range(12) for headers in (bound, [])]
    assert first.replica not in {each.replica for each in answers}
    assert max(each.seconds for each in answers) < 2


@pytest.mark.every_fault
@pytest.mark.needs(Ability.CUT)
def test_replica_without_network_is_passed_over_within_two_seconds(
    cluster: Cluster, base_url: str
) -> None:
    """Nothing refuses the connection: the balancer has to give up by itself."""
    cut = cluster.replicas()[0]
    cluster.cut(cut.number)
    answers = [ask(base_url) for _ in range(12)]
    assert cut.hostname not in {each.replica for each in answers}
    assert max(each.seconds for each in answers) < 2
