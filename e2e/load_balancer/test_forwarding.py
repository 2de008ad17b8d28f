"""What the balancer tells a target of a client.

A replica logs it when it refuses a claim of a session key (docs/logs.md): logs can be
read anywhere.
"""

from __future__ import annotations

import ipaddress
import json
import re
import secrets
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from app.sessions import mint
from e2e.load_balancer.wire import ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from e2e.load_balancer.fleet import Fleet
    from e2e.load_balancer.wire import Headers

    Claims = Callable[[str], dict[str, str]]

TRACE_ID = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")


def claim(base_url: str, headers: Headers) -> None:
    """Claim what is no key, so that the replica logs who did."""
    assert ask(base_url, "/session", method="POST", headers=headers, body=b"no key").status == 403


def address() -> str:
    """Return an address that nobody else claims to have."""
    return f"2001:db8::{secrets.randbelow(2**16):x}:{secrets.randbelow(2**16):x}"


def new_trace_id() -> str:
    """Return a trace id as whoever sent the request before might have made it."""
    return f"1-67891233-{secrets.token_hex(12)}"


def test_forwarded_for_ends_with_the_address_of_the_client(
    base_url: str, refused_claim: Claims
) -> None:
    """What the client itself says of those before it stays in front, in order."""
    first = address()
    claim(base_url, [("X-Forwarded-For", f"{first}, 198.51.100.9")])
    said = refused_claim(first)["forwarded_for"]
    before, _, last = said.rpartition(", ")
    assert before == f"{first}, 198.51.100.9"
    assert ipaddress.ip_address(last)


def test_forwarded_for_of_a_client_that_says_nothing_is_its_address(
    base_url: str, refused_claim: Claims
) -> None:
    """One address and nothing else."""
    trace_id = new_trace_id()
    claim(base_url, [("X-Amzn-Trace-Id", f"Root={trace_id}")])
    assert ipaddress.ip_address(refused_claim(trace_id)["forwarded_for"])


def test_forwarded_proto_and_port_are_the_listeners(base_url: str, refused_claim: Claims) -> None:
    """Whatever the client claims them to be."""
    first = address()
    claim(
        base_url,
        [
            ("X-Forwarded-For", first),
            ("X-Forwarded-Proto", "gopher"),
            ("X-Forwarded-Port", "70"),
        ],
    )
    listener = urlsplit(base_url)
    said = refused_claim(first)
    assert said["forwarded_proto"] == listener.scheme
    assert said["forwarded_port"] == str(
        listener.port or {"http": 80, "https": 443}[listener.scheme]
    )


def test_request_without_a_trace_id_gets_one(base_url: str, refused_claim: Claims) -> None:
    """A root of version 1, of this second, with 96 bits of its own."""
    first = address()
    claim(base_url, [("X-Forwarded-For", first)])
    name, _, root = refused_claim(first)["trace_id"].partition("=")
    assert name == "Root"
    assert TRACE_ID.fullmatch(root)
    assert abs(int(root.split("-")[1], 16) - time.time()) < 60


@pytest.mark.parametrize(
    ("rest", "before"),
    [("", ""), (";CalledFrom=app", ""), ("", "Self=1-63441c4a-000000000000000000000000;")],
    ids=["root", "fields of an application", "another balancer's self"],
)
def test_trace_id_keeps_its_root_and_gets_a_self(
    base_url: str, refused_claim: Claims, rest: str, before: str
) -> None:
    """A field that an application has added stays; the self of a balancer before is replaced."""
    root = new_trace_id()
    claim(base_url, [("X-Amzn-Trace-Id", f"{before}Root={root}{rest}")])
    own, _, kept = refused_claim(root)["trace_id"].partition(";")
    assert kept == f"Root={root}{rest}"
    name, _, trace_id = own.partition("=")
    assert name == "Self"
    assert TRACE_ID.fullmatch(trace_id)
    assert not trace_id.endswith("0" * 24)


@pytest.mark.parametrize(("origin", "status"), [("same", 200), ("other", 403)])
def test_host_reaches_the_target_as_the_client_sent_it(
    base_url: str, origin: str, status: int
) -> None:
    """Port and all: the replica compares it with the page's origin, and Streamlit does."""
    host = "chat.example.com:8123"
    site = host if origin == "same" else host.removesuffix(":8123")
    headers = [("Host", host), ("Origin", f"https://{site}")]
    answer = ask(base_url, "/session", method="POST", headers=headers, body=mint().encode())
    assert answer.status == status


def test_header_whose_name_is_not_valid_is_dropped(fleet: Fleet) -> None:
    """Letters, digits and hyphens are; an underscore could pass for a hyphen further on."""
    headers = [("X_Forwarded_For", "6.6.6.6"), ("X.Dot", "no"), ("X-Kept", "yes")]
    names = {name.lower() for name, _ in echoed(fleet, headers)}
    assert "x-kept" in names
    assert not names & {"x_forwarded_for", "x.dot"}


def test_other_headers_reach_the_target_as_they_are(fleet: Fleet) -> None:
    """CloudFront's among them, and any byte that a browser may send."""
    sent = [
        ("CloudFront-Forwarded-Proto", "https"),
        ("Accept-Encoding", "zstd"),
        ("X-Latin", "caf\xe9"),
        ("Cookie", "a=1; b=2"),
    ]
    got = [(name, text) for name, text in echoed(fleet, sent)]
    assert [each for each in sent if each not in got] == []


def test_target_is_asked_by_http_1_1_on_a_connection_that_goes_on(fleet: Fleet) -> None:
    """The client's wish for its own connection is not the target's matter."""
    headers = [("Connection", "close, X-Hop"), ("Keep-Alive", "timeout=5")]
    answer = json.loads(ask(fleet.url, "/echo", headers=headers).body)
    assert answer["version"] == "HTTP/1.1"
    connection = [text for name, text in answer["headers"] if name.lower() == "connection"]
    assert connection in ([], ["keep-alive"])


def echoed(fleet: Fleet, headers: Headers) -> list[tuple[str, str]]:
    """Return the headers that a target gets of a request with these."""
    got = json.loads(ask(fleet.url, "/echo", headers=headers).body)["headers"]
    return [(name, text) for name, text in got]
