"""The network: ways out for tasks, ways in for browsers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.template.place import place, places
from parity.template.rules.reading import (
    LOAD_BALANCER,
    SERVICE,
    covers,
    groups_of,
    ingress,
    needs,
    network,
    task_groups,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.template.place import Fault, Place
    from parity.template.values import Resolved, Resource

IN_A_VPC = (
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Subnet",
    "AWS::EC2::RouteTable",
    "AWS::EC2::VPCEndpoint",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
)
SUBNET = "AWS::EC2::Subnet"
ENDPOINT = "AWS::EC2::VPCEndpoint"
NEEDED = ("ecr.api", "ecr.dkr", "s3", "logs", "secretsmanager", "bedrock-runtime")
EXEC = "ssmmessages"
WAYS = ("GatewayId", "NatGatewayId", "TransitGatewayId", "NetworkInterfaceId")
ANYWHERE = "0.0.0.0/0"
HTTPS = 443


def way_out(resolved: Resolved) -> Iterator[Fault]:
    """A task that reaches neither NAT nor endpoints gets no image, and no answer of Bedrock."""
    for service in places(resolved, SERVICE):
        for subnet in network(service)["Subnets"]:
            made = subnet.target
            if made is None or made.type != SUBNET or _default_route(resolved, made):
                continue
            wanted = [*NEEDED, EXEC] if service["EnableExecuteCommand"].true else NEEDED
            for name in wanted:
                if not _endpoint_for(resolved, made, name):
                    yield subnet.fault(f"a route to a NAT gateway, or an endpoint for {name}")


def endpoints_answer(resolved: Resolved) -> Iterator[Fault]:
    """An endpoint helps only under the service's usual name and if it lets the tasks in."""
    for service in places(resolved, SERVICE):
        tasks = task_groups(service)
        for endpoint in places(resolved, ENDPOINT):
            if endpoint["VpcEndpointType"].text != "Interface":
                continue
            if not endpoint["PrivateDnsEnabled"].true:
                yield endpoint["PrivateDnsEnabled"].fault("true")
            groups = groups_of(endpoint["SecurityGroupIds"])
            reachable = any(
                covers(rule, HTTPS)
                and (rule["SourceSecurityGroupId"].target in tasks or rule["CidrIp"])
                for group in groups
                for rule in ingress(resolved, group)
            )
            if not reachable:
                yield endpoint["SecurityGroupIds"].fault("one that lets the tasks in on port 443")


def way_in(resolved: Resolved) -> Iterator[Fault]:
    """A load balancer faces the internet only from subnets that lead to an internet gateway."""
    given = [
        name.strip() for name in str(resolved.parameters.get("PublicSubnetIds", "")).split(",")
    ]
    for balancer in places(resolved, LOAD_BALANCER):
        if balancer["Scheme"].text == "internal":
            continue
        for subnet in balancer["Subnets"]:
            made = subnet.target
            if made is None and any(given) and subnet.text not in given:
                yield subnet.fault("one of PublicSubnetIds")
            if made is None or made.type != SUBNET:
                continue
            route = _default_route(resolved, made)
            if route is None or not route["GatewayId"]:
                yield subnet.fault("a subnet with a route to the internet gateway")


def gateway_attached_first(resolved: Resolved) -> Iterator[Fault]:
    """What is on the internet gateway is refused until that is attached: route, address, ALB."""
    attachments = {found.logical_id for found in resolved.of_type("AWS::EC2::VPCGatewayAttachment")}
    for owner in places(resolved, "AWS::EC2::Route", "AWS::EC2::EIP"):
        uses = owner["GatewayId"] or owner.resource.type == "AWS::EC2::EIP"
        if uses and not attachments & set(owner.resource.depends_on):
            yield owner["DependsOn"].fault("DependsOn: the gateway's attachment to the VPC")
    for balancer in places(resolved, LOAD_BALANCER):
        outward = balancer["Scheme"].text != "internal" and balancer["Subnets"].targets(SUBNET)
        if outward and not attachments & needs(resolved, balancer.resource):
            yield balancer["DependsOn"].fault("DependsOn: the route to the internet gateway")


def tasks_not_in_public_subnets(resolved: Resolved) -> Iterator[Fault]:
    """In a public subnet a task without a public address has no way out at all."""
    for service in places(resolved, SERVICE):
        for subnet in network(service)["Subnets"]:
            route = _default_route(resolved, subnet.target) if subnet.target else None
            if route is not None and route["GatewayId"]:
                yield subnet.fault("a private subnet")


def one_network(resolved: Resolved) -> Iterator[Fault]:
    """What names no VPC lands in the account's default one, out of reach of all the rest."""
    found = [owner["VpcId"] for owner in places(resolved, *IN_A_VPC)]
    usual = max(
        (where.text for where in found), key=[where.text for where in found].count, default=""
    )
    for where in found:
        if where.text != usual or not where.text:
            yield where.fault(f"the VPC of the rest{f', {usual}' if usual else ''}")


def names_resolve(resolved: Resolved) -> Iterator[Fault]:
    """EFS and endpoints are found by name, for which a VPC must have DNS switched on."""
    for vpc in places(resolved, "AWS::EC2::VPC"):
        if not vpc["EnableDnsHostnames"].true:
            yield vpc["EnableDnsHostnames"].fault("true")
        if vpc["EnableDnsSupport"] and not vpc["EnableDnsSupport"].true:
            yield vpc["EnableDnsSupport"].fault("true")


def nat_in_public_subnet(resolved: Resolved) -> Iterator[Fault]:
    """A NAT gateway leads out only if its own subnet does."""
    for gateway in places(resolved, "AWS::EC2::NatGateway"):
        subnet = gateway["SubnetId"].target
        route = _default_route(resolved, subnet) if subnet else None
        if gateway["ConnectivityType"].text in {"", "public"} and (
            route is None or not route["GatewayId"]
        ):
            yield gateway["SubnetId"].fault("a subnet with a route to the internet gateway")


def _tables(resolved: Resolved, subnet: Resource) -> list[Resource]:
    return [
        table
        for item in places(resolved, "AWS::EC2::SubnetRouteTableAssociation")
        if item["SubnetId"].target == subnet and (table := item["RouteTableId"].target)
    ]


def _default_route(resolved: Resolved, subnet: Resource) -> Place | None:
    tables = _tables(resolved, subnet)
    for route in places(resolved, "AWS::EC2::Route"):
        leads = any(route[key] for key in WAYS)
        anywhere = route["DestinationCidrBlock"].text == ANYWHERE
        if leads and anywhere and route["RouteTableId"].target in tables:
            return route
    return None


def _endpoint_for(resolved: Resolved, subnet: Resource, name: str) -> bool:
    for found in resolved.of_type(ENDPOINT):
        endpoint = place(resolved, found)
        if not endpoint["ServiceName"].text.endswith(f".{name}"):
            continue
        if endpoint["VpcEndpointType"].text == "Interface":
            # One in any subnet serves the whole VPC.
            if endpoint["SubnetIds"].targets(SUBNET):
                return True
        elif set(_tables(resolved, subnet)) & set(endpoint["RouteTableIds"].targets()):
            return True
    return False
