"""The service: which container it serves, and how it replaces tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.template.place import Fault, place, places
from parity.template.rules.reading import (
    FILE_SYSTEM,
    LISTENER,
    LISTENER_RULE,
    MOUNT_TARGET,
    POLICIES,
    SCALABLE_TARGET,
    SERVICE,
    balancers_of,
    efs_volumes,
    forwards,
    needs,
    network,
    servings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.template.values import Resolved

WHOLE = 100  # percent
ZONES = 2


def container_name(resolved: Resolved) -> Iterator[Fault]:
    """The load balancer sends requests to a container by its name in the task definition."""
    for serving in servings(resolved):
        if serving.container is None:
            yield serving.entry["ContainerName"].fault("a container of the task definition")


def container_port(resolved: Resolved) -> Iterator[Fault]:
    """The port that the load balancer is told must be one that the container opens."""
    for serving in servings(resolved):
        if serving.container is None:
            continue
        ports = [item["ContainerPort"].number for item in serving.container["PortMappings"]]
        if serving.port not in ports:
            yield serving.entry["ContainerPort"].fault("one of the container's PortMappings")


def behind_load_balancer(resolved: Resolved) -> Iterator[Fault]:
    """A service is reached only through a target group that some listener forwards to."""
    forwarded = {group.logical_id for _, group in forwards(resolved)}
    for service in places(resolved, SERVICE):
        entries = service["LoadBalancers"]
        if not entries:
            yield entries.fault("a target group")
        for entry in entries:
            group = entry["TargetGroupArn"].target
            if group is None or group.logical_id not in forwarded:
                yield entry["TargetGroupArn"].fault("a target group that a listener forwards to")


def after_listener(resolved: Resolved) -> Iterator[Fault]:
    """ECS refuses a target group that no load balancer has yet, so the listener comes first."""
    for serving in servings(resolved):
        if serving.target_group is None:
            continue
        made_before = needs(resolved, serving.service.resource)
        ways = {
            action.resource.logical_id
            for action, group in forwards(resolved)
            if group == serving.target_group.resource
            and action.resource.type in {LISTENER, LISTENER_RULE}
        }
        if ways and not ways & made_before:
            yield serving.service["DependsOn"].fault(f"DependsOn: {' or '.join(sorted(ways))}")


def after_mount_targets(resolved: Resolved) -> Iterator[Fault]:
    """A task that starts before its mount target cannot mount EFS, and fails."""
    tasks = {volume.resource for volume in efs_volumes(resolved)}
    targets = [found.logical_id for found in resolved.of_type(MOUNT_TARGET)]
    for service in places(resolved, SERVICE):
        if service["TaskDefinition"].target not in tasks:
            continue
        made_before = needs(resolved, service.resource)
        for missing in [name for name in targets if name not in made_before]:
            yield service["DependsOn"].fault(f"DependsOn: {missing}")


def after_policies(resolved: Resolved) -> Iterator[Fault]:
    """A task that starts before its role has its rights fails, or is told that it may not."""
    for service in places(resolved, SERVICE):
        made_before = needs(resolved, service.resource)
        for policy in places(resolved, *POLICIES):
            grants = {role.logical_id for role in policy["Roles"].targets()}
            grants |= {role.logical_id for role in policy["RoleName"].targets()}
            if grants & made_before and policy.resource.logical_id not in made_before:
                yield service["DependsOn"].fault(f"DependsOn: {policy.resource.logical_id}")


def never_fewer_tasks(resolved: Resolved) -> Iterator[Fault]:
    """Below 100 % a deploy stops tasks before their successors serve, and users see errors."""
    for service in places(resolved, SERVICE):
        value = service["DeploymentConfiguration"]["MinimumHealthyPercent"]
        if (value.number or 0) < WHOLE:
            yield value.fault("100 or more")


def room_to_deploy(resolved: Resolved) -> Iterator[Fault]:
    """With minimum and maximum the same, a deploy may neither start nor stop a task: it hangs."""
    for service in places(resolved, SERVICE):
        deployment = service["DeploymentConfiguration"]
        low = deployment["MinimumHealthyPercent"].number or WHOLE
        high = deployment["MaximumPercent"]
        if (2 * WHOLE if high.number is None else high.number) <= low:
            yield high.fault(f"more than MinimumHealthyPercent, {low:g}")


def circuit_breaker(resolved: Resolved) -> Iterator[Fault]:
    """Without it a deploy that cannot work goes on for hours; with rollback it undoes itself."""
    for service in places(resolved, SERVICE):
        breaker = service["DeploymentConfiguration"]["DeploymentCircuitBreaker"]
        for name in ("Enable", "Rollback"):
            if not breaker[name].true:
                yield breaker[name].fault("true")


def grace_period(resolved: Resolved) -> Iterator[Fault]:
    """Without it a task that still starts is counted as unhealthy and killed, for ever."""
    for serving in servings(resolved):
        if serving.target_group is None:
            continue
        check = serving.target_group
        interval = check["HealthCheckIntervalSeconds"].number or 30
        healthy = check["HealthyThresholdCount"].number or 5
        grace = serving.service["HealthCheckGracePeriodSeconds"]
        if (grace.number or 0) < interval * healthy:
            yield grace.fault(f"at least interval x healthy threshold, {interval * healthy:g} s")


def rebalanced(resolved: Resolved) -> Iterator[Fault]:
    """After a zone comes back, its tasks do not, unless ECS may move some there."""
    for service in places(resolved, SERVICE):
        if service["AvailabilityZoneRebalancing"].text != "ENABLED":
            yield service["AvailabilityZoneRebalancing"].fault("ENABLED")


def on_fargate(resolved: Resolved) -> Iterator[Fault]:
    """Left out, ECS looks for machines of its own to run on, and there are none."""
    for service in places(resolved, SERVICE):
        providers = [item["CapacityProvider"].text for item in service["CapacityProviderStrategy"]]
        on_spot_or_not = providers and all(name.startswith("FARGATE") for name in providers)
        if service["LaunchType"].text != "FARGATE" and not on_spot_or_not:
            yield service["LaunchType"].fault("FARGATE")


def scaling_owns_the_count(resolved: Resolved) -> Iterator[Fault]:
    """A DesiredCount would undo, at every update of the stack, what autoscaling has decided."""
    scaled = {
        service.logical_id
        for target in places(resolved, SCALABLE_TARGET)
        for service in target["ResourceId"].targets(SERVICE)
    }
    for service in places(resolved, SERVICE):
        if service.resource.logical_id in scaled and service["DesiredCount"]:
            yield service["DesiredCount"].fault("nothing: the ScalableTarget owns the count")


def two_zones(resolved: Resolved) -> Iterator[Fault]:
    """What runs in one availability zone stops with it."""
    for serving in servings(resolved):
        lists = [network(serving.service)["Subnets"]]
        if serving.target_group:
            balancers = balancers_of(resolved, serving.target_group.resource)
            lists += [balancer["Subnets"] for balancer in balancers]
        for subnets in lists:
            if len({_zone(resolved, text) for text in subnets.texts}) < ZONES:
                yield subnets.fault("subnets in two availability zones")
            if len(set(subnets.texts)) < len(subnets.texts):
                yield subnets.fault("every subnet once")


def private_tasks(resolved: Resolved) -> Iterator[Fault]:
    """Tasks with a public address can be reached past the load balancer."""
    for service in places(resolved, SERVICE):
        if network(service)["AssignPublicIp"].text != "DISABLED":
            yield network(service)["AssignPublicIp"].fault("DISABLED")


def exec_only_on_request(resolved: Resolved) -> Iterator[Fault]:
    """A shell into running tasks is off unless somebody asked for it."""
    asked = str(resolved.parameters.get("EnableExecuteCommand", "off")).lower()
    for service in places(resolved, SERVICE):
        wanted = asked not in {"off", "false", "no"}
        if service["EnableExecuteCommand"].true != wanted:
            yield service["EnableExecuteCommand"].fault(str(wanted).lower())


def container_insights(resolved: Resolved) -> Iterator[Fault]:
    """Without it CloudWatch does not know how many tasks run, nor what each takes."""
    for cluster in places(resolved, "AWS::ECS::Cluster"):
        settings = {item["Name"].text: item["Value"].text for item in cluster["ClusterSettings"]}
        if settings.get("containerInsights") not in {"enabled", "enhanced"}:
            yield cluster["ClusterSettings"].fault("containerInsights: enabled")


def has_service(resolved: Resolved) -> Iterator[Fault]:
    """A stack without a service, or without a shared file system, is no chatbot that survives."""
    for kind in (SERVICE, FILE_SYSTEM):
        if not resolved.of_type(kind):
            yield Fault("", "Resources", "nothing", f"a resource of type {kind}")


def _zone(resolved: Resolved, subnet: str) -> str:
    """Return the zone of a subnet that the template makes; others are taken at their word.

    Where none is written, AWS picks any: '' for all of them, since it may be the same.
    """
    for made in resolved.of_type("AWS::EC2::Subnet"):
        if subnet == f"${{{made.logical_id}}}":
            return place(resolved, made)["AvailabilityZone"].text
    return subnet
