"""Resources that scale, watch and tell: auto scaling, logs, alarms, topics, event rules."""

from __future__ import annotations

from typing import Any

from parity.rehearsal.stacks.api import call
from parity.rehearsal.stacks.load_balancer import without_own_tags
from parity.rehearsal.stacks.provider import Made, Properties, Provider, Request

SCALING = "application-autoscaling"
TARGET_KEY = ("ServiceNamespace", "ResourceId", "ScalableDimension")


def _put_scalable_target(request: Request) -> Made:
    target = request.properties
    call(SCALING, "RegisterScalableTarget", **request.without("ScheduledActions"))
    for action in target.get("ScheduledActions", []):
        where = request.only(*TARGET_KEY)
        call(SCALING, "PutScheduledAction", **where, **action)
    parts = (target["ResourceId"], target["ScalableDimension"], target["ServiceNamespace"])
    return Made("|".join(parts), {"Id": "|".join(parts)})


def _delete_scalable_target(_: str, properties: Properties) -> None:
    where = {name: properties[name] for name in TARGET_KEY}
    for action in properties.get("ScheduledActions", []):
        name = action["ScheduledActionName"]
        call(SCALING, "DeleteScheduledAction", ScheduledActionName=name, **where)
    call(SCALING, "DeregisterScalableTarget", **where)


def _put_scaling_policy(request: Request) -> Made:
    answer = call(SCALING, "PutScalingPolicy", **_policy(request.properties))
    return Made(answer["PolicyARN"], {"Arn": answer["PolicyARN"]})


def _policy(properties: Properties) -> dict[str, Any]:
    """A template may name the target by its Ref; the API wants the three parts."""
    wanted = dict(properties)
    target = str(wanted.pop("ScalingTargetId", ""))
    if target:
        resource, dimension, namespace = target.split("|")
        wanted |= {"ResourceId": resource, "ScalableDimension": dimension}
        wanted["ServiceNamespace"] = namespace
    for cfn, api in (
        ("TargetTrackingScalingPolicyConfiguration", "TargetTrackingScalingPolicyConfiguration"),
        ("StepScalingPolicyConfiguration", "StepScalingPolicyConfiguration"),
    ):
        if cfn in wanted:
            wanted[api] = wanted.pop(cfn)
    return wanted


def _delete_scaling_policy(_: str, properties: Properties) -> None:
    policy = _policy(properties)
    where = {name: policy[name] for name in ("PolicyName", *TARGET_KEY)}
    call(SCALING, "DeleteScalingPolicy", **where)


def _create_log_group(request: Request) -> Made:
    name = str(request.properties.get("LogGroupName") or request.name("LogGroupName"))
    tags = {tag["Key"]: tag["Value"] for tag in without_own_tags(request.properties) or []}
    call(
        "logs",
        "CreateLogGroup",
        **request.without("Tags", "RetentionInDays", "LogGroupName"),
        LogGroupName=name,
        Tags=tags or None,
    )
    return _retain_logs(name, request)


def _update_log_group(request: Request) -> Made:
    return _retain_logs(request.identifier, request)


def _retain_logs(name: str, request: Request) -> Made:
    days = request.properties.get("RetentionInDays")
    if days:
        call("logs", "PutRetentionPolicy", LogGroupName=name, RetentionInDays=days)
    found = call("logs", "DescribeLogGroups", LogGroupNamePrefix=name)["logGroups"]
    return Made(name, {"Arn": next(g["arn"] for g in found if g["logGroupName"] == name)})


def _put_metric_filter(request: Request) -> Made:
    name = request.name("FilterName")
    call("logs", "PutMetricFilter", **request.without("FilterName"), FilterName=name)
    return Made(name)


def _delete_metric_filter(name: str, properties: Properties) -> None:
    group = properties["LogGroupName"]
    call("logs", "DeleteMetricFilter", LogGroupName=group, FilterName=name)


def _put_alarm(request: Request) -> Made:
    name = request.identifier or request.name("AlarmName")
    tags = without_own_tags(request.properties)
    call(
        "cloudwatch",
        "PutMetricAlarm",
        **request.without("AlarmName", "Tags"),
        AlarmName=name,
        Tags=tags,
    )
    alarm = call("cloudwatch", "DescribeAlarms", AlarmNames=[name])["MetricAlarms"][0]
    return Made(name, {"Arn": alarm["AlarmArn"]})


