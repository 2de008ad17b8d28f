"""The balancer comparison: its client and its target speak to each other, and what is summed up."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

import pytest
import uvicorn
import yaml

from bench import balancer
from bench.balancing import asking
from bench.balancing.target import target
from parity.host.preflight import any_free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

MEASURED = {
    "request on a kept connection": {
        "kit": [110.0, 108.0, 900.0],
        "bare": [100.0, 100.0, 100.0],
        "direct": [50.0, 50.0, 50.0],
    }
}


@pytest.fixture
def address() -> Iterator[asking.Address]:
    """Give a target that listens."""
    port = any_free_port()
    config = uvicorn.Config(target, port=port, lifespan="off", log_level="warning")
    server = uvicorn.Server(config)
    thread = Thread(target=server.run)
    thread.start()
    asking._ready(("127.0.0.1", port)).close()
    yield ("127.0.0.1", port)
    server.should_exit = server.force_exit = True
    thread.join()


@pytest.mark.parametrize("way", ["kept", "new", "echo"])
def test_each_is_asked_as_often_in_every_way(address: asking.Address, way: str) -> None:
    """The first round only warms up."""
    found = asking.samples(way, 3, 5, {"one": address, "other": address})
    assert {name: len(took) for name, took in found.items()} == {"one": 15, "other": 15}
    assert all(0 < each < 1e6 for took in found.values() for each in took)


def test_every_way_of_the_comparison_is_one_that_the_client_knows() -> None:
    """And each asks the contestant that all are compared with."""
    assert {way for way, _ in balancer.WAYS.values()} == {"kept", "new", "echo"}
    for _, contestants in balancer.WAYS.values():
        names = [each.partition("=")[0] for each in contestants]
        assert {balancer.KIT, balancer.BARE} <= set(names)


def test_contestants_are_services_of_the_stack() -> None:
    """At the ports that bare.conf and the kit listen at."""
    services = yaml.safe_load((balancer.FOLDER / "compose.yaml").read_text())["services"]
    conf = (balancer.FOLDER / "bare.conf").read_text()
    for _, contestants in balancer.WAYS.values():
        for each in contestants:
            host, _, port = each.partition("=")[2].partition(":")
            assert host in services
            assert host != "bare" or f"listen {port};" in conf


def test_cookies_are_kept_as_a_browser_does(address: asking.Address) -> None:
    """Or stickiness would cost nothing, as nobody made use of it."""
    connection = asking.Connection(address)
    connection._take(b"HTTP/1.1 200 OK\r\nSet-Cookie: AWSALB=a.b; Path=/\r\nset-cookie: X=1")
    assert b"\r\nCookie: AWSALB=a.b; X=1\r\n" in connection._request()
    connection.close()


def test_ratio_is_of_medians_and_against_proxy_pass() -> None:
    """One slow answer does not miss a target; it shows among the slowest."""
    found = balancer.report(MEASURED)
    assert [(row.unit, row.per_contestant["kit"]) for row in found.rows[:2]] == [
        ("us", 110.0),
        ("x", 1.1),
    ]
    assert found.rows[2].per_contestant["kit"] > 800  # type: ignore[operator]
    assert found.exit_code == 0


def test_target_is_missed_by_a_tenth_and_more() -> None:
    """Then the command fails."""
    kept = MEASURED["request on a kept connection"] | {"kit": [112.0]}
    kept = {name: values * 2 for name, values in kept.items()}
    assert balancer.report({"request on a kept connection": kept}).exit_code == 1
