"""What the load balancer does with requests: nginx here, an Application Load Balancer there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parity.facts.fact import AT_MOST, EQUAL, LESS, SAME_SET, Fact, Group, Reader, Seen
from parity.facts.readers import (
    NO_STAND_IN,
    NOT_BUILT,
    attribute,
    balancer_attribute,
    directive,
    group_attribute,
    seen,
    target_group,
)
from parity.facts.units import MIB, boolean, nginx_mebibytes, number, seconds, text
from parity.template.contract import WEBSOCKET_PING_SECONDS

if TYPE_CHECKING:
    from parity.facts.cloud import Cloud
    from parity.facts.local import Local

ALB_COOKIES = frozenset({"AWSALB", "AWSALBCORS"})
ALB_HEADERS = {"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Amzn-Trace-Id"}
TLS_HEADERS = {"X-Amzn-Tls-Version", "X-Amzn-Tls-Cipher-Suite"}
COMMON_RULES = "AWSManagedRulesCommonRuleSet"
COMMON_BODY = 8192  # bytes; AWS: "AWS Managed Rules", SizeRestrictions_BODY
UPLOAD_MIB = 200.0  # Streamlit's default for server.maxUploadSize
APPENDED, PRESERVED = "$proxy_add_x_forwarded_for", "$http_x_forwarded_for"
IDLE = ("client_header_timeout", "client_body_timeout", "send_timeout")
IDLE_OF_TARGETS = ("proxy_read_timeout", "proxy_send_timeout", "keepalive_timeout")


def _whole(value: object) -> str:
    return f"{value:g}"


def _port(section: str, key: str, default: object) -> Reader[Local]:
    """Read a number of .streamlit/config.toml; an app without the file has Streamlit's default."""

    def read(local: Local) -> Seen:
        node = local.streamlit[section][key]
        if not node:
            return Seen(default, node.where, node.written)
        return Seen(number(node.plain), node.where, node.written)

    return Reader(f"`{section}.{key}` of `app/.streamlit/config.toml`", read)


def _exposed(local: Local) -> Seen:
    if not local.image:
        return Seen(where=local.app.where, unseen=NOT_BUILT)
    return seen(local.image["ExposedPorts"][0], number)


def _mapped_port(cloud: Cloud) -> Seen:
    found = cloud.container["PortMappings"][0]["ContainerPort"] if cloud.container else None
    return Seen(found.number if found else None, cloud.where(found))


def _served_port(cloud: Cloud) -> Seen:
    entries = cloud.service["LoadBalancers"][0]["ContainerPort"] if cloud.service else None
    return Seen(entries.number if entries else None, cloud.where(entries))


def _sticky(local: Local) -> Seen:
    """STICKINESS switches off what attributes.json switches on."""
    found = attribute("target_group", "stickiness.enabled", boolean).read(local)
    switch = local.balancer["environment"]["STICKINESS"]
    return (
        Seen(value=False, where=switch.where, written=switch.written)
        if switch.text == "off"
        else found
    )


def _cookies(local: Local) -> Seen:
    """The cookies that nginx sets by variables whose maps begin with a name."""
    if local.nginx is None:
        return Seen(where=local.balancer.where, unseen=NO_STAND_IN)
    used = {
        each.arguments[1]
        for each in local.nginx.find("add_header")
        if each.arguments[0] == "Set-Cookie"
    }
    found = [
        (match[1], each.where)
        for each in local.nginx.find("default")
        if each.blocks
        and each.blocks[-1].split()[-1] in used
        and (match := re.match(r"(\w+)=", each.text))
    ]
    return Seen(
        frozenset(name for name, _ in found), found[0][1] if found else local.balancer.where
    )


def _cloud_cookies(cloud: Cloud) -> Seen:
    kind = group_attribute("stickiness.type", text, "lb_cookie").read(cloud)
    if kind.value != "app_cookie":
        return Seen(ALB_COOKIES, kind.where)
    name = group_attribute("stickiness.app_cookie.cookie_name").read(cloud)
    return Seen(frozenset({str(name.value), "AWSALBAPP"}), name.where)


def _headers(local: Local) -> Seen:
    """The headers that nginx sets anew for a target."""
    if local.nginx is None:
        return Seen(where=local.balancer.where, unseen=NO_STAND_IN)
    found = [
        each for each in local.nginx.find("proxy_set_header") if each.arguments[0].startswith("X-")
    ]
    names = frozenset(each.arguments[0] for each in found)
    return Seen(names, found[0].where if found else local.balancer.where)


def _cloud_headers(cloud: Cloud) -> Seen:
    tls = balancer_attribute(
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled", boolean, default=False
    ).read(cloud)
    return Seen(frozenset(ALB_HEADERS | (TLS_HEADERS if tls.value else set())), tls.where)