def _put_dashboard(request: Request) -> Made:
    name = request.identifier or request.name("DashboardName")
    body = request.properties["DashboardBody"]
    call("cloudwatch", "PutDashboard", DashboardName=name, DashboardBody=body)
    return Made(name)


def _create_topic(request: Request) -> Made:
    attributes = {
        name: request.properties[name]
        for name in ("DisplayName", "KmsMasterKeyId", "SignatureVersion", "TracingConfig")
        if name in request.properties
    }
    answer = call(
        "sns",
        "CreateTopic",
        **request.without("Tags", "TopicName", "Subscription", *attributes),
        Name=request.name("TopicName"),
        Attributes=attributes or None,
        Tags=without_own_tags(request.properties),
    )
    arn = answer["TopicArn"]
    for subscription in request.properties.get("Subscription", []):
        call("sns", "Subscribe", TopicArn=arn, **subscription)
    return Made(arn, {"TopicArn": arn, "TopicName": arn.rpartition(":")[2]})


def _subscribe(request: Request) -> Made:
    answer = call("sns", "Subscribe", **request.properties, ReturnSubscriptionArn=True)
    return Made(answer["SubscriptionArn"])


def _put_topic_policy(request: Request) -> Made:
    for topic in request.properties["Topics"]:
        call(
            "sns",
            "SetTopicAttributes",
            TopicArn=topic,
            AttributeName="Policy",
            AttributeValue=request.properties["PolicyDocument"],
        )
    return Made(f"{request.stack}-{request.logical_id}")


def _put_rule(request: Request) -> Made:
    name = request.identifier or request.name("Name")
    tags = without_own_tags(request.properties)
    answer = call(
        "events",
        "PutRule",
        **request.without("Name", "Targets", "Tags"),
        Name=name,
        Tags=tags if not request.identifier else None,
    )
    targets = request.properties.get("Targets")
    if targets:
        call("events", "PutTargets", Rule=name, Targets=targets)
    return Made(name, {"Arn": answer["RuleArn"]})


def _delete_rule(name: str, properties: Properties) -> None:
    ids = [target["Id"] for target in properties.get("Targets", [])]
    if ids:
        call("events", "RemoveTargets", Rule=name, Ids=ids)
    call("events", "DeleteRule", Name=name)


PROVIDERS = {
    "AWS::ApplicationAutoScaling::ScalableTarget": Provider(
        _put_scalable_target, _delete_scalable_target, _put_scalable_target, TARGET_KEY
    ),
    "AWS::ApplicationAutoScaling::ScalingPolicy": Provider(
        _put_scaling_policy,
        _delete_scaling_policy,
        _put_scaling_policy,
        ("PolicyName", "ScalingTargetId", *TARGET_KEY),
    ),
    "AWS::Logs::LogGroup": Provider(
        _create_log_group,
        lambda name, _: call("logs", "DeleteLogGroup", LogGroupName=name),
        _update_log_group,
        ("LogGroupName", "LogGroupClass"),
    ),
    "AWS::Logs::MetricFilter": Provider(
        _put_metric_filter, _delete_metric_filter, _put_metric_filter, ("LogGroupName",)
    ),
    "AWS::CloudWatch::Alarm": Provider(
        _put_alarm,
        lambda name, _: call("cloudwatch", "DeleteAlarms", AlarmNames=[name]),
        _put_alarm,
        ("AlarmName",),
    ),
    "AWS::CloudWatch::Dashboard": Provider(
        _put_dashboard,
        lambda name, _: call("cloudwatch", "DeleteDashboards", DashboardNames=[name]),
        _put_dashboard,
        ("DashboardName",),
    ),
    "AWS::SNS::Topic": Provider(
        _create_topic,
        lambda arn, _: call("sns", "DeleteTopic", TopicArn=arn),
        replaced_by=("TopicName", "FifoTopic"),
    ),
    "AWS::SNS::Subscription": Provider(
        _subscribe,
        lambda arn, _: call("sns", "Unsubscribe", SubscriptionArn=arn),
        replaced_by=("TopicArn", "Protocol", "Endpoint"),
    ),
    "AWS::SNS::TopicPolicy": Provider(
        _put_topic_policy, lambda _identifier, _properties: None, _put_topic_policy, ("Topics",)
    ),
    "AWS::Events::Rule": Provider(_put_rule, _delete_rule, _put_rule, ("Name",)),
}
