"""What a client is told when a target fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from e2e.load_balancer.fleet import IDLE_SECONDS
from e2e.load_balancer.wire import WEBSOCKET, ask

if TYPE_CHECKING:
    from e2e.load_balancer.fleet import Fleet

KIB = 1024


@pytest.mark.parametrize("how", ["colonless", "headless", "close", "reset"])
def test_answer_that_is_none_is_502(fleet: Fleet, how: str) -> None:
    """A header that is none or but half there, or the end of the connection."""
    assert ask(fleet.url, f"/{how}").status == 502


def test_answer_without_a_status_line_is_not_taken_for_a_whole_one(fleet: Fleet) -> None:
    """It is 502, or passed on as HTTP/0.9 was: without a status, which no browser takes."""
    with fleet.wire() as wire:
        wire.request("/malformed")
        assert wire.read(12) in (b"HTTP/1.1 502", b"I have never")


def test_header_of_an_answer_up_to_the_limit_reaches_the_client(fleet: Fleet) -> None:
    """32 K for all of it."""
    answer = ask(fleet.url, f"/wide?bytes={31 * KIB}")
    assert answer.status == 200
    assert len(answer.headers["X-Wide"]) == 31 * KIB


def test_header_of_an_answer_beyond_the_limit_is_502(fleet: Fleet) -> None:
    """Nothing of the answer reaches the client."""
    assert ask(fleet.url, f"/wide?bytes={33 * KIB}").status == 502


def test_target_that_says_nothing_is_504(fleet: Fleet) -> None:
    """After the idle timeout."""
    answer = ask(fleet.url, "/silent")
    assert answer.status == 504
    assert answer.seconds >= IDLE_SECONDS


def test_target_that_says_something_now_and_then_is_waited_for(fleet: Fleet) -> None:
    """The idle timeout is one of silence, not of the whole answer."""
    answer = ask(fleet.url, f"/drip?seconds={IDLE_SECONDS + 1}")
    assert answer.status == 200
    assert answer.seconds > IDLE_SECONDS + 1


def test_no_target_that_takes_a_connection_is_502(fleet: Fleet) -> None:
    """All of them were tried."""
    for each in fleet.targets:
        each.script(listening=False)
    assert ask(fleet.url, "/echo").status == 502


def test_websocket_that_the_target_refuses_is_its_answer(fleet: Fleet) -> None:
    """Like any other one."""
    answer = ask(fleet.url, "/echo", headers=WEBSOCKET)
    assert answer.status == 200
    assert b'"path": "/echo"' in answer.body


def test_error_of_a_target_reaches_the_client_as_it_is(base_url: str) -> None:
    """A valid answer is the target's own matter: it is asked nobody else for."""
    answer = ask(base_url, "/session", method="POST", body=b"no key")
    assert (answer.status, answer.body) == (403, b"cross-origin")
