"""Readers of the service: ECS and its scaling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parity.rehearsal.readers.found import Found, Reader, Wanted, only, renamed

if TYPE_CHECKING:
    from parity.aws.account import Account


def _cluster(account: Account, wanted: Wanted) -> Found:
    answer = account.client("ecs").describe_clusters(
        clusters=[wanted.identifier], include=["SETTINGS", "CONFIGURATIONS", "TAGS"]
    )
    found = only(answer["clusters"], "cluster")
    return Found(renamed(found, ClusterSettings="settings"), {"Arn": found["clusterArn"]})


def _task_definition(account: Account, wanted: Wanted) -> Found:
    answer = account.client("ecs").describe_task_definition(
        taskDefinition=wanted.identifier, include=["TAGS"]
    )
    return Found(answer["taskDefinition"] | {"Tags": answer.get("tags", [])})


def _service(account: Account, wanted: Wanted) -> Found:
    answer = account.client("ecs").describe_services(
        cluster=wanted.properties["Cluster"], services=[wanted.identifier], include=["TAGS"]
    )
    found = only(answer["services"], "service")
    cluster = found["clusterArn"].rpartition("/")[2]
    # What a service says of its platform it says of its deployments.
    version = found["deployments"][0].get("platformVersion")
    properties = found | {"Cluster": cluster} | ({"PlatformVersion": version} if version else {})
    return Found(properties, {"Name": found["serviceName"], "ServiceArn": found["serviceArn"]})


def _scalable_target(account: Account, wanted: Wanted) -> Found:
    scaling = account.client("application-autoscaling")
    resource, dimension, namespace = wanted.identifier.split("|")
    where = {"ServiceNamespace": namespace, "ScalableDimension": dimension}
    answer = scaling.describe_scalable_targets(ResourceIds=[resource], **where)
    found = only(answer["ScalableTargets"], "scalable target")
    actions: list[dict[str, Any]] = scaling.describe_scheduled_actions(
        ResourceId=resource, **where
    )["ScheduledActions"]
    return Found(found | {"ScheduledActions": actions})


def _scaling_policy(account: Account, wanted: Wanted) -> Found:
    policies = account.client("application-autoscaling").describe_scaling_policies(
        ServiceNamespace="ecs"
    )["ScalingPolicies"]
    found = only(
        [policy for policy in policies if policy["PolicyARN"] == wanted.identifier],
        "scaling policy",
    )
    target = (found["ResourceId"], found["ScalableDimension"], found["ServiceNamespace"])
    return Found(found | {"ScalingTargetId": "|".join(target)})


READERS: dict[str, Reader] = {
    "AWS::ECS::Cluster": _cluster,
    "AWS::ECS::TaskDefinition": _task_definition,
    "AWS::ECS::Service": _service,
    "AWS::ApplicationAutoScaling::ScalableTarget": _scalable_target,
    "AWS::ApplicationAutoScaling::ScalingPolicy": _scaling_policy,
}
