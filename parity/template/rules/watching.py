"""Alarms, their topic, and the dashboard."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from parity.template.contract import ACTIVE_CHATS, METRIC_NAMESPACE
from parity.template.place import Fault, Place, place, places
from parity.template.rules.reading import FILE_SYSTEM, LOAD_BALANCER, SERVICE, TARGET_GROUP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.template.values import Resolved

ALARM = "AWS::CloudWatch::Alarm"
TOPIC = "AWS::SNS::Topic"
BALANCER_METRICS = """
    ActiveConnectionCount ConsumedLCUs HTTPCode_ELB_502_Count HTTPCode_ELB_503_Count
    HTTPCode_ELB_504_Count HTTPCode_ELB_5XX_Count HTTPCode_Target_4XX_Count
    HTTPCode_Target_5XX_Count HealthyHostCount NewConnectionCount RejectedConnectionCount
    RequestCount RequestCountPerTarget TargetConnectionErrorCount TargetResponseTime
    UnHealthyHostCount
"""
INSIGHTS_METRICS = """
    CpuUtilized DeploymentCount DesiredTaskCount MemoryUtilized PendingTaskCount RunningTaskCount
    TaskCpuUtilization TaskMemoryUtilization
"""
STORAGE_METRICS = """
    BurstCreditBalance ClientConnections DataReadIOBytes DataWriteIOBytes MetadataIOBytes
    MeteredIOBytes PercentIOLimit PermittedThroughput StorageBytes TotalIOBytes
