"""The requests that CloudFormation makes for a stack of template.yml, and somebody else's."""

from __future__ import annotations

from dataclasses import replace

from tests.infra.iam import Asked
from tests.infra.registry import has_tags, kinds

STACK = "parity-kit"
PLACE = "us-east-1:123456789012"
RANDOM = "1ABC2DEF3GHI"
TAG = "ParityKit"
REGION = {"aws:RequestedRegion": "us-east-1"}
NEW = {f"aws:RequestTag/{TAG}": STACK}
HELD = {f"aws:ResourceTag/{TAG}": STACK}
CLUSTER = f"{STACK}-Cluster-{RANDOM}"
EC2 = ("vpc", "subnet", "internet-gateway", "route-table", "natgateway", "elastic-ip")
# What the stack has: by service and kind, as IAM names them, the ARNs of it.
OWN: dict[str, dict[str, list[str]]] = {
    "ec2": {
        kind: [f"arn:aws:ec2:{PLACE}:{kind}/{kind}-0a1b2c3d"]
        for kind in (*EC2, "security-group", "vpc-endpoint", "network-interface")
    },
    "ecs": {
        "cluster": [f"arn:aws:ecs:{PLACE}:cluster/{CLUSTER}"],
        "service": [f"arn:aws:ecs:{PLACE}:service/{CLUSTER}/{STACK}"],
        "service-deployment": [f"arn:aws:ecs:{PLACE}:service-deployment/{CLUSTER}/{STACK}/x1"],
        "task-definition": [f"arn:aws:ecs:{PLACE}:task-definition/{STACK}:7"],
    },
    "elasticloadbalancing": {
        "loadbalancer/app/": [f"arn:aws:elasticloadbalancing:{PLACE}:loadbalancer/app/parity-L/5f"],
        "listener/app": [f"arn:aws:elasticloadbalancing:{PLACE}:listener/app/parity-L/5f/6a"],
        "targetgroup": [f"arn:aws:elasticloadbalancing:{PLACE}:targetgroup/parity-T/7b"],
    },
    "elasticfilesystem": {
        "file-system": [f"arn:aws:elasticfilesystem:{PLACE}:file-system/fs-0a1b"],
        "access-point": [f"arn:aws:elasticfilesystem:{PLACE}:access-point/fsap-0a1b"],
    },
    "application-autoscaling": {
        "ScalableTarget": [f"arn:aws:application-autoscaling:{PLACE}:scalable-target/0ec5"],
    },
    "wafv2": {
        "webacl": [f"arn:aws:wafv2:{PLACE}:regional/webacl/WebAcl-{RANDOM}/0f"],
        "managedruleset": ["arn:aws:wafv2:us-east-1:aws:global/managedruleset/AWS/Common"],
        "loadbalancer/app/": [f"arn:aws:elasticloadbalancing:{PLACE}:loadbalancer/app/parity-L/5f"],
    },
    "cloudfront": {
        "distribution": ["arn:aws:cloudfront::123456789012:distribution/E1"],
        "vpcorigin": ["arn:aws:cloudfront::123456789012:vpcorigin/vo_1"],
        "function": [f"arn:aws:cloudfront::123456789012:function/{STACK}-us-east-1"],
    },
    "secretsmanager": {
        "Secret": [f"arn:aws:secretsmanager:{PLACE}:secret:CookieSecret-{RANDOM}-a1B2c3"],
    },
    "s3": {"bucket": [f"arn:aws:s3:::{STACK}-accesslogs-{RANDOM.lower()}"]},
    "logs": {"log-group": [f"arn:aws:logs:{PLACE}:log-group:{STACK}-LogGroup-{RANDOM}:*"]},
    "sns": {"topic": [f"arn:aws:sns:{PLACE}:{STACK}-AlarmTopic-{RANDOM}"]},
    "events": {
        "rule-on-default-event-bus": [f"arn:aws:events:{PLACE}:rule/{STACK}-TaskStopRule-1"]
    },
    "cloudwatch": {
        "alarm": [
            f"arn:aws:cloudwatch:{PLACE}:alarm:{STACK}-MemoryAlarm-{RANDOM}",
            f"arn:aws:cloudwatch:{PLACE}:alarm:TargetTracking-service/{CLUSTER}/{STACK}-AlarmLow-1",
        ],
        "dashboard": [f"arn:aws:cloudwatch::123456789012:dashboard/Dashboard-{RANDOM}"],
    },
    "iam": {
        "role": [
            f"arn:aws:iam::123456789012:role/{STACK}-TaskRole-{RANDOM}",
            f"arn:aws:iam::123456789012:role/{STACK}-ExecutionRole-{RANDOM}",
        ],
    },
    "kms": {"key": [f"arn:aws:kms:{PLACE}:key/0f1e"]},
}
# What an action makes: at that moment it has no tags yet, the request has them.
MADE = {
    "ec2:CreateVpc": "vpc",
    "ec2:CreateSubnet": "subnet",
    "ec2:CreateInternetGateway": "internet-gateway",
    "ec2:CreateRouteTable": "route-table",
    "ec2:CreateNatGateway": "natgateway",
    "ec2:AllocateAddress": "elastic-ip",
    "ec2:CreateSecurityGroup": "security-group",
    "ec2:CreateVpcEndpoint": "vpc-endpoint",
    "elasticloadbalancing:CreateLoadBalancer": "loadbalancer/app/",
    "elasticloadbalancing:CreateTargetGroup": "targetgroup",
    "application-autoscaling:RegisterScalableTarget": "ScalableTarget",
    "wafv2:CreateWebACL": "webacl",
    "secretsmanager:CreateSecret": "Secret",
    "elasticfilesystem:CreateFileSystem": "",
}
REGISTERS = "application-autoscaling:RegisterScalableTarget"  # makes a target, and updates it
# Services that authorize tagging on its own, while a thing is made and later.
TAGS = {
    "ec2:CreateTags": {"ec2:CreateAction": "CreateVpc"},
    "elasticloadbalancing:AddTags": {"elasticloadbalancing:CreateAction": "CreateLoadBalancer"},
    "elasticfilesystem:TagResource": {"elasticfilesystem:CreateAction": "CreateFileSystem"},
    "application-autoscaling:TagResource": {},
    "cloudfront:TagResource": {},
    "wafv2:TagResource": {},
    "secretsmanager:TagResource": {},
}
OF_ANY = ("cloudwatch:GetMetricData",)  # a data set is its kind; the stack has metrics only
LINKED = {
    "AWS::ECS::Cluster": "ecs.amazonaws.com",
    "AWS::EFS::FileSystem": "elasticfilesystem.amazonaws.com",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "elasticloadbalancing.amazonaws.com",
    "AWS::ApplicationAutoScaling::ScalableTarget": "ecs.application-autoscaling.amazonaws.com",
    "AWS::CloudFront::VpcOrigin": "vpcorigin.cloudfront.amazonaws.com",
}


