"""What the rules have in common: walks from one resource to those that belong to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.template.place import Place, place, places
from parity.template.values import Resolved, Resource, references

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.template.place import Fault

SERVICE = "AWS::ECS::Service"
TASK_DEFINITION = "AWS::ECS::TaskDefinition"
LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
LISTENER_RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
FILE_SYSTEM = "AWS::EFS::FileSystem"
ACCESS_POINT = "AWS::EFS::AccessPoint"
MOUNT_TARGET = "AWS::EFS::MountTarget"
SECURITY_GROUP = "AWS::EC2::SecurityGroup"
SCALABLE_TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
SCALING_POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
DISTRIBUTION = "AWS::CloudFront::Distribution"
VPC_ORIGIN = "AWS::CloudFront::VpcOrigin"
ALARM = "AWS::CloudWatch::Alarm"
TOPIC = "AWS::SNS::Topic"
WEB_ACL = "AWS::WAFv2::WebACL"
ROLE = "AWS::IAM::Role"
POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")
ON = {"on", "true", "yes"}  # what a parameter that asks for something may be


@dataclass(frozen=True)
class Serving:
    """A container that a service puts behind a load balancer, and all that is needed for it.

    entry: of the service's LoadBalancers. container: None where no container has that name.
    """

    service: Place
    entry: Place
    task: Resource | None
    container: Place | None
    target_group: Place | None

    @property
    def port(self) -> int:
        """The container's port; 0 where none is written."""
        return int(self.entry["ContainerPort"].number or 0)


def names_of(service: Place) -> set[str]:
    """Return what names a service elsewhere: Fn::GetAtt Name, and a name that the template gives.

    The second leaves what asks for it out of a change set for a new image.
    """
    given = service["ServiceName"].text
    return {f"${{{service.resource.logical_id}.Name}}"} | ({given} if given else set())


def scaled(resolved: Resolved) -> Iterator[tuple[Place, Place]]:
    """Yield every scalable target with each service that its ResourceId mentions or names."""
    for target in places(resolved, SCALABLE_TARGET):
        mentioned = target["ResourceId"].targets(SERVICE)
        name = target["ResourceId"].text.rpartition("/")[2]
        for service in places(resolved, SERVICE):
            if service.resource in mentioned or name in names_of(service):
                yield target, service


def servings(resolved: Resolved) -> Iterator[Serving]:
    """Yield every container that a service puts behind a load balancer."""
    for service in places(resolved, SERVICE):
        task = service["TaskDefinition"].target
        for entry in service["LoadBalancers"]:
            group = entry["TargetGroupArn"].target
            named = (
                container
                for container in (place(resolved, task)["ContainerDefinitions"] if task else ())
                if container["Name"].text == entry["ContainerName"].text
            )
            yield Serving(
                service, entry, task, next(named, None), place(resolved, group) if group else None
            )


def containers(resolved: Resolved) -> Iterator[Place]:
    """Yield every container definition."""
    for task in places(resolved, TASK_DEFINITION):
        yield from task["ContainerDefinitions"]


def task_of(container: Place) -> Place:
    """Return the task definition of a container."""
    return place(container.resolved, container.resource)


def efs_volumes(resolved: Resolved) -> Iterator[Place]:
    """Yield every volume of a task definition that is on EFS."""
    for task in places(resolved, TASK_DEFINITION):
        for volume in task["Volumes"]:
            if volume["EFSVolumeConfiguration"] or volume["EfsVolumeConfiguration"]:
                yield volume


def efs(volume: Place) -> Place:
    """Return the EFS part of a volume, of which the schema knows one spelling."""
    return volume["EFSVolumeConfiguration"]


def environment(container: Place) -> dict[str, Place]:
    """Return the values of a container's environment by name."""
    return {item["Name"].text: item["Value"] for item in container["Environment"]}


def attributes(owner: Place, key: str) -> dict[str, Place]:
    """Return the values of a list of Key and Value, such as TargetGroupAttributes."""
    return {item["Key"].text: item["Value"] for item in owner[key]}


def not_retained(owner: Place) -> Iterator[Fault]:
    """Yield the fault of a resource that goes with its stack, or when it is replaced."""
    kept = owner.resource.deletion_policy in {"Retain", "RetainExceptOnCreate"}
    if not kept or owner.resource.update_replace_policy != "Retain":
        yield owner["DeletionPolicy"].fault("DeletionPolicy and UpdateReplacePolicy: Retain")


