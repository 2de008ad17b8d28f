"""What nginx is given of a template's target group, load balancer and listeners."""

from __future__ import annotations

import json

import pytest

from parity.errors import ParityError
from parity.from_template.balancer import OWN, balancing_of
from parity.template.parameter_sets import HTTPS, SIGN_IN
from tests.parity.from_template.templates import line, source
from tests.parity.template.changing import Change, drop, item, put


def test_kits_own_template_gives_what_nginx_has_already() -> None:
    """nginx/attributes.json is compared with the same template elsewhere, by another reader."""
    found = balancing_of(source())
    assert found.attributes == json.loads(OWN.read_text())
    assert json.loads(found.text) == found.attributes
    assert (found.sticky, found.https) == (True, False)


@pytest.mark.parametrize(
    ("change", "name", "value"),
    [
        (put("TargetGroup.HealthCheckPath", "/up"), "HealthCheckPath", "/up"),
        (drop("TargetGroup.HealthCheckPath"), "HealthCheckPath", "/"),
        (put("TargetGroup.HealthCheckIntervalSeconds", "7"), "HealthCheckIntervalSeconds", 7),
        (drop("TargetGroup.HealthCheckIntervalSeconds"), "HealthCheckIntervalSeconds", 30),
        (put("TargetGroup.Matcher.HttpCode", "200-299"), "Matcher", "200-299"),
        (
            item("TargetGroup.TargetGroupAttributes", "stickiness.enabled", "false"),
            "stickiness.enabled",
            False,
        ),
        (drop("TargetGroup.TargetGroupAttributes"), "deregistration_delay.timeout_seconds", 300),
        (put("TargetGroup.Port", 80), "Port", 8501),
        (put("Service.LoadBalancers.0.ContainerPort", 9000), "Port", 9000),
    ],
)
def test_target_group_is_the_templates_or_the_apis_default(
    change: Change, name: str, value: object
) -> None:
    """Typed as nginx reads it; the port is the container's, with which ECS registers a task."""
    assert balancing_of(source(change)).attributes["target_group"][name] == value


def test_load_balancer_is_the_templates() -> None:
    """What nginx does otherwise, or not at all, is told and not dropped."""
    attributes = "LoadBalancer.LoadBalancerAttributes"
    found = balancing_of(
        source(
            item(attributes, "idle_timeout.timeout_seconds", "90"),
            item(attributes, "routing.http.desync_mitigation_mode", "strictest"),
        )
    )
    assert found.attributes["load_balancer"]["idle_timeout.timeout_seconds"] == 90
    assert found.attributes["load_balancer"]["routing.http.desync_mitigation_mode"] == "defensive"
    assert found.ignored == (
        "access_logs.s3.enabled: true",
        "access_logs.s3.bucket: ${AccessLogs}",
        "routing.http.desync_mitigation_mode: strictest",
    )


@pytest.mark.parametrize("parameters", [HTTPS, SIGN_IN])
def test_https_listener_makes_it_https(parameters: dict[str, str]) -> None:
    """Behind a sign-in or not; nginx has its policy."""
    found = balancing_of(source(**parameters))
    assert found.https
    assert found.attributes["listener"]["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"


@pytest.mark.parametrize(
    ("change", "where", "said"),
    [
        (put("TargetGroup.Protocol", "HTTPS"), "      Protocol: HTTP", "'HTTPS'"),
        (put("TargetGroup.TargetType", "instance"), "TargetType: ip", "'instance'"),
        (
            item("TargetGroup.TargetGroupAttributes", "stickiness.type", "app_cookie"),
            "stickiness.type",
            "'app_cookie'",
        ),
        (put("HttpListener.DefaultActions", []), "  TargetGroup:", "no listener forwards"),
        (put("HttpsListener.SslPolicy", "ELBSecurityPolicy-2016-08"), "SslPolicy", "2016-08"),
    ],
)
def test_what_nginx_cannot_do_is_refused_with_its_line(
    change: Change, where: str, said: str
) -> None:
    """Rather than done in another way."""
    parameters = HTTPS if "2016" in said else {}
    with pytest.raises(ParityError, match=said) as caught:
        balancing_of(source(change, **parameters))
    resource = "HttpsListener" if parameters else "TargetGroup"
    assert f":{line(where)}: {resource}" in caught.value.what