def _set_header(local: Local, header: str) -> str:
    found = local.nginx.find("proxy_set_header") if local.nginx else []
    return next((each.arguments[1] for each in found if each.arguments[0] == header), "")


def _agreed(name: str, effective: Reader[Local], convert: object = text) -> Reader[Local]:
    """Read what nginx does; if attributes.json says something else, both."""
    said = attribute("load_balancer", name, convert)  # type: ignore[arg-type]

    def read(local: Local) -> Seen:
        does, says = effective.read(local), said.read(local)
        if does.unseen or does.value == says.value:
            return says
        return Seen(
            f"{does.value}, and attributes.json says {says.value}", says.where, says.written
        )

    return Reader(f"{effective.text}, and `{name}` of `nginx/attributes.json`", read)


def _host(local: Local) -> Seen:
    return Seen(_set_header(local, "Host") in {"$http_host", "$host"}, local.balancer.where)


def _addresses(local: Local) -> Seen:
    value = _set_header(local, "X-Forwarded-For")
    known = {APPENDED: "append", PRESERVED: "preserve", "": "remove"}
    return Seen(known.get(value, value), local.balancer.where)


def _invalid(local: Local) -> Seen:
    ignored = directive("ignore_invalid_headers", text, "on").read(local)
    underscores = directive("underscores_in_headers", text, "off").read(local)
    return Seen((ignored.value, underscores.value) == ("on", "off"), ignored.where)


def _body(cloud: Cloud) -> Seen:
    """The most that a web ACL lets through; an ALB itself has no limit."""
    acl = cloud.web_acl
    limits = [(_limit(rule.value), rule) for rule in (acl["Rules"] if acl else ())]
    smallest = min(limits, key=lambda each: each[0], default=None)
    if smallest is None or smallest[0] == float("inf"):
        return Seen(float("inf"), cloud.where(cloud.load_balancer))
    return Seen(smallest[0] / MIB, cloud.where(smallest[1]))


def _limit(rule: object) -> float:
    """Return how many bytes of a body a rule lets through."""
    if isinstance(rule, dict):
        statement = rule.get("Statement") or {}
        managed = statement.get("ManagedRuleGroupStatement") or {}
        counted = {each.get("Name") for each in managed.get("RuleActionOverrides") or ()}
        excluded = counted | {each.get("Name") for each in managed.get("ExcludedRules") or ()}
        if managed.get("Name") == COMMON_RULES and "SizeRestrictions_BODY" not in excluded:
            return float(COMMON_BODY)
        size = statement.get("SizeConstraintStatement") or {}
        if "Body" in (size.get("FieldToMatch") or {}) and "Block" in (rule.get("Action") or {}):
            return float(size.get("Size", "inf"))
    return float("inf")


