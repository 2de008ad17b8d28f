"""No value of either side goes unread: changed, it is noticed, or it is listed with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parity.errors import ParityError
from parity.facts.check import check
from parity.template.place import place
from tests.parity.facts.checkout import (
    PLAIN,
    cloud_side,
    shipped,
    template,
)
from tests.parity.template.changing import put

if TYPE_CHECKING:
    from collections.abc import Iterator

WATCHED = (
    "TaskDefinition",
    "TargetGroup",
    "LoadBalancer",
    "AccessPoint",
    "ScalableTarget",
    "Service",
)
# Of the template: what nothing on this machine is like, by the beginning of its path.
NOTHING_HERE = {
    "TaskDefinition.Family": "a name",
    "TaskDefinition.RequiresCompatibilities": "Fargate's own",
    "TaskDefinition.NetworkMode": "Fargate's own",
    "TaskDefinition.RuntimePlatform.OperatingSystemFamily": "Fargate's own",
    "TaskDefinition.TaskRoleArn": "rights; `model-rights` compares those that matter here",
    "TaskDefinition.ExecutionRoleArn": "rights of ECS",
    "TaskDefinition.Volumes.0.EFSVolumeConfiguration": "where EFS is; rules of the template",
    "TaskDefinition.ContainerDefinitions.0.DockerLabels": "the receipt",
    "TaskDefinition.ContainerDefinitions.0.LogConfiguration.Options.awslogs": "where logs go",
    "TaskDefinition.ContainerDefinitions.0.LinuxParameters.Tmpfs.0.Size": "here of the memory",
    "TaskDefinition.ContainerDefinitions.0.Secrets.0.ValueFrom": "where the secret is",
    "TargetGroup.Name": "a name",
    "TargetGroup.VpcId": "network",
    "TargetGroup.TargetType": "network",
    "TargetGroup.Protocol": "rules of the template",
    "LoadBalancer.Scheme": "network",
    "LoadBalancer.SecurityGroups": "network",
    "LoadBalancer.Subnets": "network",
    "LoadBalancer.LoadBalancerAttributes.6": "the access log's bucket",
    "AccessPoint.FileSystemId": "where EFS is",
    "AccessPoint.RootDirectory.Path": "here DATA_FOLDER",
    "ScalableTarget.ServiceNamespace": "a name",
    "ScalableTarget.ScalableDimension": "a name",
    "ScalableTarget.ResourceId": "a name",
    "ScalableTarget.ScheduledActions": "hours",
    "Service.ServiceName": "a name",
    "Service.Cluster": "a name",
    "Service.LaunchType": "Fargate's own",
    "Service.PlatformVersion": "Fargate's own",
    "Service.AvailabilityZoneRebalancing": "there is one zone here",
    "Service.EnableExecuteCommand": "docker exec",
    "Service.PropagateTags": "tags",
    "Service.DeploymentConfiguration": "rollouts; rules of the template",
    "Service.NetworkConfiguration": "network",
}


def leaves(value: object, path: str) -> Iterator[str]:
    """Yield the path of every scalar; an intrinsic counts as one."""
    if isinstance(value, dict) and not any(key == "Ref" or key.startswith("Fn::") for key in value):
        for key, part in value.items():
            yield from leaves(part, f"{path}.{key}")
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from leaves(part, f"{path}.{at}")
    else:
        yield path


def watched() -> list[str]:
    """Return every place of the watched resources, as the template writes them."""
    resources = template().section("Resources")
    return [path for name in WATCHED for path in leaves(_properties(resources[name]), name)]


def _properties(body: object) -> object:
    return body.get("Properties") if isinstance(body, dict) else None


@pytest.mark.parametrize(
    "path",
    # An attribute of another name is one that is left out, which may be AWS's default.
    [
        path
        for path in watched()
        if not path.startswith(tuple(NOTHING_HERE)) and path[-4:] != ".Key"
    ],
)
def test_every_value_of_the_service_is_compared(path: str) -> None:
    """Another value in the task definition, the target group or the like is a difference."""
    assert any(noticed(path, value) for value in others(path))


def noticed(path: str, value: object) -> bool:
    """Tell whether a value in the template is a difference, or an error that says so."""
    try:
        found = check(shipped(PLAIN), cloud_side(put(path, value)))
    except ParityError:
        return True
    return any(each.verdict in {"different", "unseen"} for each in found)


def others(path: str) -> list[object]:
    """Return values that the place does not have, of a kind that it may have."""
    logical_id, *keys = path.split(".")
    resolved = cloud_side().resolved
    found = place(resolved, resolved.resources[logical_id])
    for key in keys:
        found = found[int(key) if key.isdecimal() else key]
    if found.number is not None:
        return [found.number + 1000, 1]  # some must only not be less, or not more
    return ["false" if found.true else "other"]


def test_every_exception_is_of_a_value_that_is_there() -> None:
    """One that is not would hide another which is to come."""
    paths = watched()
    assert [name for name in NOTHING_HERE if not any(path.startswith(name) for path in paths)] == []
