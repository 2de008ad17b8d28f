"""Resources of the network."""

from __future__ import annotations

import time
from typing import Any

from parity.rehearsal.stacks.api import call
from parity.rehearsal.stacks.provider import Made, Properties, Provider, Request

ENDPOINT_TRIES = 20
OWN_TAGS = "aws:"


def tagged(resource_type: str, properties: Properties) -> list[dict[str, Any]] | None:
    """Return EC2's TagSpecifications for a template's Tags; tags of AWS's own are left to AWS."""
    tags = [tag for tag in properties.get("Tags", []) if not tag["Key"].startswith(OWN_TAGS)]
    return [{"ResourceType": resource_type, "Tags": tags}] if tags else None


def _retag(request: Request) -> Made:
    """Tags are what can be changed of these in place."""
    tags = [tag for tag in request.properties["Tags"] if not tag["Key"].startswith(OWN_TAGS)]
    call("ec2", "CreateTags", Resources=[request.identifier], Tags=tags)
    return Made(request.identifier)


def _create_vpc(request: Request) -> Made:
    switches = ("EnableDnsSupport", "EnableDnsHostnames")
    answer = call(
        "ec2",
        "CreateVpc",
        **request.without("Tags", *switches),
        TagSpecifications=tagged("vpc", request.properties),
    )
    vpc = answer["Vpc"]["VpcId"]
    for switch, value in request.only(*switches).items():
        call("ec2", "ModifyVpcAttribute", VpcId=vpc, **{switch: {"Value": value}})
    groups = call("ec2", "DescribeSecurityGroups", Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    return Made(
        vpc,
        {
            "VpcId": vpc,
            "CidrBlock": str(answer["Vpc"]["CidrBlock"]),
            "DefaultSecurityGroup": groups["SecurityGroups"][0]["GroupId"],
        },
    )


def _create_subnet(request: Request) -> Made:
    answer = call(
        "ec2",
        "CreateSubnet",
        **request.without("Tags", "MapPublicIpOnLaunch"),
        TagSpecifications=tagged("subnet", request.properties),
    )["Subnet"]
    public = request.properties.get("MapPublicIpOnLaunch")
    if public is not None:
        call(
            "ec2",
            "ModifySubnetAttribute",
            SubnetId=answer["SubnetId"],
            MapPublicIpOnLaunch={"Value": public},
        )
    return Made(
        answer["SubnetId"],
        {"SubnetId": answer["SubnetId"], "AvailabilityZone": answer["AvailabilityZone"]},
    )


def _create_gateway(request: Request) -> Made:
    answer = call(
        "ec2",
        "CreateInternetGateway",
        TagSpecifications=tagged("internet-gateway", request.properties),
    )
    gateway = answer["InternetGateway"]["InternetGatewayId"]
    return Made(gateway, {"InternetGatewayId": gateway})


def _attach_gateway(request: Request) -> Made:
    call("ec2", "AttachInternetGateway", **request.properties)
    return Made(f"IGW|{request.properties['VpcId']}")


def _create_address(request: Request) -> Made:
    answer = call(
        "ec2",
        "AllocateAddress",
        **request.without("Tags"),
        TagSpecifications=tagged("elastic-ip", request.properties),
    )
    return Made(
        answer["PublicIp"],
        {"AllocationId": answer["AllocationId"], "PublicIp": answer["PublicIp"]},
    )


def _delete_address(identifier: str, _: Properties) -> None:
    found = call("ec2", "DescribeAddresses", PublicIps=[identifier])["Addresses"]
    call("ec2", "ReleaseAddress", AllocationId=found[0]["AllocationId"])


def _create_nat_gateway(request: Request) -> Made:
    answer = call(
        "ec2",
        "CreateNatGateway",
        **request.without("Tags"),
        TagSpecifications=tagged("natgateway", request.properties),
    )
    gateway = answer["NatGateway"]["NatGatewayId"]
    return Made(gateway, {"NatGatewayId": gateway})


def _create_route_table(request: Request) -> Made:
    answer = call(
        "ec2",
        "CreateRouteTable",
        **request.without("Tags"),
        TagSpecifications=tagged("route-table", request.properties),
    )
    table = answer["RouteTable"]["RouteTableId"]
    return Made(table, {"RouteTableId": table})


def _create_route(request: Request) -> Made:
    call("ec2", "CreateRoute", **request.properties)
    target = request.properties.get("DestinationCidrBlock", "")
    return Made(f"{request.properties['RouteTableId']}|{target}")


def _delete_route(_: str, properties: Properties) -> None:
    where = {name: properties[name] for name in ("RouteTableId", "DestinationCidrBlock")}
    call("ec2", "DeleteRoute", **where)


def _associate(request: Request) -> Made:
    answer = call("ec2", "AssociateRouteTable", **request.properties)
    return Made(answer["AssociationId"], {"Id": answer["AssociationId"]})


def permission(rule: Properties) -> dict[str, Any]:
    """Return a template's security-group rule as the API's IpPermission."""
    same = {name: rule[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in rule}
    text = {"Description": rule["Description"]} if rule.get("Description") else {}
    group = rule.get("SourceSecurityGroupId") or rule.get("DestinationSecurityGroupId")
    prefixes = rule.get("SourcePrefixListId") or rule.get("DestinationPrefixListId")
    if group:
        return same | {"UserIdGroupPairs": [{"GroupId": group, **text}]}
    if prefixes:
        return same | {"PrefixListIds": [{"PrefixListId": prefixes, **text}]}
    if "CidrIpv6" in rule:
        return same | {"Ipv6Ranges": [{"CidrIpv6": rule["CidrIpv6"], **text}]}
    return same | {"IpRanges": [{"CidrIp": rule["CidrIp"], **text}]}


def _create_security_group(request: Request) -> Made:
    answer = call(
        "ec2",
        "CreateSecurityGroup",
        GroupName=request.name("GroupName"),
        Description=request.properties["GroupDescription"],
        VpcId=request.properties.get("VpcId"),
        TagSpecifications=tagged("security-group", request.properties),
    )
    group = answer["GroupId"]
    for rule in request.properties.get("SecurityGroupIngress", []):
        _allow("Ingress", group, rule)
    if request.properties.get("SecurityGroupEgress"):
        anywhere = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}
        call(
            "ec2",
            "RevokeSecurityGroupEgress",
            GroupId=group,
            IpPermissions=[permission(anywhere)],
        )
    for rule in request.properties.get("SecurityGroupEgress", []):
        _allow("Egress", group, rule)
    return Made(group, {"GroupId": group, "VpcId": str(request.properties.get("VpcId", ""))})


def _update_security_group(request: Request) -> Made:
    for way in ("Ingress", "Egress"):
        key = f"SecurityGroup{way}"
        before, after = request.before.get(key, []), request.properties.get(key, [])
        for rule in (rule for rule in before if rule not in after):
            _forbid(way, request.identifier, rule)
        for rule in (rule for rule in after if rule not in before):
            _allow(way, request.identifier, rule)
    vpc = str(request.properties.get("VpcId", ""))
    return Made(request.identifier, {"GroupId": request.identifier, "VpcId": vpc})


def _allow(way: str, group: str, rule: Properties) -> dict[str, Any]:
    return call(
        "ec2", f"AuthorizeSecurityGroup{way}", GroupId=group, IpPermissions=[permission(rule)]
    )


def _forbid(way: str, group: str, rule: Properties) -> None:
    call("ec2", f"RevokeSecurityGroup{way}", GroupId=group, IpPermissions=[permission(rule)])


def _create_rule(way: str, request: Request) -> Made:
    answer = _allow(way, request.properties["GroupId"], request.without("GroupId"))
    return Made(answer["SecurityGroupRules"][0]["SecurityGroupRuleId"])


def _create_endpoint(request: Request) -> Made:
    answer = call(
        "ec2",
        "CreateVpcEndpoint",
        **request.without("Tags"),
        TagSpecifications=tagged("vpc-endpoint", request.properties),
    )["VpcEndpoint"]
    return Made(answer["VpcEndpointId"], {"Id": answer["VpcEndpointId"]})


def _delete_when_free(operation: str, name: str, identifier: str) -> None:
    """Delete, waiting a little for what still hangs on it, as CloudFormation does."""
    for left in reversed(range(ENDPOINT_TRIES)):
        try:
            call("ec2", operation, **{name: identifier})
        except Exception as error:
            if "DependencyViolation" not in str(error) or not left:
                raise
            time.sleep(0.1)
        else:
            return


PROVIDERS = {
    "AWS::EC2::VPC": Provider(
        _create_vpc,
        lambda vpc, _: _delete_when_free("DeleteVpc", "VpcId", vpc),
        _retag,
        ("CidrBlock",),
    ),
    "AWS::EC2::Subnet": Provider(
        _create_subnet,
        lambda subnet, _: _delete_when_free("DeleteSubnet", "SubnetId", subnet),
        _retag,
        ("VpcId", "CidrBlock", "AvailabilityZone"),
    ),
    "AWS::EC2::InternetGateway": Provider(
        _create_gateway,
        lambda gateway, _: call("ec2", "DeleteInternetGateway", InternetGatewayId=gateway),
        _retag,
    ),
    "AWS::EC2::VPCGatewayAttachment": Provider(
        _attach_gateway,
        lambda _, properties: call("ec2", "DetachInternetGateway", **properties),
        replaced_by=("VpcId",),
    ),
    "AWS::EC2::EIP": Provider(_create_address, _delete_address, replaced_by=("Domain",)),
    "AWS::EC2::NatGateway": Provider(
        _create_nat_gateway,
        lambda gateway, _: call("ec2", "DeleteNatGateway", NatGatewayId=gateway),
        _retag,
        ("SubnetId", "AllocationId", "ConnectivityType"),
    ),
    "AWS::EC2::RouteTable": Provider(
        _create_route_table,
        lambda table, _: call("ec2", "DeleteRouteTable", RouteTableId=table),
        _retag,
        ("VpcId",),
    ),
    "AWS::EC2::Route": Provider(
        _create_route,
        _delete_route,
        replaced_by=("RouteTableId", "DestinationCidrBlock"),
    ),
    "AWS::EC2::SubnetRouteTableAssociation": Provider(
        _associate,
        lambda identifier, _: call("ec2", "DisassociateRouteTable", AssociationId=identifier),
        replaced_by=("SubnetId",),
    ),
    "AWS::EC2::SecurityGroup": Provider(
        _create_security_group,
        lambda group, _: _delete_when_free("DeleteSecurityGroup", "GroupId", group),
        _update_security_group,
        ("GroupName", "GroupDescription", "VpcId"),
    ),
    "AWS::EC2::SecurityGroupIngress": Provider(
        lambda request: _create_rule("Ingress", request),
        lambda _, rule: _forbid("Ingress", rule["GroupId"], rule),
        replaced_by=("GroupId", "IpProtocol", "FromPort", "ToPort", "SourceSecurityGroupId"),
    ),
    "AWS::EC2::SecurityGroupEgress": Provider(
        lambda request: _create_rule("Egress", request),
        lambda _, rule: _forbid("Egress", rule["GroupId"], rule),
        replaced_by=("GroupId", "IpProtocol", "FromPort", "ToPort", "DestinationSecurityGroupId"),
    ),
    "AWS::EC2::VPCEndpoint": Provider(
        _create_endpoint,
        lambda endpoint, _: call("ec2", "DeleteVpcEndpoints", VpcEndpointIds=[endpoint]),
        replaced_by=("ServiceName", "VpcEndpointType", "VpcId"),
    ),
}