LOAD_BALANCER = Group(
    "Load balancer",
    (
        Fact(
            "container-port",
            "On another port, nobody listens.",
            Reader("`EXPOSE` of the image", _exposed),
            Reader("`PortMappings` of the container definition", _mapped_port),
            EQUAL,
            write=_whole,
        ),
        Fact(
            "listening-port",
            "The app must listen where the service has the load balancer send requests.",
            _port("server", "port", 8501.0),
            Reader("`ContainerPort` of the ECS service's load balancer", _served_port),
            EQUAL,
            write=_whole,
        ),
        Fact(
            "target-port",
            "The port of the targets is where they are asked for their health.",
            attribute("target_group", "Port", number),
            target_group("Port", convert=number),
            EQUAL,
            write=_whole,
        ),
        Fact(
            "stickiness",
            "With stickiness a browser stays with one replica: what works only so breaks without.",
            Reader("`stickiness.enabled` of `nginx/attributes.json`, and `STICKINESS`", _sticky),
            group_attribute("stickiness.enabled", boolean, default=False),
            EQUAL,
            write=text,
        ),
        Fact(
            "stickiness-kind",
            "Who makes the cookie, load balancer or app, decides when a browser is bound anew.",
            attribute("target_group", "stickiness.type"),
            group_attribute("stickiness.type", text, "lb_cookie"),
            EQUAL,
            write=text,
        ),
        Fact(
            "stickiness-cookie",
            "Whoever looks for the cookie, such as a test or a proxy, looks for its name.",
            Reader("cookies that nginx's effective configuration sets", _cookies),
            Reader("cookies of the target group's kind of stickiness", _cloud_cookies),
            SAME_SET,
            rests_on=("stickiness-kind",),
        ),
        Fact(
            "stickiness-duration",
            "After this time a browser may be sent to another replica.",
            attribute("target_group", "stickiness.lb_cookie.duration_seconds", number),
            group_attribute("stickiness.lb_cookie.duration_seconds", number, 86400.0),
            EQUAL,
            unit="s",
            write=_whole,
        ),
        Fact(
            "algorithm",
            "How a replica is chosen decides which one gets the next user.",
            attribute("target_group", "load_balancing.algorithm.type"),
            group_attribute("load_balancing.algorithm.type", text, "round_robin"),
            EQUAL,
            write=text,
        ),
        Fact(
            "slow-start",
            "With a slow start a new replica gets few users at first.",
            attribute("target_group", "slow_start.duration_seconds", number),
            group_attribute("slow_start.duration_seconds", number, 0.0),
            EQUAL,
            unit="s",
            write=_whole,
        ),
        Fact(
            "idle-timeout",
            "After so long a silence a connection is cut: with less time there, slow answers break "
            "off that arrive here.",
            directive(
                IDLE[0],
                seconds,
                60.0,
                others=(*IDLE[1:], *IDLE_OF_TARGETS),
                made_of="idle_timeout.timeout_seconds",
            ),
            balancer_attribute("idle_timeout.timeout_seconds", number, 60.0),
            EQUAL,
            unit="s",
            write=_whole,
        ),
        Fact(
            "websocket-ping",
            "Streamlit's ping keeps an idle page connected, if it comes before the idle timeout.",
            _port("server", "websocketPingInterval", float(WEBSOCKET_PING_SECONDS)),
            balancer_attribute("idle_timeout.timeout_seconds", number, 60.0),
            LESS,
            unit="s",
            rests_on=("idle-timeout",),
        ),
        Fact(
            "client-keep-alive",
            "After this time a client must connect anew, however busy it is.",
            directive("keepalive_time", seconds, 3600.0, made_of="client_keep_alive.seconds"),
            balancer_attribute("client_keep_alive.seconds", number, 3600.0),
            EQUAL,
            unit="s",
            write=_whole,
        ),
        Fact(
            "host-header",
            "Streamlit compares the Host header with a websocket's origin: changed, no page "
            "connects.",
            _agreed(
                "routing.http.preserve_host_header.enabled",
                Reader("`Host` that nginx sends on", _host),
                boolean,
            ),
            balancer_attribute("routing.http.preserve_host_header.enabled", boolean, default=False),
            EQUAL,
        ),
        Fact(
            "forwarded-for",
            "By X-Forwarded-For the app knows who asks: replaced or dropped, all users look alike.",
            _agreed(
                "routing.http.xff_header_processing.mode",
                Reader("`X-Forwarded-For` that nginx sends on", _addresses),
            ),
            balancer_attribute("routing.http.xff_header_processing.mode", text, "append"),
            EQUAL,
        ),
        Fact(
            "forwarded-headers",
            "The app learns scheme and port from these headers: without one, cookies and links are "
            "wrong behind HTTPS.",
            Reader("`X-` headers that nginx's effective configuration sets", _headers),
            Reader("headers that an ALB sets, with its attributes", _cloud_headers),
            SAME_SET,
        ),
        Fact(
            "invalid-headers",
            "Headers of odd names are dropped: an app that reads one gets it on one side only.",
            _agreed(
                "routing.http.drop_invalid_header_fields.enabled",
                Reader("`ignore_invalid_headers` and `underscores_in_headers` of nginx", _invalid),
                boolean,
            ),
            balancer_attribute(
                "routing.http.drop_invalid_header_fields.enabled", boolean, default=False
            ),
            EQUAL,
        ),
        Fact(
            "ambiguous-requests",
            "How ambiguous requests are treated decides whether one can be smuggled past the load "
            "balancer.",
            attribute("load_balancer", "routing.http.desync_mitigation_mode"),
            balancer_attribute("routing.http.desync_mitigation_mode", text, "defensive"),
            EQUAL,
            write=text,
        ),
        Fact(
            "body-limit",
            "A request that is larger is refused: with a smaller limit there, uploads fail that "
            "work here.",
            directive("client_max_body_size", nginx_mebibytes, 1.0),
            Reader(
                "the least that a rule of the web ACL lets through, or an ALB's: no limit", _body
            ),
            EQUAL,
            unit="MiB",
        ),
        Fact(
            "upload-limit",
            "What the page offers to upload must get through the load balancer.",
            _port("server", "maxUploadSize", UPLOAD_MIB),
            Reader(
                "the least that a rule of the web ACL lets through, or an ALB's: no limit", _body
            ),
            AT_MOST,
            unit="MiB",
            rests_on=("body-limit",),
        ),
    ),
)
