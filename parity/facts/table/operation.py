"""How many replicas, and what they and the load balancer write down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.facts.fact import EQUAL, WITHIN, Fact, Group, Meant, Reader, Seen, mapped
from parity.facts.readers import (
    NO_STAND_IN,
    app,
    at,
    balancer_attribute,
    constant,
    container,
)
from parity.facts.units import boolean, number, text

if TYPE_CHECKING:
    from parity.facts.cloud import Cloud
    from parity.facts.local import Local
    from parity.template.place import Place

ALB_FIELDS = ("$request_method", "$status", "$trace_id")  # some that any ALB's entry has


def _range(cloud: Cloud) -> Seen:
    target = cloud.scalable_target
    if target is None:
        return Seen(unseen="nothing scales the service", where=cloud.where(cloud.service))
    least, most = target["MinCapacity"], target["MaxCapacity"]
    if least.number is None or most.number is None:
        return Seen(None, cloud.where(least))
    words = f"{least.text} to {most.text}"
    return Seen((least.number, most.number), cloud.where(least), text=words)


def _access_log(local: Local) -> Seen:
    if local.nginx is None:
        return Seen(where=local.balancer.where, unseen=NO_STAND_IN)
    found = [each for each in local.nginx.find("access_log") if each.blocks == ("http",)]
    return Seen(
        any(each.arguments[0] != "off" for each in found),
        found[0].where if found else local.balancer.where,
    )


def _metric(cloud: Cloud) -> Place | None:
    """Return the scaling policy's own metric."""
    for policy in cloud.policies():
        metric = policy["TargetTrackingScalingPolicyConfiguration"]["CustomizedMetricSpecification"]
        if metric:
            return metric
    return None


def _of_metric(key: str) -> Reader[Cloud]:
    def read(cloud: Cloud) -> Seen:
        metric = _metric(cloud)
        if metric is None:
            return Seen(unseen="nothing scales by a metric of the app", where=cloud.where(None))
        return at(metric[key], cloud, text)

    return Reader(f"`{key}` of the scaling policy's own metric", read)


def _dimension(cloud: Cloud) -> Seen:
    metric = _metric(cloud)
    if metric is None:
        return Seen(unseen="nothing scales by a metric of the app", where=cloud.where(None))
    return at(metric["Dimensions"][0]["Name"], cloud, text)


OPERATION = Group(
    "Operation",
    (
        Fact(
            "replicas",
            "With a number that scaling never reaches, what was proven here is never so there; one "
            "alone proves nothing about two.",
            app("deploy", "replicas", convert=number, default=1.0),
            Reader("`MinCapacity` and `MaxCapacity` of the scalable target", _range),
            WITHIN,
            write=lambda value: f"{value[0]:g}" if isinstance(value, tuple) else "",
        ),
        Fact(
            "scaling-namespace",
            "The service scales by a metric that the app itself reports: under another name, it "
            "never does.",
            constant("active_chats", "NAMESPACE"),
            _of_metric("Namespace"),
            EQUAL,
        ),
        Fact(
            "scaling-metric",
            "A metric that the app reports under another name is never looked at.",
            constant("active_chats", "METRIC"),
            _of_metric("MetricName"),
            EQUAL,
        ),
        Fact(
            "scaling-dimension",
            "Without the dimension that tells one stack from another, the metric is not found.",
            constant("active_chats", "DIMENSION"),
            Reader("`Dimensions` of the scaling policy's own metric", _dimension),
            EQUAL,
        ),
        Fact(
            "access-log",
            "Without the load balancer's log nobody can tell which replica failed a user.",
            Reader("`access_log` of nginx's effective configuration", _access_log),
            balancer_attribute("access_logs.s3.enabled", boolean, default=False),
            EQUAL,
        ),
        Fact(
            "log-driver",
            "Where logs go: what is not collected cannot be looked at after a crash.",
            app("logging", "driver", default="json-file"),
            container("LogConfiguration", "LogDriver", default="none"),
            mapped({"json-file": "awslogs", "local": "awslogs"}),
        ),
        Fact(
            "log-mode",
            "A log that stalls must not stall the chat.",
            app("logging", "options", "mode", default="blocking"),
            container("LogConfiguration", "Options", "mode", default="blocking"),
            EQUAL,
            meant=Meant(
                "there lines go over the network, and may wait for it; here they go to a file",
                "blocking",
                "non-blocking",
            ),
        ),
    ),
)
