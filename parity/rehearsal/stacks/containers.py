"""Resources of ECS."""

from __future__ import annotations

import time
from typing import Any

from parity.rehearsal.stacks.api import call
from parity.rehearsal.stacks.load_balancer import without_own_tags
from parity.rehearsal.stacks.provider import Made, Properties, Provider, Request

ECS = "ecs"
ROLLOUT_SECONDS = 420  # for three tasks in a row that do not become healthy
POLL_SECONDS = 0.2
SEEN_SECONDS = 2.0  # how long a failed first service can be looked at before it is taken away
BREAKER = "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'."
CHANGEABLE = (
    *("CapacityProviderStrategy", "DeploymentConfiguration", "DesiredCount"),
    *("EnableECSManagedTags", "EnableExecuteCommand", "HealthCheckGracePeriodSeconds"),
    *("LoadBalancers", "NetworkConfiguration", "PlatformVersion", "PropagateTags"),
    *("ServiceRegistries", "TaskDefinition", "AvailabilityZoneRebalancing"),
)


class RolloutFailedError(RuntimeError):
    """The service's deployment failed, or did not end in time."""


def _create_cluster(request: Request) -> Made:
    answer = call(
        ECS,
        "CreateCluster",
        **request.without("Tags", "ClusterSettings", "ClusterName"),
        ClusterName=request.name("ClusterName"),
        Settings=request.properties.get("ClusterSettings"),
        Tags=without_own_tags(request.properties),
    )["cluster"]
    return Made(answer["clusterName"], {"Arn": answer["clusterArn"]})


def _update_cluster(request: Request) -> Made:
    answer = call(
        ECS,
        "UpdateCluster",
        Cluster=request.identifier,
        Settings=request.properties.get("ClusterSettings"),
        Configuration=request.properties.get("Configuration"),
    )["cluster"]
    return Made(request.identifier, {"Arn": answer["clusterArn"]})


def _associate_providers(request: Request) -> Made:
    call(ECS, "PutClusterCapacityProviders", **request.properties)
    return Made(str(request.properties["Cluster"]))


def _create_task_definition(request: Request) -> Made:
    answer = call(
        ECS,
        "RegisterTaskDefinition",
        **request.without("Tags", "Family"),
        Family=request.properties.get("Family", f"{request.stack}-{request.logical_id}"),
        Tags=without_own_tags(request.properties),
    )
    arn = answer["taskDefinition"]["taskDefinitionArn"]
    return Made(arn, {"TaskDefinitionArn": arn})


def _create_service(request: Request) -> Made:
    # DesiredCount is 1 where the template has none (AWS::ECS::Service); scaling raises it.
    service = call(
        ECS,
        "CreateService",
        **request.without("Tags", "ServiceName", "DesiredCount", "Cluster"),
        Cluster=request.properties["Cluster"],
        ServiceName=request.name("ServiceName"),
        DesiredCount=request.properties.get("DesiredCount", 1),
        Tags=without_own_tags(request.properties),
    )["service"]
    try:
        _wait_for_rollout(service["clusterArn"], service["serviceArn"])
    except RolloutFailedError:
        time.sleep(SEEN_SECONDS)
        _delete_service(service["serviceArn"], request.properties)
        raise
    return _made_service(service)


def _update_service(request: Request) -> Made:
    wanted = {name: request.properties.get(name) for name in CHANGEABLE if request.changed(name)}
    service = call(
        ECS,
        "UpdateService",
        Cluster=request.properties["Cluster"],
        Service=request.identifier,
        **wanted,
    )["service"]
    _wait_for_rollout(service["clusterArn"], service["serviceArn"])
    return _made_service(service)


def _made_service(service: dict[str, Any]) -> Made:
    return Made(
        service["serviceArn"],
        {"Name": service["serviceName"], "ServiceArn": service["serviceArn"]},
    )


def _wait_for_rollout(cluster: str, service: str) -> None:
    """Wait as CloudFormation does: until the primary deployment is complete or has failed."""
    deadline = time.monotonic() + ROLLOUT_SECONDS
    state = ""
    while time.monotonic() < deadline:
        found = call(ECS, "DescribeServices", Cluster=cluster, Services=[service])
        deployments = found["services"][0]["deployments"]
        state = deployments[0]["rolloutState"]
        if any(deployment["rolloutState"] == "FAILED" for deployment in deployments):
            raise RolloutFailedError(f"Resource handler returned message: {BREAKER!r}")
        if state == "COMPLETED":
            return
        time.sleep(POLL_SECONDS)
    raise RolloutFailedError(f"the deployment of {service} is {state} after {ROLLOUT_SECONDS} s")


def _delete_service(arn: str, properties: Properties) -> None:
    call(ECS, "DeleteService", Cluster=properties["Cluster"], Service=arn, Force=True)


PROVIDERS = {
    "AWS::ECS::Cluster": Provider(
        _create_cluster,
        lambda name, _: call(ECS, "DeleteCluster", Cluster=name),
        _update_cluster,
        ("ClusterName",),
    ),
    "AWS::ECS::ClusterCapacityProviderAssociations": Provider(
        _associate_providers,
        lambda cluster, _: call(
            ECS,
            "PutClusterCapacityProviders",
            Cluster=cluster,
            CapacityProviders=[],
            DefaultCapacityProviderStrategy=[],
        ),
        _associate_providers,
        ("Cluster",),
    ),
    "AWS::ECS::TaskDefinition": Provider(
        _create_task_definition,
        lambda arn, _: call(ECS, "DeregisterTaskDefinition", TaskDefinition=arn),
        replaced_by=(
            *("ContainerDefinitions", "Cpu", "EphemeralStorage", "ExecutionRoleArn", "Family"),
            *("Memory", "NetworkMode", "RequiresCompatibilities", "RuntimePlatform"),
            *("TaskRoleArn", "Volumes", "PidMode", "IpcMode", "ProxyConfiguration"),
        ),
    ),
    "AWS::ECS::Service": Provider(
        _create_service,
        _delete_service,
        _update_service,
        ("Cluster", "ServiceName", "LaunchType", "Role", "SchedulingStrategy"),
    ),
}
