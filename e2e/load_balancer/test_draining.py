"""Deregistration: what a target may still finish, and for how long."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from e2e.load_balancer.fleet import UNUSED, wait_for
from e2e.load_balancer.registered import as_target
from e2e.load_balancer.wire import WEBSOCKET, ask, bound_to

if TYPE_CHECKING:
    from e2e.load_balancer.fleet import Fleet, ScriptedTarget
    from e2e.load_balancer.wire import Headers, Wire
    from parity.cluster.protocol import Cluster

DELAY_SECONDS = 2


@pytest.mark.every_fault
def test_deregistered_replica_gets_no_new_request_and_can_be_registered_again(
    cluster: Cluster, base_url: str
) -> None:
    """It is draining meanwhile, and harmed in no way; a browser bound to it is bound anew."""
    names = {each.hostname: each.number for each in cluster.replicas()}
    first = ask(base_url)
    bound = bound_to(first) if first.cookies else []
    cluster.deregister(names[first.replica])
    draining = as_target(cluster, first.replica)
    assert draining.state == "draining"
    assert draining.reason == "Target.DeregistrationInProgress"
    answered = {ask(base_url, headers=headers).replica for headers in (bound, []) for _ in range(8)}
    assert first.replica not in answered
    assert cluster.serving(first.replica).state == "running"

    cluster.register(names[first.replica])
    wait_for(lambda: as_target(cluster, first.replica).state == "healthy", 120, "its health")
    wait_for(lambda: ask(base_url).replica == first.replica, 10, "a request to meet it")


def test_draining_target_says_so(fleet: Fleet) -> None:
    """Until its delay is over, though nothing is under way there; then it is not registered."""
    fleet.modify(deregistration_delay__timeout_seconds=DELAY_SECONDS)
    target = fleet.targets[0]
    begun = time.monotonic()
    fleet.deregister(target)
    state = fleet.states()[target.name]
    assert (state.state, state.reason, state.description) == (
        "draining",
        "Target.DeregistrationInProgress",
        "Target deregistration is in progress",
    )
    assert target.name not in {fleet.ask() for _ in range(9)}
    fleet.wait_state(target, UNUSED)
    assert DELAY_SECONDS <= time.monotonic() - begun <= DELAY_SECONDS + 2


def test_draining_target_finishes_what_it_has_begun(fleet: Fleet) -> None:
    """A request that ends within the delay ends well."""
    fleet.modify(deregistration_delay__timeout_seconds=DELAY_SECONDS)
    with fleet.wire() as wire:
        wire.request("/drip?seconds=1.5")
        busy = _busy(fleet)
        fleet.deregister(busy)
        answer = wire.answer()
    assert answer is not None
    assert answer.status == 200
    assert answer.body.endswith(b"}")
    assert fleet.state(busy) == "draining"


def test_what_lasts_longer_than_the_delay_goes_on_here(fleet: Fleet) -> None:
    """An ALB would end it, websockets too; here it ends with its target, which ECS stops then."""
    fleet.modify(deregistration_delay__timeout_seconds=1)
    with fleet.wire() as wire:
        target = _stream(fleet, wire)
        fleet.deregister(target)
        fleet.wait_state(target, UNUSED)
        assert _echoes(wire)
        target.container.kill()
        assert wire.ends(within=1) is not None


def test_target_that_is_registered_again_while_it_drains_goes_on(fleet: Fleet) -> None:
    """Its delay is forgotten: what is under way there is not cut off."""
    fleet.modify(deregistration_delay__timeout_seconds=DELAY_SECONDS)
    with fleet.wire() as wire:
        target = _stream(fleet, wire)
        fleet.deregister(target)
        begun = time.monotonic()
        assert _echoes(wire)
        assert fleet.state(target) == "draining"
        fleet.register(target)
        while fleet.state(target) != "healthy" or time.monotonic() - begun < DELAY_SECONDS + 1:
            assert _echoes(wire)
    assert target.name in {fleet.ask() for _ in range(6)}


def test_target_that_goes_away_by_itself_is_deregistered(fleet: Fleet) -> None:
    """As a task that ends is by ECS: nobody has to tell the balancer."""
    fleet.modify(deregistration_delay__timeout_seconds=1)
    gone = fleet.targets[0]
    gone.container.kill()
    fleet.wait_state(gone, UNUSED)
    assert gone.name not in {fleet.ask() for _ in range(6)}


def _busy(fleet: Fleet) -> ScriptedTarget:
    """Return the target that a request has reached."""
    return wait_for(
        lambda: next((each for each in fleet.targets if each.seen().requests), None),
        5,
        "the request to reach a target",
    )


def _stream(fleet: Fleet, wire: Wire, headers: Headers = ()) -> ScriptedTarget:
    """Open a websocket, and return the target that has it."""
    wire.request("/stream", headers=[*WEBSOCKET, *headers])
    answer = wire.answer()
    assert answer is not None
    assert answer.status == 101
    name = wire.read(wire.read(2)[1]).decode()
    return next(each for each in fleet.targets if each.name == name)


def _echoes(wire: Wire) -> bool:
    """Tell whether the target at the other end of a websocket still answers."""
    wire.send(bytes([0x81, 0x81, 0, 0, 0, 0]) + b"x")
    return wire.read(3) == b"\x81\x01x"
