"""Readers of what watches and tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.rehearsal.readers.found import Found, Reader, Wanted, only

if TYPE_CHECKING:
    from parity.aws.account import Account


def _log_group(account: Account, wanted: Wanted) -> Found:
    name = wanted.identifier
    groups = account.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    found = only([group for group in groups if group["logGroupName"] == name], "log group")
    return Found(found, {"Arn": found["arn"]})


def _alarm(account: Account, wanted: Wanted) -> Found:
    answer = account.client("cloudwatch").describe_alarms(AlarmNames=[wanted.identifier])
    found = only(answer["MetricAlarms"], "alarm")
    return Found(found, {"Arn": found["AlarmArn"]})


def _dashboard(account: Account, wanted: Wanted) -> Found:
    answer = account.client("cloudwatch").get_dashboard(DashboardName=wanted.identifier)
    return Found(answer)


def _topic(account: Account, wanted: Wanted) -> Found:
    attributes = account.client("sns").get_topic_attributes(TopicArn=wanted.identifier)
    return Found(
        attributes["Attributes"],
        {"TopicArn": wanted.identifier, "TopicName": wanted.identifier.rpartition(":")[2]},
    )


def _topic_policy(account: Account, wanted: Wanted) -> Found:
    topic = only(list(wanted.properties["Topics"]), "topic")
    attributes = account.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    return Found({"Topics": [attributes["TopicArn"]], "PolicyDocument": attributes["Policy"]})


def _subscription(account: Account, wanted: Wanted) -> Found:
    topic = wanted.properties["TopicArn"]
    listed = account.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    found = [entry for entry in listed if entry["SubscriptionArn"] == wanted.identifier]
    return Found(only(found, "subscription"))


def _rule(account: Account, wanted: Wanted) -> Found:
    events = account.client("events")
    found = events.describe_rule(Name=wanted.identifier)
    targets = events.list_targets_by_rule(Rule=wanted.identifier)["Targets"]
    return Found(found | {"Targets": targets}, {"Arn": found["Arn"]})


READERS: dict[str, Reader] = {
    "AWS::Logs::LogGroup": _log_group,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::Dashboard": _dashboard,
    "AWS::SNS::Topic": _topic,
    "AWS::SNS::TopicPolicy": _topic_policy,
    "AWS::SNS::Subscription": _subscription,
    "AWS::Events::Rule": _rule,
}
