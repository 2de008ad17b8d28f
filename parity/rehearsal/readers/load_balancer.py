"""Readers of the load balancer and of what stands before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parity.rehearsal.readers.found import Found, Reader, Wanted, only, renamed

if TYPE_CHECKING:
    from parity.aws.account import Account

IPV6 = "IsIPV6Enabled"  # the one name that CloudFront's API has otherwise


def _load_balancer(account: Account, wanted: Wanted) -> Found:
    elb, arn = account.client("elbv2"), wanted.identifier
    answer = elb.describe_load_balancers(LoadBalancerArns=[arn])
    found = only(answer["LoadBalancers"], "load balancer")
    attributes = elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    return Found(
        found
        | {
            "Name": found["LoadBalancerName"],
            "Subnets": [zone["SubnetId"] for zone in found["AvailabilityZones"]],
            "LoadBalancerAttributes": attributes,
            "Tags": _tags(elb, arn),
        },
        {
            "DNSName": found["DNSName"],
            "LoadBalancerFullName": arn.partition("loadbalancer/")[2],
            "LoadBalancerArn": arn,
        },
    )


def _target_group(account: Account, wanted: Wanted) -> Found:
    elb, arn = account.client("elbv2"), wanted.identifier
    answer = elb.describe_target_groups(TargetGroupArns=[arn])
    found = only(answer["TargetGroups"], "target group")
    attributes = elb.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
    return Found(
        found
        | {
            "Name": found["TargetGroupName"],
            "TargetGroupAttributes": attributes,
            "Tags": _tags(elb, arn),
        },
        {"TargetGroupFullName": arn.rpartition(":")[2], "TargetGroupArn": arn},
    )


def _listener(account: Account, wanted: Wanted) -> Found:
    elb, arn = account.client("elbv2"), wanted.identifier
    found = only(elb.describe_listeners(ListenerArns=[arn])["Listeners"], "listener")
    attributes = elb.describe_listener_attributes(ListenerArn=arn)["Attributes"]
    return Found(found | {"ListenerAttributes": attributes, "Tags": _tags(elb, arn)})


def _tags(elb: Any, arn: str) -> list[dict[str, str]]:  # noqa: ANN401 - a client of boto3
    tags: list[dict[str, str]] = elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]
    return tags


def _web_acl(account: Account, wanted: Wanted) -> Found:
    name, key, scope = wanted.identifier.split("|")
    found = account.client("wafv2").get_web_acl(Name=name, Id=key, Scope=scope)["WebACL"]
    return Found(found | {"Scope": scope}, {"Arn": found["ARN"], "Id": found["Id"]})


def _web_acl_association(account: Account, wanted: Wanted) -> Found:
    resource = wanted.properties["ResourceArn"]
    found = account.client("wafv2").get_web_acl_for_resource(ResourceArn=resource)["WebACL"]
    return Found({"WebACLArn": found["ARN"]})


def _web_acl_logging(account: Account, wanted: Wanted) -> Found:
    answer = account.client("wafv2").get_logging_configuration(ResourceArn=wanted.identifier)
    return Found(answer["LoggingConfiguration"])


def _distribution(account: Account, wanted: Wanted) -> Found:
    answer = account.client("cloudfront").get_distribution(Id=wanted.identifier)["Distribution"]
    config = renamed(plain(answer["DistributionConfig"]), IPV6Enabled=IPV6)
    return Found(
        {"DistributionConfig": config},
        {"DomainName": answer["DomainName"], "Id": answer["Id"]},
    )


def _function(account: Account, wanted: Wanted) -> Found:
    api, name = account.client("cloudfront"), wanted.identifier
    found = api.describe_function(Name=name)["FunctionSummary"]
    code = api.get_function(Name=name)["FunctionCode"].read().decode()
    return Found(
        {"Name": found["Name"], "FunctionConfig": found["FunctionConfig"], "FunctionCode": code},
        {"FunctionARN": found["FunctionMetadata"]["FunctionARN"]},
    )


def plain(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return CloudFront's lists (quantity and items) as the template writes them."""
    if isinstance(value, dict) and "Quantity" in value:
        return [plain(item) for item in value.get("Items", [])]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value


READERS: dict[str, Reader] = {
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _load_balancer,
    "AWS::ElasticLoadBalancingV2::TargetGroup": _target_group,
    "AWS::ElasticLoadBalancingV2::Listener": _listener,
    "AWS::WAFv2::WebACL": _web_acl,
    "AWS::WAFv2::WebACLAssociation": _web_acl_association,
    "AWS::WAFv2::LoggingConfiguration": _web_acl_logging,
    "AWS::CloudFront::Distribution": _distribution,
    "AWS::CloudFront::Function": _function,
}
