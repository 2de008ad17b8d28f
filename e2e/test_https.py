"""The chat over HTTPS, which the load balancer ends: `parity up --https`, or any https address."""

from __future__ import annotations

import ssl
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from app.browser.names import SESSION_COOKIE
from e2e.chat import Chat

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from playwright.sync_api import Page

    from e2e.https import Https
    from e2e.target import Target


def test_whole_chat_goes_through_one_secure_origin(page: Page, https: Https, base_url: str) -> None:
    """Page, script files, websocket: nothing is asked for in the clear."""
    asked: list[SplitResult] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url)))
    page.on("websocket", lambda socket: asked.append(urlsplit(socket.url)))
    chat = Chat(page, base_url)
    chat.load()
    chat.ask("Does anybody listen in?")
    chat.refresh()
    expect(chat.messages).to_have_count(2)
    assert [each.geturl() for each in asked if each.scheme in ("http", "ws")] == []
    origins = {(each.scheme, each.port or 443) for each in asked if each.hostname == https.host}
    assert origins == {("https", https.port), ("wss", https.port)}


@pytest.mark.usefixtures("https")
def test_session_cookie_is_secure(chat: Chat) -> None:
    """A browser gives it to no http address; the app has to hear of HTTPS to say so."""
    key = chat.wait_kept()
    (cookie,) = (each for each in chat.page.context.cookies() if each["name"] == SESSION_COOKIE)
    assert (cookie["value"], cookie["secure"], cookie["httpOnly"]) == (key, True, True)


@pytest.mark.usefixtures("https")
def test_client_cannot_talk_the_app_out_of_https(chat: Chat) -> None:
    """X-Forwarded-Proto is the load balancer's to say, whatever comes with the request."""
    answer = chat.page.request.post(
        f"{chat.url}/session",
        data=chat.wait_kept(),
        headers={
            "Content-Type": "text/plain",
            "Origin": chat.url,
            "X-Forwarded-Proto": "http",
            "X-Forwarded-Port": "80",
        },
    )
    assert answer.ok
    assert SimpleCookie(answer.headers["set-cookie"])[SESSION_COOKIE]["secure"]


def test_cookie_for_other_sites_frames_is_secure(https: Https, target: Target) -> None:
    """AWSALBCORS is SameSite=None, which browsers take only together with Secure."""
    cookies = SimpleCookie("\n".join(https.get("/healthz").headers.get_all("Set-Cookie") or []))
    if target.sticky is False:
        assert not cookies
        return
    assert cookies["AWSALBCORS"].value == cookies["AWSALB"].value
    assert cookies["AWSALBCORS"]["samesite"] == "None"
    assert cookies["AWSALBCORS"]["secure"]
    assert not cookies["AWSALB"]["samesite"]


def test_http_leads_to_https(https: Https) -> None:
    """For good, with path and query as they were."""
    answer = https.get_plainly("/some/path?a=1&b=%20")
    assert answer.status == 301
    assert answer.headers["Location"] == f"https://{https.host}:{https.port}/some/path?a=1&b=%20"


def test_browser_that_asks_for_http_comes_to_the_chat(page: Page, https: Https) -> None:
    """As whoever types the address without a scheme."""
    chat = Chat(page, f"http://{https.host}:{https.http_port}")
    chat.load()
    assert page.url == f"https://{https.host}:{https.port}/"


def test_every_answer_says_how_long_https_is_to_be_asked_for(https: Https) -> None:
    """Those of the app as well as the load balancer's own."""
    for path in ("/healthz", "/_stcore/health", "/no/such/path"):
        header = https.get(path).headers.get_all("Strict-Transport-Security")
        assert header == [https.transport_security], path


@pytest.mark.parametrize(
    "version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=lambda each: each.name
)
def test_tls_of_today_is_spoken(https: Https, version: ssl.TLSVersion) -> None:
    """SslPolicy ELBSecurityPolicy-TLS13-1-2-2021-06."""
    context = https.context()
    context.minimum_version = context.maximum_version = version
    assert https.shake_hands(context).version == version.name.replace("_", ".")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
def test_tls_of_yesterday_is_refused(https: Https) -> None:
    """By the server: the client offers TLS 1.1, and every cipher that goes with it."""
    if "X-Amz-Cf-Id" in https.get("/healthz").headers:
        pytest.skip("CloudFront's own certificate comes with TLS 1.0, which nobody can change")
    context = https.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError, match=r"ALERT_PROTOCOL_VERSION|alert protocol version"):
        https.shake_hands(context)


def test_cipher_without_forward_secrecy_is_refused(https: Https) -> None:
    """Who records today must not be able to read it when a key is stolen tomorrow."""
    context = https.context()
    context.set_ciphers("kRSA")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError, match=r"HANDSHAKE_FAILURE|handshake failure"):
        https.shake_hands(context)


@pytest.mark.parametrize("protocol", ["h2", "http/1.1"])
def test_both_protocols_are_offered(https: Https, protocol: str) -> None:
    """HTTP/2, as by default on an HTTPS listener, and what a websocket needs."""
    context = https.context()
    context.set_alpn_protocols([protocol])
    assert https.shake_hands(context).protocol == protocol
