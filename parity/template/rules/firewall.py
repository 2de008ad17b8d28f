"""Security groups: who reaches what, all the way from the browser to the file system."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from parity.template.place import place, places
from parity.template.rules.reading import (
    DISTRIBUTION,
    LISTENER,
    LOAD_BALANCER,
    MOUNT_TARGET,
    SECURITY_GROUP,
    SERVICE,
    VPC_ORIGIN,
    balancers_of,
    covers,
    groups_of,
    ingress,
    lets_in,
    lets_out,
    servings,
    task_groups,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.template.place import Fault, Place
    from parity.template.values import Resolved, Resource

NFS = 2049
HTTP = 80
HTTPS = 443
RULES_LIMIT = 60  # of one security group and direction
PREFIX_LIST_RULES = 55  # that CloudFront's origin-facing list counts for


def balancer_behind_cloudfront(resolved: Resolved) -> Iterator[Fault]:
    """With CloudFront in front, a load balancer open to others lets them walk past it."""
    if not resolved.of_type(DISTRIBUTION):
        return
    for rule in _balancer_ingress(resolved):
        for key in ("CidrIp", "CidrIpv6"):
            if rule[key]:
                yield rule[key].fault("CloudFront's prefix list or its security group")


def origin_reaches_balancer(resolved: Resolved) -> Iterator[Fault]:
    """A VPC origin does not call from the VPC's range: only CloudFront's own list lets it in."""
    for origin in places(resolved, VPC_ORIGIN):
        config = origin["VpcOriginEndpointConfig"]
        secure = config["OriginProtocolPolicy"].text == "https-only"
        given = config["HTTPSPort" if secure else "HTTPPort"].number
        port = int(given or (HTTPS if secure else HTTP))
        balancer = config["Arn"].target
        groups = groups_of(place(resolved, balancer)["SecurityGroups"]) if balancer else []
        rules = [rule for group in groups for rule in ingress(resolved, group)]
        if not any(covers(rule, port) and rule["SourcePrefixListId"].text for rule in rules):
            yield config["Arn"].fault(f"a load balancer that lets CloudFront in on port {port}")


def balancer_open_as_allowed(resolved: Resolved) -> Iterator[Fault]:
    """Whoever limits AllowedCidr expects that nobody else reaches the load balancer."""
    allowed = resolved.parameters.get("AllowedCidr")
    if allowed is None or resolved.of_type(DISTRIBUTION):
        return
    for rule in _balancer_ingress(resolved):
        for key in ("CidrIp", "CidrIpv6"):
            if rule[key] and rule[key].text != allowed:
                yield rule[key].fault(f"AllowedCidr, {allowed}")


def ranges_exist(resolved: Resolved) -> Iterator[Fault]:
    """EC2 refuses what is no range, and takes an address within one for all of that range."""
    for rule in _rules(resolved):
        for key in ("CidrIp", "CidrIpv6"):
            given = rule[key]
            if given and not given.targets() and not _is_range(given.text):
                yield given.fault("a range such as 203.0.113.0/24, or 203.0.113.7/32 for one")


def listener_reachable(resolved: Resolved) -> Iterator[Fault]:
    """A listener whose port its security group keeps shut answers nobody."""
    for listener in places(resolved, LISTENER):
        balancer = listener["LoadBalancerArn"].target
        port = int(listener["Port"].number or 0)
        rules = [
            rule
            for found in places(resolved, LOAD_BALANCER)
            if found.resource == balancer
            for group in groups_of(found["SecurityGroups"])
            for rule in ingress(resolved, group)
        ]
        served_by_origin = resolved.of_type(DISTRIBUTION) and any(
            action["Type"].text == "redirect" for action in listener["DefaultActions"]
        )
        if not served_by_origin and not any(covers(rule, port) for rule in rules):
            yield listener["Port"].fault("a port that the load balancer's security group opens")


def balancer_reaches_tasks(resolved: Resolved) -> Iterator[Fault]:
    """The load balancer reaches a task only if both security groups let the app's port pass."""
    for serving in servings(resolved):
        if serving.target_group is None:
            continue
        tasks = task_groups(serving.service)
        for balancer in balancers_of(resolved, serving.target_group.resource):
            fronts = groups_of(balancer["SecurityGroups"])
            if not any(lets_in(resolved, group, serving.port, fronts) for group in tasks):
                yield serving.service["NetworkConfiguration"].fault(
                    f"a security group that lets the load balancer in on port {serving.port}"
                )
            if not any(lets_out(resolved, group, serving.port, tasks) for group in fronts):
                yield balancer["SecurityGroups"].fault(
                    f"a security group that lets out to the tasks on port {serving.port}"
                )


