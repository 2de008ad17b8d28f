"""Requests that two readers could read differently: none of them reaches a replica as two."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from e2e.load_balancer.bad_requests import AMBIGUOUS, HIDDEN, SEVERE, UNSUPPORTED, written
from e2e.load_balancer.wire import Answer, Wire

if TYPE_CHECKING:
    from e2e.load_balancer.fleet import Fleet

SECONDS = 5


def answers(url: str, data: bytes) -> list[Answer]:
    """Send bytes, and return all answers until the other end hangs up, which it has to."""
    with Wire(url, timeout=SECONDS) as wire:
        wire.send(data)
        got = []
        while answer := wire.answer():
            got.append(answer)
        return got


@pytest.mark.usefixtures("unharmed")
@pytest.mark.parametrize("request_", SEVERE.values(), ids=SEVERE)
def test_severe_request_is_refused_and_its_connection_ends(base_url: str, request_: str) -> None:
    """With 400, once; what follows on the connection is not read."""
    with Wire(base_url) as wire:
        got = answers(base_url, written(request_, wire.host))
    assert [each.status for each in got] == [400]


@pytest.mark.usefixtures("unharmed")
@pytest.mark.parametrize("request_", UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_transfer_encoding_that_is_not_supported_is_refused(base_url: str, request_: str) -> None:
    """With 501 or 400, once."""
    with Wire(base_url) as wire:
        got = answers(base_url, written(request_, wire.host))
    assert [each.status for each in got] in ([400], [501])


@pytest.mark.usefixtures("unharmed")
@pytest.mark.parametrize("request_", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_ambiguous_request_gets_one_answer_and_its_connection_ends(
    base_url: str, request_: str
) -> None:
    """Whether it is refused, or forwarded in one reading: nothing can hide behind it."""
    with Wire(base_url) as wire:
        got = answers(base_url, written(request_, wire.host))
    assert len(got) == 1
    assert got[0].status in (400, 403)  # 403: the replica, which has read no origin in it


@pytest.mark.usefixtures("unharmed")
def test_body_of_a_get_is_no_request(base_url: str) -> None:
    """One reader in a chain that ignores it would take it for the next one."""
    with Wire(base_url, timeout=1) as wire:
        hidden = HIDDEN.replace("{host}", wire.host).encode()
        wire.request("/healthz", body=hidden)
        first = wire.answer()
        assert first is not None
        assert first.status == 200
        with suppress(TimeoutError):
            assert wire.answer() is None


def test_header_that_could_pass_for_an_encoding_is_dropped(fleet: Fleet) -> None:
    """A target that takes an underscore for a hyphen does not get to see it."""
    with fleet.wire() as wire:
        headers = [("Transfer_Encoding", "chunked"), ("Content-Length", "5")]
        wire.request("/echo", method="POST", headers=headers, body=b"0\r\n\r\n")
        answer = wire.answer()
    assert answer is not None
    echo = json.loads(answer.body)
    assert echo["body"] == "0\r\n\r\n"
    assert "transfer_encoding" not in {name.lower() for name, _ in echo["headers"]}


def test_nothing_of_a_refused_request_reaches_a_target(fleet: Fleet) -> None:
    """Neither it nor what hides behind it; each is a line of the balancer's log."""
    for each in [*SEVERE.values(), *UNSUPPORTED.values()]:
        answers(fleet.url, written(each, "hidden.example"))
    assert [each.seen().requests for each in fleet.targets] == [[], [], []]


def test_ambiguous_request_reaches_a_target_in_one_reading_or_not_at_all(fleet: Fleet) -> None:
    """Never with a length and chunks at once, and never as two."""
    for each in AMBIGUOUS.values():
        answers(fleet.url, written(each, "hidden.example"))
    seen = [request for target in fleet.targets for request in target.seen().requests]
    assert "/healthz?hidden" not in {request["path"] for request in seen}
    for request in seen:
        names = {name.lower() for name, _ in request["headers"]}
        assert not {"content-length", "transfer-encoding"} <= names
