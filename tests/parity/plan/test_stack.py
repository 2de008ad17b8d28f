"""What the estimate is of is what infra/template.yml builds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parity.plan.figures import read_figures
from parity.project import ROOT
from parity.template.load import load
from parity.template.resolve import resolve

if TYPE_CHECKING:
    from parity.template.values import Resolved

IMAGE = {"ImageUri": f"chat@sha256:{'0' * 64}"}


@pytest.fixture
def built() -> Resolved:
    """Give the stack as it is built by default, but over endpoints."""
    template = load(ROOT / "infra" / "template.yml")
    return resolve(template, {**IMAGE, "Egress": "VpcEndpoints"})


def test_endpoints_and_alarms_are_counted_as_they_are(built: Resolved) -> None:
    """Each costs something every hour."""
    stack = read_figures().stack
    kinds = [
        found.properties["VpcEndpointType"] for found in built.of_type("AWS::EC2::VPCEndpoint")
    ]
    assert kinds.count("Interface") == stack["interface_endpoints"]
    assert len(built.of_type("AWS::CloudWatch::Alarm")) == stack["alarms"]
    assert len(built.of_type("AWS::SecretsManager::Secret")) == stack["secrets"]


def test_throughput_is_priced_as_it_is_by_default(built: Resolved) -> None:
    """The bill has lines for elastic throughput."""
    (system,) = built.of_type("AWS::EFS::FileSystem")
    assert system.properties["ThroughputMode"] == "elastic"
