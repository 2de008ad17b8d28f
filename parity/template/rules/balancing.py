"""The load balancer: target group, listeners, and the attributes of both."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parity.template.contract import HEALTH_PATH, WEBSOCKET_PING_SECONDS
from parity.template.place import places
from parity.template.rules.reading import (
    LISTENER,
    LOAD_BALANCER,
    TARGET_GROUP,
    attributes,
    forwards,
    listener_of,
    servings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from parity.template.place import Fault
    from parity.template.values import Resolved

Allowed = tuple[str, ...] | tuple[int, int] | None
FLAG = ("true", "false")
BALANCER_ATTRIBUTES: Mapping[str, Allowed] = {
    "access_logs.s3.bucket": None,
    "access_logs.s3.enabled": FLAG,
    "access_logs.s3.prefix": None,
    "client_keep_alive.seconds": (60, 604800),
    "connection_logs.s3.bucket": None,
    "connection_logs.s3.enabled": FLAG,
    "connection_logs.s3.prefix": None,
    "deletion_protection.enabled": FLAG,
    "health_check_logs.s3.bucket": None,
    "health_check_logs.s3.enabled": FLAG,
    "health_check_logs.s3.prefix": None,
    "idle_timeout.timeout_seconds": (1, 4000),
    "ipv6.deny_all_igw_traffic": FLAG,
    "load_balancing.cross_zone.enabled": ("true",),
    "routing.http.desync_mitigation_mode": ("monitor", "defensive", "strictest"),
    "routing.http.drop_invalid_header_fields.enabled": FLAG,
    "routing.http.preserve_host_header.enabled": FLAG,
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": FLAG,
    "routing.http.xff_client_port.enabled": FLAG,
    "routing.http.xff_header_processing.mode": ("append", "preserve", "remove"),
    "routing.http2.enabled": FLAG,
    "waf.fail_open.enabled": FLAG,
    "zonal_shift.config.enabled": FLAG,
}
RESPONSE = "routing.http.response."
HSTS = f"{RESPONSE}strict_transport_security.header_value"
LISTENER_ATTRIBUTES: Mapping[str, Allowed] = {
    f"{RESPONSE}server.enabled": FLAG,
    HSTS: None,
    f"{RESPONSE}content_security_policy.header_value": None,
    f"{RESPONSE}x_content_type_options.header_value": ("nosniff",),
    f"{RESPONSE}x_frame_options.header_value": ("DENY", "SAMEORIGIN"),
}
HEALTH = "target_group_health"
GROUP_ATTRIBUTES: Mapping[str, Allowed] = {
    "deregistration_delay.timeout_seconds": (0, 3600),
    "load_balancing.algorithm.anomaly_mitigation": ("on", "off"),
    "load_balancing.algorithm.type": (
        "round_robin",
        "least_outstanding_requests",
        "weighted_random",
    ),
    "load_balancing.cross_zone.enabled": ("true", "false", "use_load_balancer_configuration"),
    "slow_start.duration_seconds": (0, 900),
    "stickiness.app_cookie.cookie_name": None,
    "stickiness.app_cookie.duration_seconds": (1, 604800),
    "stickiness.enabled": FLAG,
    "stickiness.lb_cookie.duration_seconds": (1, 604800),
    "stickiness.type": ("lb_cookie", "app_cookie"),
    f"{HEALTH}.dns_failover.minimum_healthy_targets.count": None,
    f"{HEALTH}.dns_failover.minimum_healthy_targets.percentage": None,
    f"{HEALTH}.unhealthy_state_routing.minimum_healthy_targets.count": None,
    f"{HEALTH}.unhealthy_state_routing.minimum_healthy_targets.percentage": None,
}
HOST = "routing.http.preserve_host_header.enabled"
CLIENT = "routing.http.xff_header_processing.mode"
STICKY = "stickiness.lb_cookie.duration_seconds"
STICKY_SECONDS = 3600  # an hour: a chat goes on after a break
IDLE = "idle_timeout.timeout_seconds"
DELAY = "deregistration_delay.timeout_seconds"
HEALTH_LIMITS = {
    "HealthCheckIntervalSeconds": (5, 300),
    "HealthCheckTimeoutSeconds": (2, 120),
    "HealthyThresholdCount": (2, 10),
    "UnhealthyThresholdCount": (2, 10),
}
MAX_DETECTION_SECONDS = 120


def known_attributes(resolved: Resolved) -> Iterator[Fault]:
    """Elastic Load Balancing refuses an attribute that it does not know, and so fails the stack."""
    yield from _known(resolved, LOAD_BALANCER, "LoadBalancerAttributes", BALANCER_ATTRIBUTES)
    yield from _known(resolved, TARGET_GROUP, "TargetGroupAttributes", GROUP_ATTRIBUTES)
    yield from _known(resolved, LISTENER, "ListenerAttributes", LISTENER_ATTRIBUTES)


def attribute_values(resolved: Resolved) -> Iterator[Fault]:
    """Each attribute has its own range; outside of it the stack fails half-way."""
    yield from _in_range(resolved, LOAD_BALANCER, "LoadBalancerAttributes", BALANCER_ATTRIBUTES)
    yield from _in_range(resolved, TARGET_GROUP, "TargetGroupAttributes", GROUP_ATTRIBUTES)
    yield from _in_range(resolved, LISTENER, "ListenerAttributes", LISTENER_ATTRIBUTES)


def idle_timeout(resolved: Resolved) -> Iterator[Fault]:
    """Streamlit pings its websocket every 30 s; a shorter idle timeout cuts every quiet chat."""
    for balancer in places(resolved, LOAD_BALANCER):
        given = attributes(balancer, "LoadBalancerAttributes").get(IDLE)
        if given and (given.number or 0) <= WEBSOCKET_PING_SECONDS:
            yield given.fault(f"more than {WEBSOCKET_PING_SECONDS} s")


def invalid_headers(resolved: Resolved) -> Iterator[Fault]:
    """Malformed headers are how requests get smuggled past a load balancer; drop them."""
    name = "routing.http.drop_invalid_header_fields.enabled"
    for balancer in places(resolved, LOAD_BALANCER):
        given = attributes(balancer, "LoadBalancerAttributes").get(name)
        if given is None or not given.true:
            yield balancer["LoadBalancerAttributes"].fault(f"{name}: true")


def headers_passed(resolved: Resolved) -> Iterator[Fault]:
    """Streamlit holds Host against a websocket's Origin; X-Forwarded-For tells who it was."""
    for balancer in places(resolved, LOAD_BALANCER):
        known = attributes(balancer, "LoadBalancerAttributes")
        host, client = known.get(HOST), known.get(CLIENT)
        if host is None or not host.true:
            yield (host or balancer["LoadBalancerAttributes"]).fault(f"{HOST}: true")
        if client is not None and client.text != "append":
            yield client.fault("append")


