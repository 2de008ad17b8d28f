"""The claim route: one browser, one key, and nobody else's."""

from __future__ import annotations

import logging

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.browser import cookie
from app.browser.names import SESSION_COOKIE
from app.sessions import mint

SAME = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def client() -> TestClient:
    """Give a client with an empty cookie jar."""
    return TestClient(Starlette(routes=[cookie.route]))


def test_first_claim_sets_the_cookie_for_scripts_out_of_reach(client: TestClient) -> None:
    """HttpOnly, Lax, and not Secure on plain HTTP, where it would not be kept."""
    key = mint()
    answer = client.post("/session", content=key, headers=SAME)
    assert answer.text == key
    header = answer.headers["set-cookie"].lower()
    assert "httponly" in header
    assert "samesite=lax" in header
    assert "secure" not in header


@pytest.mark.parametrize(
    ("said", "secure"),
    [
        ({"X-Forwarded-Proto": "https"}, True),
        ({"X-Forwarded-Proto": "http"}, False),
        ({"CloudFront-Forwarded-Proto": "https", "X-Forwarded-Proto": "http"}, True),
        ({"CloudFront-Forwarded-Proto": "http", "X-Forwarded-Proto": "http"}, False),
        ({"CloudFront-Forwarded-Proto": "http", "X-Forwarded-Proto": "https"}, True),
    ],
    ids=[
        "balancer ends TLS",
        "no TLS",
        "CloudFront ends TLS",
        "no TLS to CloudFront",
        "forged, past a balancer that ends TLS",
    ],
)
def test_cookie_is_secure_where_somebody_before_the_app_ended_tls(
    client: TestClient, said: dict[str, str], *, secure: bool
) -> None:
    """CloudFront calls the balancer by HTTP; a forged header takes Secure away from nobody."""
    answer = client.post("/session", content=mint(), headers={**SAME, **said})
    flags = [part.strip().lower() for part in answer.headers["set-cookie"].split(";")]
    assert ("secure" in flags) is secure


def test_cookie_is_secure_when_the_app_itself_is_asked_by_https() -> None:
    """With no balancer in between, the request's own scheme counts."""
    client = TestClient(Starlette(routes=[cookie.route]), base_url="https://testserver")
    assert (
        "secure"
        in client.post("/session", content=mint(), headers=SAME).headers["set-cookie"].lower()
    )


def test_later_claim_learns_the_key_that_the_browser_has(client: TestClient) -> None:
    """Of two tabs, the later one takes over the earlier one's key."""
    first, second = mint(), mint()
    client.post("/session", content=first, headers=SAME)
    assert client.post("/session", content=second, headers=SAME).text == first


def test_forged_cookie_does_not_count(client: TestClient) -> None:
    """What is not a key is as good as none."""
    client.cookies.set(SESSION_COOKIE, "../../etc/passwd")
    key = mint()
    assert client.post("/session", content=key, headers=SAME).text == key


@pytest.mark.parametrize("body", [b"", b"x", b"A" * 44, b"A" * 10_000, "ключ".encode() * 11])
def test_what_is_not_a_key_is_refused(client: TestClient, body: bytes) -> None:
    """No cookie comes of it."""
    answer = client.post("/session", content=body, headers=SAME)
    assert answer.status_code == 400
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {},
    ],
)
def test_another_site_cannot_plant_a_key(client: TestClient, headers: dict[str, str]) -> None:
    """A key planted by an attacker would let them read along."""
    assert client.post("/session", content=mint(), headers=headers).status_code == 403


def test_browser_without_fetch_metadata_is_told_by_its_origin(client: TestClient) -> None:
    """On plain HTTP away from localhost, browsers send only Origin."""
    headers = {"Origin": "http://testserver"}
    assert client.post("/session", content=mint(), headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("body", "site", "reason"),
    [(b"x", "same-origin", "not a session key"), (mint(), "cross-site", "cross-origin")],
    ids=["no key", "another site"],
)
def test_what_is_refused_is_logged_with_what_the_balancer_says_of_the_client(
    client: TestClient,
    caplog: pytest.LogCaptureFixture,
    body: bytes | str,
    site: str,
    reason: str,
) -> None:
    """A chain of addresses in one header or in two; no key, and no more than a line can bear."""
    said = [
        ("Sec-Fetch-Site", site),
        ("X-Forwarded-For", "203.0.113.7"),
        ("X-Forwarded-For", "198.51.100.9"),
        ("X-Forwarded-Proto", "https"),
        ("X-Amzn-Trace-Id", "Root=1-" + "0" * 10_000),
    ]
    with caplog.at_level(logging.INFO, logger="app"):
        client.post("/session", content=body, headers=said)
    [record] = [each for each in caplog.records if each.getMessage() == "claim_refused"]
    assert vars(record)["fields"] == {
        "reason": reason,
        "forwarded_for": "203.0.113.7, 198.51.100.9",
        "forwarded_proto": "https",
        "forwarded_port": "",
        "trace_id": ("Root=1-" + "0" * 10_000)[:1024],
    }


def test_a_claim_that_is_granted_is_no_line(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Each page makes one."""
    with caplog.at_level(logging.INFO, logger="app"):
        client.post("/session", content=mint(), headers=SAME)
    assert not caplog.records