"""
METRICS = {
    "AWS/ApplicationELB": BALANCER_METRICS.split(),
    "AWS/ECS": ["CPUUtilization", "MemoryUtilization"],
    "ECS/ContainerInsights": INSIGHTS_METRICS.split(),
    "AWS/EFS": STORAGE_METRICS.split(),
    METRIC_NAMESPACE: [ACTIVE_CHATS],
}
WATCHED = {
    "HTTPCode_ELB_5XX_Count": "the load balancer's own errors",
    "HTTPCode_Target_5XX_Count": "errors of the app",
    "UnHealthyHostCount": "tasks that fail their health check",
    "MemoryUtilization": "memory",
    "PercentIOLimit": "operations of the file system",
}
DIMENSIONS = {
    "LoadBalancer": (LOAD_BALANCER, "LoadBalancerFullName"),
    "TargetGroup": (TARGET_GROUP, "TargetGroupFullName"),
    "ServiceName": (SERVICE, "Name"),
    "ClusterName": ("AWS::ECS::Cluster", None),
    "FileSystemId": (FILE_SYSTEM, None),
}


def alarm_metrics(resolved: Resolved) -> Iterator[Fault]:
    """An alarm on a metric that does not exist never goes off."""
    for alarm in places(resolved, ALARM):
        space, metric = alarm["Namespace"], alarm["MetricName"]
        if space.text in METRICS and metric.text not in METRICS[space.text]:
            yield metric.fault(f"a metric of {space.text}")
        elif space and space.text not in METRICS:
            yield space.fault(f"one of {', '.join(METRICS)}")


def alarm_dimensions(resolved: Resolved) -> Iterator[Fault]:
    """An alarm sees only the metric of exactly the resource that its dimensions name."""
    for alarm in places(resolved, ALARM):
        for item in alarm["Dimensions"]:
            if item["Name"].text not in DIMENSIONS:
                continue
            kind, attribute = DIMENSIONS[item["Name"].text]
            known = {
                f"${{{found.logical_id}{f'.{attribute}' if attribute else ''}}}"
                for found in resolved.of_type(kind)
            }
            if item["Value"].text not in known:
                yield item["Value"].fault(" or ".join(sorted(known)) or f"a {kind}")
        if alarm["Namespace"].text.startswith("AWS/") and not alarm["Dimensions"].texts:
            yield alarm["Dimensions"].fault("the resource that is watched")


def alarms_cover(resolved: Resolved) -> Iterator[Fault]:
    """What users feel first must raise an alarm before they have to call."""
    watched = {alarm["MetricName"].text for alarm in places(resolved, ALARM)}
    for service in places(resolved, SERVICE):
        for metric, meaning in WATCHED.items():
            if metric not in watched:
                yield service.fault(f"an alarm on {metric}: {meaning}")
    for system in places(resolved, FILE_SYSTEM):
        bursts = system["ThroughputMode"].text in {"", "bursting"}
        if bursts and "BurstCreditBalance" not in watched:
            yield system["ThroughputMode"].fault("an alarm on BurstCreditBalance, or elastic")


def task_stops_reported(resolved: Resolved) -> Iterator[Fault]:
    """Why a task stopped is told once, in an event; nobody can look it up an hour later."""
    stops = [
        rule
        for rule in places(resolved, "AWS::Events::Rule")
        if "ECS Task State Change" in rule["EventPattern"]["detail-type"].texts
        and "STOPPED" in rule["EventPattern"]["detail"]["lastStatus"].texts
        and rule["State"].text in {"", "ENABLED"}
        and rule["Targets"].targets(TOPIC)
    ]
    for service in places(resolved, SERVICE):
        if not stops:
            yield service.fault("an event rule for STOPPED tasks, with the topic as target")


def alarms_reach_somebody(resolved: Resolved) -> Iterator[Fault]:
    """An alarm without an action only changes its colour."""
    for alarm in places(resolved, ALARM):
        if not alarm["AlarmActions"].targets(TOPIC):
            yield alarm["AlarmActions"].fault("the topic")
        if alarm["ActionsEnabled"] and not alarm["ActionsEnabled"].true:
            yield alarm["ActionsEnabled"].fault("true")


def mailed_when_asked(resolved: Resolved) -> Iterator[Fault]:
    """Whoever gives an address for alarms expects them there; an empty one is refused."""
    address = resolved.parameters.get("AlarmEmail")
    subscriptions = list(places(resolved, "AWS::SNS::Subscription"))
    for subscription in subscriptions:
        if not subscription["Endpoint"].text or not subscription["TopicArn"].targets(TOPIC):
            yield subscription["Endpoint"].fault("an address, and the topic")
    if address and address not in [item["Endpoint"].text for item in subscriptions]:
        for topic in places(resolved, TOPIC):
            yield topic.fault(f"a subscription for AlarmEmail, {address}")


def topic_takes_them(resolved: Resolved) -> Iterator[Fault]:
    """A topic takes events and alarms only from services that its policy names."""
    senders = {
        "events.amazonaws.com": [
            place(resolved, topic)
            for rule in places(resolved, "AWS::Events::Rule")
            for topic in rule["Targets"].targets(TOPIC)
        ],
        "cloudwatch.amazonaws.com": [
            place(resolved, topic)
            for alarm in places(resolved, ALARM)
            for topic in alarm["AlarmActions"].targets(TOPIC)
        ],
    }
    policies = list(places(resolved, "AWS::SNS::TopicPolicy"))
    for service, topics in senders.items():
        for topic in {found.resource.logical_id: found for found in topics}.values():
            own = [item for item in policies if topic.resource in item["Topics"].targets()]
            named = any(
                service in statement["Principal"]["Service"].texts
                for policy in own
                for statement in policy["PolicyDocument"]["Statement"]
            )
            # Without any policy of its own a topic takes this account's alarms, but no events.
            if not named and (own or service.startswith("events")):
                yield topic.fault(f"a topic policy that lets {service} publish")


def missing_data(resolved: Resolved) -> Iterator[Fault]:
    """Counters of errors are silent when all is well, which must not look like an alarm."""
    for alarm in places(resolved, ALARM):
        if alarm["TreatMissingData"].text not in {"notBreaching", "breaching", "ignore"}:
            yield alarm["TreatMissingData"].fault("notBreaching, said")


def dashboard(resolved: Resolved) -> Iterator[Fault]:
    """A dashboard's body is JSON in a text, which nobody checks before it is too late."""
    for board in places(resolved, "AWS::CloudWatch::Dashboard"):
        body = board["DashboardBody"]
        try:
            widgets = json.loads(body.text).get("widgets")
        except (ValueError, AttributeError):
            widgets = None
        if not widgets:
            yield body.fault("a JSON object with widgets")
            continue
        for widget in widgets:
            yield from _unknown_metrics(body, widget.get("properties", {}).get("metrics", []))


def _unknown_metrics(body: Place, metrics: list[list[object]]) -> Iterator[Fault]:
    """Yield metrics of a widget that no service has; '.' repeats what stands above."""
    space = ""
    for row in metrics:
        if not row or not isinstance(row[0], str):
            continue  # an expression
        space = space if row[0] == "." else row[0]
        name = str(row[1])
        if space in METRICS and name not in METRICS[space]:
            yield Fault(body.resource.logical_id, body.path, name, f"a metric of {space}")
