"""Resources of the load balancer."""

from __future__ import annotations

from parity.rehearsal.stacks.api import call
from parity.rehearsal.stacks.provider import Made, Properties, Provider, Request

ELB = "elbv2"


def without_own_tags(properties: Properties, name: str = "Tags") -> list[dict[str, str]] | None:
    """Return the tags that the template or the stack gives; AWS adds its own itself."""
    tags = [tag for tag in properties.get(name) or [] if not tag["Key"].startswith("aws:")]
    return tags or None


def _described_load_balancer(arn: str) -> Made:
    answer = call(ELB, "DescribeLoadBalancers", LoadBalancerArns=[arn])["LoadBalancers"][0]
    return Made(
        arn,
        {
            "LoadBalancerArn": arn,
            "LoadBalancerFullName": arn.partition("loadbalancer/")[2],
            "LoadBalancerName": answer["LoadBalancerName"],
            "DNSName": answer["DNSName"],
            "CanonicalHostedZoneID": answer["CanonicalHostedZoneId"],
        },
    )


def _set_attributes(kind: str, arn: str, request: Request) -> None:
    """Set what the template gives of a kind's attributes (LoadBalancer, TargetGroup, Listener)."""
    attributes = request.properties.get(f"{kind}Attributes")
    if attributes:
        where = {f"{kind}Arn": arn}
        call(ELB, f"Modify{kind}Attributes", **where, Attributes=attributes)


def _create_load_balancer(request: Request) -> Made:
    answer = call(
        ELB,
        "CreateLoadBalancer",
        **request.without("Tags", "LoadBalancerAttributes", "Name"),
        Name=request.name("Name"),
        Tags=without_own_tags(request.properties),
    )
    arn = answer["LoadBalancers"][0]["LoadBalancerArn"]
    _set_attributes("LoadBalancer", arn, request)
    return _described_load_balancer(arn)


def _update_load_balancer(request: Request) -> Made:
    arn = request.identifier
    _set_attributes("LoadBalancer", arn, request)
    if request.changed("SecurityGroups"):
        groups = request.properties["SecurityGroups"]
        call(ELB, "SetSecurityGroups", LoadBalancerArn=arn, SecurityGroups=groups)
    if request.changed("Subnets"):
        call(ELB, "SetSubnets", LoadBalancerArn=arn, Subnets=request.properties["Subnets"])
    _retag(request)
    return _described_load_balancer(arn)


def _create_target_group(request: Request) -> Made:
    answer = call(
        ELB,
        "CreateTargetGroup",
        **request.without("Tags", "TargetGroupAttributes", "Targets", "Name"),
        Name=request.name("Name"),
        Tags=without_own_tags(request.properties),
    )["TargetGroups"][0]
    _set_attributes("TargetGroup", answer["TargetGroupArn"], request)
    return _made_target_group(answer["TargetGroupArn"])


def _made_target_group(arn: str) -> Made:
    return Made(arn, {"TargetGroupArn": arn, "TargetGroupFullName": arn.rpartition(":")[2]})


def _update_target_group(request: Request) -> Made:
    names = (
        *("HealthCheckEnabled", "HealthCheckIntervalSeconds", "HealthCheckPath"),
        *("HealthCheckPort", "HealthCheckProtocol", "HealthCheckTimeoutSeconds"),
        *("HealthyThresholdCount", "Matcher", "UnhealthyThresholdCount"),
    )
    if request.changed(*names):
        call(ELB, "ModifyTargetGroup", TargetGroupArn=request.identifier, **request.only(*names))
    _set_attributes("TargetGroup", request.identifier, request)
    _retag(request)
    return _made_target_group(request.identifier)


def _create_listener(request: Request) -> Made:
    answer = call(
        ELB,
        "CreateListener",
        **request.without("Tags", "ListenerAttributes"),
        Tags=without_own_tags(request.properties),
    )
    arn = answer["Listeners"][0]["ListenerArn"]
    _set_attributes("Listener", arn, request)
    return Made(arn, {"ListenerArn": arn})


def _update_listener(request: Request) -> Made:
    arn = request.identifier
    wanted = request.without("Tags", "ListenerAttributes", "LoadBalancerArn")
    call(ELB, "ModifyListener", ListenerArn=arn, **wanted)
    _set_attributes("Listener", arn, request)
    _retag(request)
    return Made(arn, {"ListenerArn": arn})


def _create_rule(request: Request) -> Made:
    answer = call(
        ELB,
        "CreateRule",
        **request.without("Tags"),
        Tags=without_own_tags(request.properties),
    )
    arn = answer["Rules"][0]["RuleArn"]
    return Made(arn, {"RuleArn": arn})


def _update_rule(request: Request) -> Made:
    call(ELB, "ModifyRule", RuleArn=request.identifier, **request.only("Actions", "Conditions"))
    return Made(request.identifier, {"RuleArn": request.identifier})


def _retag(request: Request) -> None:
    tags = without_own_tags(request.properties)
    if tags and request.changed("Tags"):
        call(ELB, "AddTags", ResourceArns=[request.identifier], Tags=tags)


PROVIDERS = {
    "AWS::ElasticLoadBalancingV2::LoadBalancer": Provider(
        _create_load_balancer,
        lambda arn, _: call(ELB, "DeleteLoadBalancer", LoadBalancerArn=arn),
        _update_load_balancer,
        ("Name", "Scheme", "Type"),
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup": Provider(
        _create_target_group,
        lambda arn, _: call(ELB, "DeleteTargetGroup", TargetGroupArn=arn),
        _update_target_group,
        ("Name", "Port", "Protocol", "ProtocolVersion", "TargetType", "VpcId"),
    ),
    "AWS::ElasticLoadBalancingV2::Listener": Provider(
        _create_listener,
        lambda arn, _: call(ELB, "DeleteListener", ListenerArn=arn),
        _update_listener,
        ("LoadBalancerArn",),
    ),
    "AWS::ElasticLoadBalancingV2::ListenerRule": Provider(
        _create_rule,
        lambda arn, _: call(ELB, "DeleteRule", RuleArn=arn),
        _update_rule,
        ("ListenerArn",),
    ),
}
