"""Who is silent for too long is hung up on; who is slow on purpose is in nobody's way."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from e2e.load_balancer.fleet import ATTRIBUTES, IDLE_SECONDS
from e2e.load_balancer.wire import WEBSOCKET, Wire, ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from e2e.load_balancer.fleet import Fleet
    from e2e.load_balancer.wire import Answer

SLACK_SECONDS = 3  # nginx looks at idle connections in steps of seconds
SLOW_CLIENTS = 200
DRIPS = 5


@dataclass(frozen=True)
class Silence:
    """How a client that fell silent was treated: the last answer before, and after how long."""

    answer: Answer | None
    seconds: float | None


def fall_silent(url: str, say: Callable[[Wire], object], idle: float) -> Silence:
    """Connect, say something and then nothing more; wait a little longer than the idle timeout."""
    with Wire(url, timeout=idle + SLACK_SECONDS) as wire:
        say(wire)
        begun = time.monotonic()
        answer = wire.answer()
        ended = wire.ends(within=idle + SLACK_SECONDS - (time.monotonic() - begun))
        return Silence(answer, None if ended is None else time.monotonic() - begun)


def say_half_a_header(wire: Wire) -> None:
    """Begin a request."""
    wire.send(f"GET /healthz HTTP/1.1\r\nHost: {wire.host}\r\nX-Slow: ".encode())


def say_half_a_body(wire: Wire) -> None:
    """Send a request that lacks some of its body, which the replica is waiting for."""
    headers = [("Content-Length", "100"), ("Origin", wire.url)]
    wire.request("/session", method="POST", headers=headers, body=b"x" * 10)


def say_a_request(wire: Wire) -> None:
    """Send a whole one, to keep the connection afterwards."""
    wire.request()


SILENT = {
    "nothing": lambda _: None,
    "half a header": say_half_a_header,
    "half a body": say_half_a_body,
    "a whole request": say_a_request,
}
# Of a request that is not whole, 408 may be told before.
TOLD: dict[str, set[int | None]] = {
    "nothing": {None, 408},
    "half a header": {None, 408},
    "half a body": {None, 408},
    "a whole request": {200},
}


@pytest.fixture(scope="module")
def silences(base_url: str) -> dict[str, Silence]:
    """Fall silent in each way at once, for as long as the stack's idle timeout says."""
    attributes = json.loads(ATTRIBUTES.read_text())["load_balancer"]
    idle = attributes["idle_timeout.timeout_seconds"]
    with ThreadPoolExecutor(len(SILENT)) as clients:
        futures = {
            name: clients.submit(fall_silent, base_url, say, idle) for name, say in SILENT.items()
        }
        return {name: future.result() for name, future in futures.items()}


@pytest.mark.thorough
@pytest.mark.usefixtures("unharmed")
@pytest.mark.parametrize("said", SILENT)
def test_silent_client_is_hung_up_on_after_the_idle_timeout(
    silences: dict[str, Silence], said: str
) -> None:
    """Whatever it had said before; a minute, as the stack is set up."""
    assert silences[said].seconds is not None
    assert _status(silences[said]) in TOLD[said]


@pytest.mark.parametrize("said", SILENT)
def test_silent_client_is_hung_up_on_after_a_short_idle_timeout(fleet: Fleet, said: str) -> None:
    """It is an attribute, and neither sooner nor later."""
    silence = fall_silent(fleet.url, SILENT[said], IDLE_SECONDS)
    assert silence.seconds is not None
    assert silence.seconds >= IDLE_SECONDS - 0.2
    assert _status(silence) in TOLD[said]


def _status(silence: Silence) -> int | None:
    return silence.answer.status if silence.answer else None


def test_silent_websocket_is_closed_after_the_idle_timeout(fleet: Fleet) -> None:
    """Neither end has said anything for so long."""
    with fleet.wire() as wire:
        wire.request("/stream", headers=WEBSOCKET)
        answer = wire.answer()
        assert answer is not None
        assert answer.status == 101
        ended = wire.ends(within=IDLE_SECONDS + SLACK_SECONDS)
    assert ended is not None
    assert ended >= IDLE_SECONDS - 0.2


def test_websocket_on_which_one_end_speaks_now_and_then_stays(fleet: Fleet) -> None:
    """For twice the idle timeout; a ping of either end is enough."""
    with fleet.wire() as wire:
        wire.request("/stream", headers=WEBSOCKET)
        assert wire.answer() is not None
        wire.read(wire.read(2)[1])
        begun = time.monotonic()
        while time.monotonic() - begun < 2 * IDLE_SECONDS:
            wire.send(bytes([0x81, 0x81, 0, 0, 0, 0]) + b"x")
            assert wire.read(3) == b"\x81\x01x"
            assert wire.ends(within=IDLE_SECONDS / 2) is None


@pytest.mark.usefixtures("unharmed")
def test_clients_that_are_slow_on_purpose_keep_nobody_waiting(base_url: str) -> None:
    """Two hundred of them send one byte of a header after the other; others are served at once."""
    drip(base_url, say_half_a_header)


@pytest.mark.usefixtures("unharmed")
def test_clients_that_send_a_body_slowly_keep_nobody_waiting(base_url: str) -> None:
    """These reach the replicas, as the balancer passes on what comes."""
    drip(base_url, say_half_a_body)


def drip(base_url: str, begin: Callable[[Wire], None]) -> None:
    """Begin many requests, go on a byte at a time, and see others served meanwhile."""
    with ExitStack() as open_wires:
        slow = [open_wires.enter_context(Wire(base_url)) for _ in range(SLOW_CLIENTS)]
        for each in slow:
            begin(each)
        for _ in range(DRIPS):
            for each in slow:
                each.send(b"x")
            assert {ask(base_url).status for _ in range(6)} == {200}


def test_nothing_of_a_header_that_is_not_whole_reaches_a_target(fleet: Fleet) -> None:
    """A target gets whole headers only, and at once."""
    with fleet.wire() as wire:
        say_half_a_header(wire)
        assert wire.ends(within=IDLE_SECONDS + SLACK_SECONDS) is not None
    assert [each.seen().requests for each in fleet.targets] == [[], [], []]
