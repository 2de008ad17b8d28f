"""nginx/attributes.json says what infra/template.yml says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from parity.project import ROOT
from parity.template.load import load
from parity.template.place import place
from parity.template.resolve import resolve
from parity.template.rules.reading import attributes

if TYPE_CHECKING:
    from parity.template.place import Place
    from parity.template.values import Resolved

ATTRIBUTES = json.loads((ROOT / "nginx" / "attributes.json").read_text())
# What the template leaves to AWS: the defaults of the API.
DEFAULTS = {"client_keep_alive.seconds": 3600, "slow_start.duration_seconds": 0}
# What a copy of the load balancer has no use for.
ELSEWHERE = {"access_logs.s3.enabled", "access_logs.s3.bucket"}
SETTINGS = (
    "Port",
    "HealthCheckPath",
    "HealthCheckIntervalSeconds",
    "HealthCheckTimeoutSeconds",
    "HealthyThresholdCount",
    "UnhealthyThresholdCount",
)


IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/chat@sha256:" + "0" * 64
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0"
HSTS = "routing.http.response.strict_transport_security.header_value"


@pytest.fixture(scope="module")
def template() -> Resolved:
    """Give the template with all parameters at their defaults, and with a certificate."""
    https = {"DomainName": "chat.example.com", "CertificateArn": CERTIFICATE}
    return resolve(load(ROOT / "infra" / "template.yml"), {"ImageUri": IMAGE, **https})


def ours(section: str) -> dict[str, str]:
    """Return what nginx does, in CloudFormation's spelling, without the defaults of AWS."""
    values: dict[str, Any] = ATTRIBUTES[section]
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in values.items()
        if name not in DEFAULTS
    }


def said(owner: Place, key: str) -> dict[str, str]:
    """Return a list of Key and Value of the template, without what nothing here is like."""
    found = attributes(owner, key).items()
    return {name: value.text for name, value in found if name not in ELSEWHERE}


def test_load_balancer(template: Resolved) -> None:
    """Idle timeout, headers, desync mitigation."""
    owner = place(template, template.resources["LoadBalancer"])
    assert ours("load_balancer") == said(owner, "LoadBalancerAttributes")


def test_target_group(template: Resolved) -> None:
    """Health checks, stickiness, algorithm, deregistration delay."""
    owner = place(template, template.resources["TargetGroup"])
    settings = {name: owner[name].text for name in SETTINGS}
    matcher = {"Matcher": owner["Matcher"]["HttpCode"].text}
    assert ours("target_group") == said(owner, "TargetGroupAttributes") | settings | matcher


def test_https_listener(template: Resolved) -> None:
    """TLS of the same policy, which nginx has a file of; nginx/README.md tells why no HSTS."""
    owner = place(template, template.resources["HttpsListener"])
    policy = {"SslPolicy": owner["SslPolicy"].text}
    meant = {HSTS: "max-age=0"}
    assert ours("listener") == said(owner, "ListenerAttributes") | policy | meant
    assert (ROOT / "nginx" / f"{policy['SslPolicy']}.conf").is_file()


def test_what_the_template_leaves_out_is_the_default_of_aws() -> None:
    """Client keep-alive and slow start."""
    everything = ATTRIBUTES["load_balancer"] | ATTRIBUTES["target_group"]
    assert {name: everything[name] for name in DEFAULTS} == DEFAULTS