def target_type(resolved: Resolved) -> Iterator[Fault]:
    """Fargate tasks have addresses, not machines: their target group is of type ip."""
    for serving in servings(resolved):
        group = serving.target_group
        if group and group["TargetType"].text != "ip":
            yield group["TargetType"].fault("ip")


def websocket_protocol(resolved: Resolved) -> Iterator[Fault]:
    """Websockets pass an ALB only over HTTP/1.1."""
    for serving in servings(resolved):
        group = serving.target_group
        if group and group["ProtocolVersion"].text not in {"", "HTTP1"}:
            yield group["ProtocolVersion"].fault("HTTP1")
        if group and group["Protocol"].text != "HTTP":
            yield group["Protocol"].fault("HTTP, which is what the container speaks")


def target_port(resolved: Resolved) -> Iterator[Fault]:
    """The target group's port is the container's, or a reader looks for the app where it is not."""
    for serving in servings(resolved):
        group = serving.target_group
        if group and group["Port"].number != serving.port:
            yield group["Port"].fault(f"{serving.port}, the container's port")


def health_path(resolved: Resolved) -> Iterator[Fault]:
    """Streamlit answers 200 on any unknown path, so a health check elsewhere always passes."""
    for serving in servings(resolved):
        group = serving.target_group
        if group and group["HealthCheckPath"].text != HEALTH_PATH:
            yield group["HealthCheckPath"].fault(f"{HEALTH_PATH}, the app's own")


