"""Alarms: on what, when they go off, and whom they reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.template.place import places
from parity.template.rules.metrics import BURST, METRICS, WATCHED
from parity.template.rules.reading import (
    ALARM,
    FILE_SYSTEM,
    LOAD_BALANCER,
    SERVICE,
    TARGET_GROUP,
    TOPIC,
    names_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.template.place import Fault
    from parity.template.values import Resolved

SOON = 900  # seconds
DIMENSIONS = {
    "LoadBalancer": (LOAD_BALANCER, "LoadBalancerFullName"),
    "TargetGroup": (TARGET_GROUP, "TargetGroupFullName"),
    "ServiceName": (SERVICE, "Name"),
    "ClusterName": ("AWS::ECS::Cluster", None),
    "FileSystemId": (FILE_SYSTEM, None),
}


def metrics_exist(resolved: Resolved) -> Iterator[Fault]:
    """An alarm on a metric that does not exist never goes off."""
    for alarm in places(resolved, ALARM):
        space, metric = alarm["Namespace"], alarm["MetricName"]
        if space.text in METRICS and metric.text not in METRICS[space.text]:
            yield metric.fault(f"a metric of {space.text}")
        elif space and space.text not in METRICS:
            yield space.fault(f"one of {', '.join(METRICS)}")


def dimensions(resolved: Resolved) -> Iterator[Fault]:
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
            if kind == SERVICE:
                known = {name for found in places(resolved, SERVICE) for name in names_of(found)}
            if item["Value"].text not in known:
                yield item["Value"].fault(" or ".join(sorted(known)) or f"a {kind}")
        if alarm["Namespace"].text.startswith("AWS/") and not alarm["Dimensions"].texts:
            yield alarm["Dimensions"].fault("the resource that is watched")


def cover(resolved: Resolved) -> Iterator[Fault]:
    """What users feel first must raise an alarm before they have to call."""
    watched = {alarm["MetricName"].text for alarm in places(resolved, ALARM)}
    for service in places(resolved, SERVICE):
        for metric, watch in WATCHED.items():
            if metric not in {*watched, BURST}:
                yield service.fault(f"an alarm on {metric}: {watch.meaning}")
    for system in places(resolved, FILE_SYSTEM):
        bursts = system["ThroughputMode"].text in {"", "bursting"}
        if bursts and BURST not in watched:
            yield system["ThroughputMode"].fault(f"an alarm on {BURST}, or elastic")


def reach_somebody(resolved: Resolved) -> Iterator[Fault]:
    """An alarm without an action only changes its colour."""
    for alarm in places(resolved, ALARM):
        if not alarm["AlarmActions"].targets(TOPIC):
            yield alarm["AlarmActions"].fault("the topic")
        if alarm["ActionsEnabled"] and not alarm["ActionsEnabled"].true:
            yield alarm["ActionsEnabled"].fault("true")


def missing_data(resolved: Resolved) -> Iterator[Fault]:
    """Counters of errors are silent when all is well, which must not look like an alarm."""
    for alarm in places(resolved, ALARM):
        if alarm["TreatMissingData"].text not in {"notBreaching", "breaching", "ignore"}:
            yield alarm["TreatMissingData"].fault("notBreaching, said")


def go_off(resolved: Resolved) -> Iterator[Fault]:
    """With the comparison turned round, or a threshold out of reach, an alarm never goes off."""
    for alarm in places(resolved, ALARM):
        watch = WATCHED.get(alarm["MetricName"].text)
        if watch is None:
            continue
        statistic, comparison = alarm["Statistic"], alarm["ComparisonOperator"]
        threshold = alarm["Threshold"].number
        if statistic.text not in watch.statistics:
            yield statistic.fault(" or ".join(watch.statistics))
        if comparison.text != watch.comparison:
            yield comparison.fault(watch.comparison)
        if threshold is None or not watch.low <= threshold <= watch.high:
            yield alarm["Threshold"].fault(f"{watch.low:g} to {watch.high:g}")
        if not 0 < (alarm["Period"].number or 0) * (alarm["EvaluationPeriods"].number or 0) <= SOON:
            yield alarm["EvaluationPeriods"].fault(f"with Period at most {SOON} s together")