def tasks_reach_storage(resolved: Resolved) -> Iterator[Fault]:
    """EFS is mounted over port 2049, which both security groups must let pass."""
    for service in places(resolved, SERVICE):
        tasks = task_groups(service)
        for target in places(resolved, MOUNT_TARGET):
            stores = groups_of(target["SecurityGroups"])
            if not any(lets_in(resolved, group, NFS, tasks) for group in stores):
                yield target["SecurityGroups"].fault(f"one that lets the tasks in on port {NFS}")
            if not any(lets_out(resolved, group, NFS, stores) for group in tasks):
                yield service["NetworkConfiguration"].fault(f"a way out to EFS, port {NFS}")


def tasks_reach_aws(resolved: Resolved) -> Iterator[Fault]:
    """Without a way out on port 443 a task gets neither its image nor an answer of Bedrock."""
    endpoints = [
        group
        for endpoint in places(resolved, "AWS::EC2::VPCEndpoint")
        for group in groups_of(endpoint["SecurityGroupIds"])
    ]
    for service in places(resolved, SERVICE):
        if not any(lets_out(resolved, group, HTTPS, endpoints) for group in task_groups(service)):
            yield service["NetworkConfiguration"].fault(
                f"a security group open outwards on {HTTPS}"
            )


def tasks_only_from_balancer(resolved: Resolved) -> Iterator[Fault]:
    """Tasks take requests from the load balancer alone, the file system only from tasks."""
    inner = {group.logical_id: group for group in _inner_groups(resolved)}
    for group in inner.values():
        for rule in ingress(resolved, group):
            for key in ("CidrIp", "CidrIpv6", "SourcePrefixListId"):
                if rule[key]:
                    yield rule[key].fault("SourceSecurityGroupId of those that may")


def prefix_list_fits(resolved: Resolved) -> Iterator[Fault]:
    """CloudFront's prefix list counts as 55 of a group's 60 rules: it fits in once."""
    for group in resolved.of_type(SECURITY_GROUP):
        rules = list(ingress(resolved, group))
        lists = [rule for rule in rules if rule["SourcePrefixListId"]]
        weight = len(rules) + len(lists) * (PREFIX_LIST_RULES - 1)
        if weight > RULES_LIMIT:
            yield lists[-1].fault(f"at most {RULES_LIMIT} rules in a group; these count {weight}")


def prefix_list_by_name(resolved: Resolved) -> Iterator[Fault]:
    """A prefix list has another id in every region: look it up by its name."""
    written = {str(value) for value in resolved.parameters.values()}
    for group in resolved.of_type(SECURITY_GROUP):
        for rule in ingress(resolved, group):
            given = rule["SourcePrefixListId"]
            if given.text.startswith("pl-") and given.text not in written:
                yield given.fault("an id that is looked up by name in this region")


def _rules(resolved: Resolved) -> Iterator[Place]:
    for group in places(resolved, SECURITY_GROUP):
        yield from group["SecurityGroupIngress"]
        yield from group["SecurityGroupEgress"]
    yield from places(resolved, "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress")


def _is_range(text: str) -> bool:
    """Tell whether a text is a network and the length of its prefix."""
    try:
        ip_network(text)
    except ValueError:
        return False
    return text.rpartition("/")[2].isdecimal()


def _balancer_ingress(resolved: Resolved) -> Iterator[Place]:
    for balancer in places(resolved, LOAD_BALANCER):
        for group in groups_of(balancer["SecurityGroups"]):
            yield from ingress(resolved, group)


def _inner_groups(resolved: Resolved) -> Iterator[Resource]:
    for service in places(resolved, SERVICE):
        yield from task_groups(service)
    for target in places(resolved, MOUNT_TARGET):
        yield from groups_of(target["SecurityGroups"])