def health_matcher(resolved: Resolved) -> Iterator[Fault]:
    """A draining task answers 503 and a broken one 500: only 200 is healthy."""
    for serving in servings(resolved):
        group = serving.target_group
        if group and group["Matcher"]["HttpCode"].text not in {"", "200"}:
            yield group["Matcher"]["HttpCode"].fault("200")


def health_port(resolved: Resolved) -> Iterator[Fault]:
    """The health check asks the port that serves, or it checks something else."""
    for serving in servings(resolved):
        group = serving.target_group
        allowed = {"", "traffic-port", str(serving.port)}
        if group and group["HealthCheckPort"].text not in allowed:
            yield group["HealthCheckPort"].fault("traffic-port")
        if group and group["HealthCheckProtocol"].text not in {"", "HTTP"}:
            yield group["HealthCheckProtocol"].fault("HTTP")


def health_timing(resolved: Resolved) -> Iterator[Fault]:
    """A dead task must be found within two minutes, by checks that end before the next begins."""
    for serving in servings(resolved):
        group = serving.target_group
        if group is None:
            continue
        for name, (low, high) in HEALTH_LIMITS.items():
            value = group[name].number
            if value is not None and not low <= value <= high:
                yield group[name].fault(f"{low} to {high}")
        interval = group["HealthCheckIntervalSeconds"].number or 30
        if (group["HealthCheckTimeoutSeconds"].number or 5) >= interval:
            yield group["HealthCheckTimeoutSeconds"].fault(f"less than the interval, {interval:g}")
        if interval * (group["UnhealthyThresholdCount"].number or 2) > MAX_DETECTION_SECONDS:
            yield group["UnhealthyThresholdCount"].fault(
                f"with the interval at most {MAX_DETECTION_SECONDS} s together"
            )


def stickiness(resolved: Resolved) -> Iterator[Fault]:
    """Streamlit's uploads and media live in one replica: a browser must come back to it."""
    for serving in servings(resolved):
        if serving.target_group is None:
            continue
        known = attributes(serving.target_group, "TargetGroupAttributes")
        enabled, kind = known.get("stickiness.enabled"), known.get("stickiness.type")
        whole = serving.target_group["TargetGroupAttributes"]
        if enabled is None or not enabled.true:
            yield (enabled or whole).fault("stickiness.enabled: true")
        elif kind is None or kind.text != "lb_cookie":
            yield (kind or whole).fault("stickiness.type: lb_cookie")
        elif STICKY not in known or (known[STICKY].number or 0) < STICKY_SECONDS:
            yield known.get(STICKY, whole).fault(f"{STICKY}: at least {STICKY_SECONDS}")


def deregistration_delay(resolved: Resolved) -> Iterator[Fault]:
    """Left at its default, every deploy waits 300 s for websockets that never end by themselves."""
    for serving in servings(resolved):
        if serving.target_group is None:
            continue
        given = attributes(serving.target_group, "TargetGroupAttributes").get(DELAY)
        if given is None:
            yield serving.target_group["TargetGroupAttributes"].fault(f"{DELAY}, said")


def application_balancer(resolved: Resolved) -> Iterator[Fault]:
    """Stickiness by cookie, redirects and sign-in are an Application Load Balancer's."""
    for balancer in places(resolved, LOAD_BALANCER):
        if balancer["Type"].text not in {"", "application"}:
            yield balancer["Type"].fault("application")