def asked(action: str, resource_type: str) -> list[Asked]:
    """Return all that an action is asked for when CloudFormation handles a type of the stack."""
    service, _, _ = action.partition(":")
    if action == "iam:CreateServiceLinkedRole":
        name = LINKED[resource_type]
        role = f"arn:aws:iam::123456789012:role/aws-service-role/{name}/AWSServiceRoleForIt"
        return [Asked(action, role, {"iam:AWSServiceName": name})]
    context = dict(REGION)
    if action == "iam:PassRole":
        context["iam:PassedToService"] = "ecs-tasks.amazonaws.com"
    if service == "kms":
        context["kms:ViaService"] = "elasticfilesystem.us-east-1.amazonaws.com"
    if not kinds(action) or action in OF_ANY:
        new = NEW if action in MADE else {}
        return [Asked(action, "*", {**context, **new})]
    own = OWN[service]
    here = kinds(action) & set(own)
    if action in ("ec2:CreateTags", "ec2:DeleteTags"):
        here -= {"network-interface"}  # EFS makes those of its mount targets
    assert here, f"{action} is asked for {sorted(kinds(action))}, of which the stack has none"
    return [
        replace(each, context={**context, **each.context})
        for kind in sorted(here)
        for resource in own[kind]
        for each in _with_tags(Asked(action, resource), kind)
    ]


def _with_tags(plain: Asked, kind: str) -> list[Asked]:
    """Return the request as it is made: of a new thing, of one that has the tag, or both."""
    service = plain.action.partition(":")[0]
    if not has_tags(service, kind) or kind == "network-interface":  # EFS gives these no tags
        return [plain]
    made = replace(plain, context=NEW)
    held = replace(plain, context=HELD | (NEW if plain.action in MADE else {}))
    if plain.action in TAGS:
        return [replace(plain, context=NEW | TAGS[plain.action]), held]
    if MADE.get(plain.action) == kind:
        return [made, held] if plain.action == REGISTERS else [made]
    return [held]
