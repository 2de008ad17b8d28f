"""Readers of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parity.rehearsal.readers.found import Api, Found, Reader, Wanted, only

if TYPE_CHECKING:
    from parity.aws.account import Account


def _vpc(account: Account, wanted: Wanted) -> Found:
    ec2 = account.client("ec2")
    vpc = only(ec2.describe_vpcs(VpcIds=[wanted.identifier])["Vpcs"], "VPC")
    switches = {
        name.capitalize()[:1] + name[1:]: ec2.describe_vpc_attribute(
            VpcId=wanted.identifier, Attribute=name
        )[name[:1].upper() + name[1:]]["Value"]
        for name in ("enableDnsSupport", "enableDnsHostnames")
    }
    return Found(vpc | switches, {"CidrBlock": vpc["CidrBlock"], "VpcId": vpc["VpcId"]})


def _subnet(account: Account, wanted: Wanted) -> Found:
    answer = account.client("ec2").describe_subnets(SubnetIds=[wanted.identifier])
    return Found(only(answer["Subnets"], "subnet"))


def _internet_gateway(account: Account, wanted: Wanted) -> Found:
    answer = account.client("ec2").describe_internet_gateways(
        InternetGatewayIds=[wanted.identifier]
    )
    return Found(only(answer["InternetGateways"], "internet gateway"))


def _attachment(account: Account, wanted: Wanted) -> Found:
    gateway = wanted.properties["InternetGatewayId"]
    answer = account.client("ec2").describe_internet_gateways(InternetGatewayIds=[gateway])
    found = only(answer["InternetGateways"], "internet gateway")
    attached = only(found["Attachments"], "attachment")
    return Found({"InternetGatewayId": found["InternetGatewayId"], "VpcId": attached["VpcId"]})


def _address(account: Account, wanted: Wanted) -> Found:
    answer = account.client("ec2").describe_addresses(PublicIps=[wanted.identifier])
    found = only(answer["Addresses"], "address")
    return Found(found, {"AllocationId": found["AllocationId"]})


def _nat_gateway(account: Account, wanted: Wanted) -> Found:
    answer = account.client("ec2").describe_nat_gateways(NatGatewayIds=[wanted.identifier])
    found = only(answer["NatGateways"], "NAT gateway")
    address = only(found["NatGatewayAddresses"], "address of a NAT gateway")
    return Found(found | {"AllocationId": address["AllocationId"]})


def _route_table(account: Account, wanted: Wanted) -> Found:
    answer = account.client("ec2").describe_route_tables(RouteTableIds=[wanted.identifier])
    return Found(only(answer["RouteTables"], "route table"))


def _route(account: Account, wanted: Wanted) -> Found:
    wanted_table = wanted.properties["RouteTableId"]
    answer = account.client("ec2").describe_route_tables(RouteTableIds=[wanted_table])
    table = only(answer["RouteTables"], "route table")
    target = wanted.properties["DestinationCidrBlock"]
    found = [route for route in table["Routes"] if route.get("DestinationCidrBlock") == target]
    return Found(only(found, "route") | {"RouteTableId": table["RouteTableId"]})


def _association(account: Account, wanted: Wanted) -> Found:
    answer = account.client("ec2").describe_route_tables(
        Filters=[{"Name": "association.route-table-association-id", "Values": [wanted.identifier]}]
    )
    table = only(answer["RouteTables"], "route table")
    found = [
        entry
        for entry in table["Associations"]
        if entry["RouteTableAssociationId"] == wanted.identifier
    ]
    return Found(only(found, "association"))


def _security_group(account: Account, wanted: Wanted) -> Found:
    answer = account.client("ec2").describe_security_groups(GroupIds=[wanted.identifier])
    found = only(answer["SecurityGroups"], "security group")
    properties = {
        "GroupDescription": found["Description"],
        "VpcId": found["VpcId"],
        "SecurityGroupIngress": _rules(found["IpPermissions"], "Source"),
        "SecurityGroupEgress": _rules(found["IpPermissionsEgress"], "Destination"),
        "Tags": found.get("Tags", []),
    }
    return Found(properties, {"GroupId": found["GroupId"]})


def _rules(permissions: list[Api], side: str) -> list[dict[str, Any]]:
    """Return a security group's permissions as the template writes them, one rule each."""
    members = (
        ("IpRanges", "CidrIp", "CidrIp"),
        ("Ipv6Ranges", "CidrIpv6", "CidrIpv6"),
        ("UserIdGroupPairs", "GroupId", f"{side}SecurityGroupId"),
        ("PrefixListIds", "PrefixListId", f"{side}PrefixListId"),
    )
    rules = []
    for permission in permissions:
        same = {
            name: permission[name]
            for name in ("IpProtocol", "FromPort", "ToPort")
            if name in permission
        }
        for listed, member, name in members:
            for entry in permission.get(listed, []):
                text = {"Description": entry["Description"]} if "Description" in entry else {}
                rules.append(same | {name: entry[member]} | text)
    return rules


def _endpoint(account: Account, wanted: Wanted) -> Found:
    answer = account.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[wanted.identifier])
    found = only(answer["VpcEndpoints"], "VPC endpoint")
    groups = [group["GroupId"] for group in found.get("Groups", [])]
    return Found(found | ({"SecurityGroupIds": groups} if groups else {}))


READERS: dict[str, Reader] = {
    "AWS::EC2::VPC": _vpc,
    "AWS::EC2::Subnet": _subnet,
    "AWS::EC2::InternetGateway": _internet_gateway,
    "AWS::EC2::VPCGatewayAttachment": _attachment,
    "AWS::EC2::EIP": _address,
    "AWS::EC2::NatGateway": _nat_gateway,
    "AWS::EC2::RouteTable": _route_table,
    "AWS::EC2::Route": _route,
    "AWS::EC2::SubnetRouteTableAssociation": _association,
    "AWS::EC2::SecurityGroup": _security_group,
    "AWS::EC2::VPCEndpoint": _endpoint,
}
