"""nginx/attributes.json says what infra/template.yml says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from parity.project import ROOT
from parity.template.load import load
from parity.template.resolve import resolve

if TYPE_CHECKING:
    from parity.template.values import Resource

ATTRIBUTES = json.loads((ROOT / "nginx" / "attributes.json").read_text())
# What the template leaves to AWS: the defaults of the API.
DEFAULTS = {"client_keep_alive.seconds": 3600, "slow_start.duration_seconds": 0}
# What a copy of the load balancer has no use for.
ELSEWHERE = {"access_logs.s3.enabled", "access_logs.s3.bucket"}
IMITATED = {
    "Port",
    "HealthCheckPath",
    "HealthCheckIntervalSeconds",
    "HealthCheckTimeoutSeconds",
    "HealthyThresholdCount",
    "UnhealthyThresholdCount",
}


@pytest.fixture(scope="module")
def resources() -> dict[str, Resource]:
    """Give the template's resources with all parameters at their defaults."""
    template = load(ROOT / "infra" / "template.yml")
    image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/chat@sha256:" + "0" * 64
    return resolve(template, {"ImageUri": image}).resources


def as_text(values: dict[str, Any]) -> dict[str, str]:
    """Return values as CloudFormation writes them."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in values.items()
    }


def pairs(found: list[dict[str, Any]]) -> dict[str, str]:
    """Return attributes by their keys, without those that nothing here is like."""
    return {each["Key"]: str(each["Value"]) for each in found if each["Key"] not in ELSEWHERE}


def test_load_balancer(resources: dict[str, Resource]) -> None:
    """Idle timeout, headers, desync mitigation; the rest is AWS's default."""
    said = pairs(resources["LoadBalancer"].properties["LoadBalancerAttributes"])
    ours = ATTRIBUTES["load_balancer"]
    assert as_text({name: value for name, value in ours.items() if name not in DEFAULTS}) == said


def test_target_group(resources: dict[str, Resource]) -> None:
    """Health checks, stickiness, algorithm, deregistration delay; the rest is AWS's default."""
    properties = resources["TargetGroup"].properties
    said = pairs(properties["TargetGroupAttributes"])
    said |= {name: str(value) for name, value in properties.items() if name in IMITATED}
    said["Matcher"] = properties["Matcher"]["HttpCode"]
    ours = ATTRIBUTES["target_group"]
    assert as_text({name: value for name, value in ours.items() if name not in DEFAULTS}) == said


def test_what_the_template_leaves_out_is_the_default_of_aws() -> None:
    """Those of client keep-alive and slow start."""
    ours = ATTRIBUTES["load_balancer"] | ATTRIBUTES["target_group"]
    assert {name: ours[name] for name in DEFAULTS} == DEFAULTS
