"""HTTPS: whether, how, and what becomes of HTTP beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parity.facts.fact import EQUAL, Fact, Group, Meant, Reader, Seen
from parity.facts.readers import NO_STAND_IN, at, attribute, attribute_of, balancer_attribute
from parity.facts.units import boolean, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from parity.facts.cloud import Cloud
    from parity.facts.local import Local

NO_HTTPS = "no HTTPS"
HSTS = "routing.http.response.strict_transport_security.header_value"
POLICY = re.compile(r"(ELBSecurityPolicy-[\w-]+)\.conf")


def _speaks_https(local: Local) -> bool:
    return any(
        "ssl" in each.arguments for each in (local.nginx.find("listen") if local.nginx else ())
    )


def _over_https(read: Callable[[Local], Seen]) -> Callable[[Local], Seen]:
    """Return a reader of what there is over HTTPS only."""

    def only(local: Local) -> Seen:
        if local.nginx is None:
            return Seen(where=local.balancer.where, unseen=NO_STAND_IN)
        return read(local) if _speaks_https(local) else Seen(NO_HTTPS, local.balancer.where)

    return only


def _of_listener(read: Callable[[Cloud], Seen]) -> Callable[[Cloud], Seen]:
    """Return a reader of what there is with an HTTPS listener only."""

    def only(cloud: Cloud) -> Seen:
        if cloud.listener("HTTPS") is None:
            return Seen(NO_HTTPS, cloud.where(cloud.listener("HTTP")))
        return read(cloud)

    return only


def _scheme(local: Local) -> Seen:
    if local.nginx is None:
        return Seen(where=local.balancer.where, unseen=NO_STAND_IN)
    return Seen("HTTPS" if _speaks_https(local) else "HTTP", local.balancer.where)


def _cloud_scheme(cloud: Cloud) -> Seen:
    secure = cloud.listener("HTTPS") or cloud.distribution
    return Seen("HTTPS" if secure else "HTTP", cloud.where(secure or cloud.listener("HTTP")))


def _policy(local: Local) -> Seen:
    """The file of ciphers that nginx reads; it is named like the policy."""
    protocols = local.nginx.find("ssl_protocols") if local.nginx else []
    named = [POLICY.search(each.where.file) for each in protocols]
    found = next((each[1] for each in named if each), "none of a policy")
    return Seen(found, attribute("listener", "SslPolicy").read(local).where)


def _cloud_policy(cloud: Cloud) -> Seen:
    listener = cloud.listener("HTTPS")
    return at(listener["SslPolicy"] if listener else None, cloud, text, "ELBSecurityPolicy-2016-08")


def _hsts(local: Local) -> Seen:
    sent = any(
        each.arguments[0] == "Strict-Transport-Security"
        for each in (local.nginx.find("add_header") if local.nginx else ())
    )
    found = attribute("listener", HSTS).read(local)
    return found if sent else Seen("not sent", found.where)


def _cloud_hsts(cloud: Cloud) -> Seen:
    found = attribute_of(cloud.listener("HTTPS"), "ListenerAttributes", HSTS)
    return at(found, cloud, lambda value: str(value) or "not sent", "not sent")


def _redirect(local: Local) -> Seen:
    found = [
        each
        for each in (local.nginx.find("return") if local.nginx else ())
        if len(each.arguments) > 1 and each.arguments[1].startswith("https://")
    ]
    if not found:
        return Seen("forwards", local.balancer.where)
    return Seen(f"leads to HTTPS by {found[0].arguments[0]}", found[0].where)


def _cloud_redirect(cloud: Cloud) -> Seen:
    listener = cloud.listener("HTTP")
    action = listener["DefaultActions"][0] if listener else None
    if action is None or action["Type"].text != "redirect":
        return Seen("forwards", cloud.where(action))
    code = action["RedirectConfig"]["StatusCode"]
    protocol = action["RedirectConfig"]["Protocol"].text
    return Seen(f"leads to {protocol} by {code.text.removeprefix('HTTP_')}", cloud.where(code))


def _http2(local: Local) -> Seen:
    found = local.nginx.find("http2") if local.nginx else []
    on = any(each.text == "on" for each in found)
    return Seen(on, found[0].where if found else local.balancer.where)


TLS = Group(
    "HTTPS",
    (
        Fact(
            "tls",
            "Over HTTPS cookies are `Secure` and websockets `wss`: what was only tried over HTTP "
            "may fail there.",
            Reader("`listen` of nginx's effective configuration", _scheme),
            Reader("an HTTPS listener, or CloudFront", _cloud_scheme),
            EQUAL,
        ),
        Fact(
            "http-redirect",
            "Who types the address without https must end at the chat all the same.",
            Reader("`return` of nginx's effective configuration", _redirect),
            Reader("`DefaultActions` of the HTTP listener", _cloud_redirect),
            EQUAL,
            rests_on=("tls",),
        ),
        Fact(
            "tls-policy",
            "The policy decides which browsers can connect at all.",
            Reader("the policy's file that nginx includes", _over_https(_policy)),
            Reader("`SslPolicy` of the HTTPS listener", _of_listener(_cloud_policy)),
            EQUAL,
            rests_on=("tls",),
        ),
        Fact(
            "strict-transport",
            "By this header a browser refuses HTTP for a year, whatever becomes of the "
            "certificate.",
            Reader(f"`{HSTS}` of `nginx/attributes.json`", _over_https(_hsts)),
            Reader(f"`{HSTS}` of the HTTPS listener", _of_listener(_cloud_hsts)),
            EQUAL,
            rests_on=("tls",),
            meant=Meant(
                "a browser keeps it by host name: a year of it would take http from every other "
                "program on localhost",
                "max-age=0",
                "max-age=31536000",
            ),
        ),
        Fact(
            "http2",
            "Over HTTP/2 requests share a connection, which proxies and tests may treat otherwise.",
            Reader("`http2` of nginx's effective configuration", _over_https(_http2)),
            Reader(
                "`routing.http2.enabled` of `LoadBalancerAttributes`, or AWS's default",
                _of_listener(
                    balancer_attribute("routing.http2.enabled", boolean, default=True).read
                ),
            ),
            EQUAL,
            rests_on=("tls",),
        ),
    ),
)