def needs(resolved: Resolved, resource: Resource) -> set[str]:
    """Return the ids of all that is made before a resource: by reference or by DependsOn."""
    found: set[str] = set()
    waiting = [resource]
    while waiting:
        current = waiting.pop()
        named = {ref.logical_id for ref in references(dict(current.properties))}
        fresh = (named | set(current.depends_on)) - found
        found |= fresh
        waiting.extend(resolved.resources[name] for name in fresh if name in resolved.resources)
    return found


def forwards(resolved: Resolved) -> Iterator[tuple[Place, Resource]]:
    """Yield every action that forwards, with its target group."""
    for owner in places(resolved, LISTENER, LISTENER_RULE):
        for action in owner["DefaultActions" if owner.resource.type == LISTENER else "Actions"]:
            groups = [action["TargetGroupArn"]]
            groups += [item["TargetGroupArn"] for item in action["ForwardConfig"]["TargetGroups"]]
            for group in groups:
                if action["Type"].text == "forward" and group.target:
                    yield action, group.target


def balancers_of(resolved: Resolved, group: Resource) -> list[Place]:
    """Return the load balancers that forward to a target group."""
    found: dict[str, Place] = {}
    for action, target in forwards(resolved):
        listener = listener_of(action)
        balancer = listener["LoadBalancerArn"].target if listener else None
        if target == group and balancer:
            found[balancer.logical_id] = place(resolved, balancer)
    return list(found.values())


def listener_of(action: Place) -> Place | None:
    """Return the listener of an action, its own or its rule's."""
    if action.resource.type == LISTENER:
        return place(action.resolved, action.resource)
    listener = place(action.resolved, action.resource)["ListenerArn"].target
    return place(action.resolved, listener) if listener else None


def behaviours(resolved: Resolved) -> Iterator[Place]:
    """Yield every cache behaviour of every distribution."""
    for distribution in places(resolved, DISTRIBUTION):
        yield distribution["DistributionConfig"]["DefaultCacheBehavior"]
        yield from distribution["DistributionConfig"]["CacheBehaviors"]


def groups_of(where: Place) -> list[Resource]:
    """Return the security groups of a list of their ids."""
    return list(where.targets(SECURITY_GROUP))


def task_groups(service: Place) -> list[Resource]:
    """Return the security groups of a service's tasks."""
    return groups_of(network(service)["SecurityGroups"])


def network(service: Place) -> Place:
    """Return the network configuration of a service."""
    return service["NetworkConfiguration"]["AwsvpcConfiguration"]


def ingress(resolved: Resolved, group: Resource) -> Iterator[Place]:
    """Yield what a security group lets in."""
    yield from place(resolved, group)["SecurityGroupIngress"]
    for rule in places(resolved, "AWS::EC2::SecurityGroupIngress"):
        if rule["GroupId"].target == group:
            yield rule


def egress(resolved: Resolved, group: Resource) -> Iterator[Place] | None:
    """Return what a security group lets out; None for everything, which is the default."""
    own = place(resolved, group)["SecurityGroupEgress"]
    if not own:
        return None
    more = (
        rule
        for rule in places(resolved, "AWS::EC2::SecurityGroupEgress")
        if rule["GroupId"].target == group
    )
    return iter([*own, *more])


def covers(rule: Place, port: int) -> bool:
    """Tell whether a security group's rule is about a TCP port."""
    if rule["IpProtocol"].text == "-1":
        return True
    low, high = rule["FromPort"].number, rule["ToPort"].number
    if rule["IpProtocol"].text not in {"tcp", "6"} or low is None or high is None:
        return False
    return low <= port <= high


def lets_in(resolved: Resolved, group: Resource, port: int, sources: list[Resource]) -> bool:
    """Tell whether a security group lets one of the source groups reach a port."""
    return any(
        covers(rule, port) and rule["SourceSecurityGroupId"].target in sources
        for rule in ingress(resolved, group)
    )


def lets_out(resolved: Resolved, group: Resource, port: int, targets: list[Resource]) -> bool:
    """Tell whether a security group lets out to a port of one of the target groups."""
    rules = egress(resolved, group)
    if rules is None:
        return True
    return any(
        covers(rule, port)
        and (rule["DestinationSecurityGroupId"].target in targets or rule["CidrIp"])
        for rule in rules
    )
