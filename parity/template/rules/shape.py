"""The template as a whole: what CloudFormation takes, and what the rest of the kit reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parity.template.contract import OUTPUTS
from parity.template.place import Fault
from parity.template.values import references

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.template.values import Resolved

MAX_BYTES = 51_200  # of a template that is handed over as text, without a bucket


def size(resolved: Resolved) -> Iterator[Fault]:
    """CloudFormation takes a template of at most 51,200 bytes, unless it lies in a bucket."""
    if resolved.size > MAX_BYTES:
        yield Fault("", "", f"{resolved.size:,} bytes", f"at most {MAX_BYTES:,} bytes")


def marked(resolved: Resolved) -> Iterator[Fault]:
    """The kit changes and destroys only stacks that its own template has marked."""
    if "ParityKit" not in resolved.metadata:
        yield Fault("", "Metadata", "nothing", "ParityKit: {Version: 1}")


def outputs(resolved: Resolved) -> Iterator[Fault]:
    """`parity deploy`, `status` and `rollback` read the stack's outputs by these names."""
    for name in OUTPUTS:
        if name not in resolved.outputs:
            yield Fault("", f"Outputs.{name}", "nothing", "the output that the kit reads")
    url = resolved.outputs.get("Url")
    if isinstance(url, str) and not re.fullmatch(r"https?://[^/\s]+/?", url):
        yield Fault("", "Outputs.Url", url, "an address with a host")


def outputs_name_resources(resolved: Resolved) -> Iterator[Fault]:
    """An output that names the wrong resource sends the kit to the wrong one."""
    kinds = {
        "ClusterName": "AWS::ECS::Cluster",
        "ServiceName": "AWS::ECS::Service",
        "TaskDefinitionArn": "AWS::ECS::TaskDefinition",
        "LoadBalancerArn": "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "TargetGroupArn": "AWS::ElasticLoadBalancingV2::TargetGroup",
        "FileSystemId": "AWS::EFS::FileSystem",
        "AccessPointId": "AWS::EFS::AccessPoint",
        "LogGroupName": "AWS::Logs::LogGroup",
    }
    for name, kind in kinds.items():
        value = resolved.outputs.get(name)
        types = {
            resolved.resources[found.logical_id].type
            for found in references(value)
            if found.logical_id in resolved.resources
        }
        if value is not None and types != {kind}:
            yield Fault("", f"Outputs.{name}", str(value), f"a resource of type {kind}")
