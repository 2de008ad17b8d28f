"""How much of a request the balancer takes, and what it does with more."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from e2e.load_balancer.wire import Wire, ask

if TYPE_CHECKING:
    from e2e.load_balancer.fleet import Fleet

KIB = 1024
SESSION_KEY_BYTES = 256  # more than that the chatbot does not read of a key


@pytest.mark.parametrize(
    "headers",
    [
        [("X-One", "x" * (16 * KIB - 200))],
        [(f"X-{number}", "x" * (15 * KIB)) for number in range(4)],
    ],
    ids=["one header of almost 16 K", "60 K of headers"],
)
def test_headers_up_to_the_limits_reach_the_replica(
    base_url: str, headers: list[tuple[str, str]]
) -> None:
    """16 K for one, 64 K for all."""
    assert ask(base_url, headers=headers).status == 200


@pytest.mark.usefixtures("unharmed")
@pytest.mark.parametrize(
    "headers",
    [
        [("X-One", "x" * 16 * KIB)],
        [("Cookie", f"a={'x' * 20 * KIB}")],
        [(f"X-{number}", "x" * (15 * KIB)) for number in range(5)],
        [(f"X-{number}", "x" * 50) for number in range(1_500)],
    ],
    ids=["a header of 16 K", "a cookie of 20 K", "five of 15 K", "1,500 of 50 bytes"],
)
def test_headers_beyond_the_limits_are_refused(
    base_url: str, headers: list[tuple[str, str]]
) -> None:
    """With 400, and the connection ends."""
    with Wire(base_url) as wire:
        wire.request(headers=headers)
        answer = wire.answer()
        assert answer is not None
        assert answer.status == 400
        assert wire.ends(within=5) is not None


def test_request_line_up_to_the_limit_reaches_the_replica(base_url: str) -> None:
    """16 K."""
    assert ask(base_url, "/healthz?" + "x" * (15 * KIB)).status == 200


@pytest.mark.usefixtures("unharmed")
def test_request_line_beyond_the_limit_is_refused(base_url: str) -> None:
    """With 414, or with 400 as too large a header."""
    assert ask(base_url, "/healthz?" + "x" * 16 * KIB).status in (400, 414)


def test_thirty_addresses_in_forwarded_for_are_taken(base_url: str) -> None:
    """The most that are."""
    assert ask(base_url, headers=[("X-Forwarded-For", addresses(30))]).status == 200


@pytest.mark.usefixtures("unharmed")
@pytest.mark.parametrize("lines", [1, 2], ids=["one header", "two headers"])
def test_more_addresses_in_forwarded_for_are_refused(base_url: str, lines: int) -> None:
    """With 463, an ALB's own status."""
    headers = [("X-Forwarded-For", addresses(31))]
    if lines == 2:
        headers = [("X-Forwarded-For", addresses(16)), ("X-Forwarded-For", addresses(15))]
    assert ask(base_url, headers=headers).status == 463


def addresses(number: int) -> str:
    """Return so many addresses, as a chain of proxies makes them."""
    return ", ".join(f"203.0.113.{last}" for last in range(number))


@pytest.mark.usefixtures("unharmed")
def test_trace_is_not_allowed(base_url: str) -> None:
    """It would tell a script what it may not read, and is refused with 405."""
    assert ask(base_url, method="TRACE").status == 405


@pytest.mark.usefixtures("unharmed")
def test_body_that_nobody_wants_is_refused_by_the_replica_before_it_has_all_come(
    base_url: str,
) -> None:
    """The balancer has no limit of its own and keeps nothing back: 100 MB never come to be sent."""
    size = 100 * KIB**2
    origin = base_url.rstrip("/")
    with Wire(base_url) as wire:
        wire.request(
            "/session",
            method="POST",
            headers=[("Content-Length", str(size)), ("Origin", origin)],
            body=b"x" * 2 * SESSION_KEY_BYTES,
        )
        answer = wire.answer()
    assert answer is not None
    assert answer.status == 400


@pytest.mark.usefixtures("unharmed")
def test_body_that_never_ends_is_cut_off(base_url: str) -> None:
    """In chunks, with no length given: what is sent after the answer goes nowhere."""
    origin = base_url.rstrip("/")
    with Wire(base_url) as wire:
        wire.request(
            "/session",
            method="POST",
            headers=[("Transfer-Encoding", "chunked"), ("Origin", origin)],
            body=b"200\r\n" + b"x" * 0x200 + b"\r\n",
        )
        answer = wire.answer()
        assert answer is not None
        assert answer.status == 400


def test_big_body_reaches_the_target_whole(fleet: Fleet) -> None:
    """8 MB, more than any buffer on the way."""
    body = b"0123456789abcdef" * (512 * KIB)
    echo = json.loads(ask(fleet.url, "/echo", method="POST", body=body).body)
    assert echo["body"] == f"sha256:{hashlib.sha256(body).hexdigest()}"