def https_when_certified(resolved: Resolved) -> Iterator[Fault]:
    """Whoever gives a certificate expects HTTPS, and nothing served without it."""
    certificate = resolved.parameters.get("CertificateArn")
    secure = [item for item in places(resolved, LISTENER) if item["Protocol"].text == "HTTPS"]
    if certificate and not secure:
        for balancer in places(resolved, LOAD_BALANCER):
            yield balancer.fault("a listener on port 443 with the certificate")
    for listener in secure:
        given = [item["CertificateArn"] for item in listener["Certificates"]]
        if not given or (certificate and given[0].text != certificate):
            yield listener["Certificates"].fault("the certificate that was given")
    for action, _ in forwards(resolved):
        front = listener_of(action)
        if secure and front and front["Protocol"].text == "HTTP":
            yield action.fault("a redirect to HTTPS")


def strict_transport(resolved: Resolved) -> Iterator[Fault]:
    """A browser that was told so once never again asks by HTTP, where its key could be read."""
    for listener in places(resolved, LISTENER):
        if listener["Protocol"].text != "HTTPS":
            continue
        given = attributes(listener, "ListenerAttributes").get(HSTS)
        if given is None or not re.match(r"max-age=[1-9]", given.text):
            yield (given or listener["ListenerAttributes"]).fault(f"{HSTS}: max-age=31536000")


def redirect(resolved: Resolved) -> Iterator[Fault]:
    """A redirect keeps host, path and query, goes to HTTPS, and is remembered as permanent."""
    for listener in places(resolved, LISTENER):
        for action in listener["DefaultActions"]:
            if action["Type"].text != "redirect":
                continue
            config = action["RedirectConfig"]
            if config["Protocol"].text != "HTTPS" or config["Port"].text not in {"", "443"}:
                yield config.fault("Protocol HTTPS, Port 443")
            if config["StatusCode"].text != "HTTP_301":
                yield config["StatusCode"].fault("HTTP_301")


def tls_policy(resolved: Resolved) -> Iterator[Fault]:
    """The default policy still speaks TLS 1.0; name one that begins at 1.2."""
    for listener in places(resolved, LISTENER):
        policy = listener["SslPolicy"]
        good = policy.text.startswith(
            ("ELBSecurityPolicy-TLS13-1-2", "ELBSecurityPolicy-TLS13-1-3")
        )
        if listener["Protocol"].text == "HTTPS" and not good:
            yield policy.fault("ELBSecurityPolicy-TLS13-1-2-...")


def listener_ports(resolved: Resolved) -> Iterator[Fault]:
    """Browsers ask port 80 for HTTP and port 443 for HTTPS."""
    for listener in places(resolved, LISTENER):
        usual = {"HTTP": 80, "HTTPS": 443}.get(listener["Protocol"].text)
        if usual and listener["Port"].number != usual:
            yield listener["Port"].fault(str(usual))


def _known(
    resolved: Resolved, kind: str, key: str, allowed: Mapping[str, Allowed]
) -> Iterator[Fault]:
    for owner in places(resolved, kind):
        for item in owner[key]:
            if item["Key"].text not in allowed:
                yield item["Key"].fault(f"one of {', '.join(allowed)}")


def _in_range(
    resolved: Resolved, kind: str, key: str, allowed: Mapping[str, Allowed]
) -> Iterator[Fault]:
    for owner in places(resolved, kind):
        for name, value in attributes(owner, key).items():
            limits = allowed.get(name)
            if limits is None:
                continue
            low, high = limits[0], limits[-1]
            if isinstance(low, int) and isinstance(high, int):
                if value.number is None or not low <= value.number <= high:
                    yield value.fault(f"{low} to {high}")
            elif value.text not in limits:
                yield value.fault(" or ".join(str(choice) for choice in limits))
