"""Stickiness by the balancer's own cookie, `lb_cookie`."""

from __future__ import annotations

import secrets
import time
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest

from e2e.load_balancer.fleet import wait_for
from e2e.load_balancer.wire import (
    STICKINESS_COOKIE,
    STICKINESS_COOKIES,
    WEBSOCKET,
    Wire,
    ask,
    bound_to,
)

if TYPE_CHECKING:
    from e2e.load_balancer.fleet import Fleet

REQUESTS = 20
FORGED = {
    "empty": "",
    "a word": "x",
    "an address": "10.0.0.1:8501",
    "a path": "../../../../etc/passwd",
    "a long one": "A" * 4_000,
    "markup": "<script>alert(1)</script>",
    "url-encoded": "%00%0d%0aX-Forged:%201",
    "quoted": '"A=="',
    "of a replica that never was": f"{secrets.token_urlsafe(32)}.{int(time.time()):x}",
}


@pytest.mark.usefixtures("binding")
def test_first_answer_binds_the_browser_with_two_cookies(base_url: str) -> None:
    """The same in both, for every path; the second one is also sent from another site's page."""
    cookies = ask(base_url).cookies
    own, cors = (cookies[name] for name in STICKINESS_COOKIES)
    assert own.value == cors.value
    assert [each["path"] for each in (own, cors)] == ["/", "/"]
    assert [each["samesite"] for each in (own, cors)] == ["", "None"]
    assert bool(cors["secure"]) is base_url.startswith("https:")


@pytest.mark.usefixtures("binding")
def test_bound_browser_stays_with_its_replica(base_url: str) -> None:
    """Request after request, each on a connection of its own."""
    first = ask(base_url)
    replicas = {ask(base_url, headers=bound_to(first)).replica for _ in range(REQUESTS)}
    assert replicas == {first.replica}


@pytest.mark.usefixtures("binding")
def test_cookie_for_other_sites_binds_alone(base_url: str) -> None:
    """A page of another site has only AWSALBCORS to show."""
    first = ask(base_url)
    bound = bound_to(first, "AWSALBCORS")
    assert {ask(base_url, headers=bound).replica for _ in range(REQUESTS)} == {first.replica}


@pytest.mark.usefixtures("binding")
def test_each_answer_gives_the_cookies_seven_more_days(base_url: str) -> None:
    """By Expires alone, and whatever the duration of the stickiness is."""
    answer = ask(base_url)
    for _ in range(3):
        for name in STICKINESS_COOKIES:
            cookie = answer.cookies[name]
            lives = parsedate_to_datetime(cookie["expires"]) - answer.date
            assert abs(lives - timedelta(days=7)) <= timedelta(seconds=2)
            assert not cookie["max-age"]
        answer = ask(base_url, headers=bound_to(answer))


@pytest.mark.usefixtures("binding", "unharmed")
@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_forged_cookie_is_as_good_as_none(base_url: str, forged: str) -> None:
    """The request is answered by any replica, and the browser gets a true cookie."""
    headers = [("Cookie", f"{STICKINESS_COOKIE}={forged}; AWSALBCORS={forged}")]
    answer = ask(base_url, headers=headers)
    assert answer.cookies[STICKINESS_COOKIE].value != forged
    assert ask(base_url, headers=bound_to(answer)).replica == answer.replica


@pytest.mark.usefixtures("binding", "unharmed")
def test_cookie_that_was_changed_in_one_place_binds_to_nobody(base_url: str) -> None:
    """It looks like one, of a replica that never existed; requests go round again."""
    value = ask(base_url).cookies[STICKINESS_COOKIE].value
    middle = len(value) // 2
    changed = value[:middle] + ("A" if value[middle] != "A" else "B") + value[middle + 1 :]
    headers = [("Cookie", f"{STICKINESS_COOKIE}={changed}")]
    answers = [ask(base_url, headers=headers) for _ in range(REQUESTS)]
    assert len({each.replica for each in answers}) > 1
    assert changed not in {each.cookies[STICKINESS_COOKIE].value for each in answers}


@pytest.mark.usefixtures("scattering")
def test_without_stickiness_no_answer_has_a_cookie(base_url: str) -> None:
    """And one that is left from before is not heeded."""
    left = [("Cookie", f"{STICKINESS_COOKIE}={secrets.token_urlsafe(96)}")]
    answers = [ask(base_url, headers=left) for _ in range(REQUESTS)]
    assert not any(set(each.cookies) & set(STICKINESS_COOKIES) for each in answers)
    assert len({each.replica for each in answers}) > 1


def test_cookie_older_than_the_duration_binds_to_nobody(fleet: Fleet) -> None:
    """The browser would keep it for days; the balancer knows better, in whole seconds."""
    fleet.modify(stickiness__lb_cookie__duration_seconds=3)
    given = time.monotonic()
    bound = bound_to(ask(fleet.url, "/echo"))
    assert len({fleet.ask(headers=bound) for _ in range(6)}) == 1

    def scattered() -> bool:
        return len({fleet.ask(headers=bound) for _ in range(6)}) == len(fleet.targets)

    wait_for(scattered, 5, "the cookie to be too old")
    assert time.monotonic() - given > 2


def test_browser_is_bound_anew_when_its_target_falls_ill(fleet: Fleet) -> None:
    """To one that is healthy, and stays there when the old one has recovered."""
    first = ask(fleet.url, "/echo")
    ill = next(each for each in fleet.targets if each.name == fleet.ask(headers=bound_to(first)))
    ill.script(500)
    fleet.wait_state(ill, "unhealthy")
    second = ask(fleet.url, "/echo", headers=bound_to(first))
    name = fleet.ask(headers=bound_to(second))
    assert name != ill.name
    ill.script(200)
    fleet.wait_state(ill, "healthy")
    assert {fleet.ask(headers=bound_to(second)) for _ in range(6)} == {name}


def test_browser_is_bound_anew_when_its_target_is_deregistered(fleet: Fleet) -> None:
    """At once, though the target is still draining."""
    first = ask(fleet.url, "/echo")
    name = fleet.ask(headers=bound_to(first))
    fleet.deregister(next(each for each in fleet.targets if each.name == name))
    second = ask(fleet.url, "/echo", headers=bound_to(first))
    others = {fleet.ask(headers=bound_to(second)) for _ in range(6)}
    assert len(others) == 1
    assert name not in others


def test_websocket_goes_where_the_browser_is_bound(fleet: Fleet) -> None:
    """And its 101 renews the cookie, as any answer does."""
    first = ask(fleet.url, "/echo")
    name = fleet.ask(headers=bound_to(first))
    for _ in range(6):
        with Wire(fleet.url) as wire:
            wire.request("/stream", headers=[*WEBSOCKET, *bound_to(first)])
            answer = wire.answer()
            assert answer is not None
            assert answer.status == 101
            assert wire.read(2 + len(name))[2:].decode() == name
            assert fleet.ask(headers=bound_to(answer)) == name


def test_websocket_stays_with_the_target_that_took_it(fleet: Fleet) -> None:
    """Whatever the cookies of other requests say: the connection is what binds."""
    with fleet.wire() as wire:
        wire.request("/stream", headers=WEBSOCKET)
        answer = wire.answer()
        assert answer is not None
        length = wire.read(2)[1]
        name = wire.read(length).decode()
        asked = {each.name: len(each.seen().requests) for each in fleet.targets}
        for text in (b"one", b"two"):
            wire.send(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)
            assert wire.read(2 + len(text))[2:] == text
        assert {each.name: len(each.seen().requests) for each in fleet.targets} == asked
        assert asked[name] == 1
