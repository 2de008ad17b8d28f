"""Application Auto Scaling: how many tasks there are, and who decides it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from parity.template.contract import (
    ACTIVE_CHATS,
    METRIC_DIMENSION,
    METRIC_NAMESPACE,
    METRICS_SERVICE,
)
from parity.template.place import Fault, places
from parity.template.rules.reading import (
    LOAD_BALANCER,
    SCALABLE_TARGET,
    SCALING_POLICY,
    SERVICE,
    TARGET_GROUP,
    environment,
    names_of,
    scaled,
    servings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.template.place import Place
    from parity.template.values import Resolved

REQUESTS = "ALBRequestCountPerTarget"
CPU = "ECSServiceAverageCPUUtilization"
MEMORY = "ECSServiceAverageMemoryUtilization"
SCHEDULE = re.compile(r"cron\(\S+( \S+){5}\)|rate\([0-9]+ (minute|hour|day)s?\)|at\(\S+\)")
MIN_TASKS = 2


def scales(resolved: Resolved) -> Iterator[Fault]:
    """A number of tasks that never changes is too small by day and too dear by night."""
    found = {service.resource.logical_id for _, service in scaled(resolved)}
    for service in places(resolved, SERVICE):
        if service.resource.logical_id not in found:
            yield service.fault("a ScalableTarget that names the service")


def scalable_target(resolved: Resolved) -> Iterator[Fault]:
    """Scaling finds a service only by service/CLUSTER/SERVICE, and sets only its DesiredCount."""
    for target in places(resolved, SCALABLE_TARGET):
        if target["ServiceNamespace"].text != "ecs":
            yield target["ServiceNamespace"].fault("ecs")
        if target["ScalableDimension"].text != "ecs:service:DesiredCount":
            yield target["ScalableDimension"].fault("ecs:service:DesiredCount")
        names = [
            f"service/{service['Cluster'].text}/{name}"
            for other, service in scaled(resolved)
            if other.resource == target.resource
            for name in sorted(names_of(service))
        ]
        if target["ResourceId"].text not in names:
            yield target["ResourceId"].fault(" or ".join(names) or "service/CLUSTER/SERVICE")


def capacity(resolved: Resolved) -> Iterator[Fault]:
    """One task is one failure away from none; and a minimum above the maximum is refused."""
    wanted = resolved.parameters.get("MinTasks")
    for target in places(resolved, SCALABLE_TARGET):
        low, high = target["MinCapacity"].number or 0, target["MaxCapacity"].number or 0
        least = min(MIN_TASKS, float(str(wanted))) if wanted is not None else MIN_TASKS
        if low < least:
            yield target["MinCapacity"].fault(f"at least {least:g}")
        if high < low:
            yield target["MaxCapacity"].fault(f"at least MinCapacity, {low:g}")
        for action in target["ScheduledActions"]:
            limits = action["ScalableTargetAction"]
            if (limits["MinCapacity"].number or 0) > (limits["MaxCapacity"].number or high):
                yield limits["MinCapacity"].fault(f"at most MaxCapacity, {high:g}")


def schedules(resolved: Resolved) -> Iterator[Fault]:
    """A schedule is cron(six fields), rate(...) or at(...); anything else is refused."""
    for target in places(resolved, SCALABLE_TARGET):
        for action in target["ScheduledActions"]:
            if not SCHEDULE.fullmatch(action["Schedule"].text):
                yield action["Schedule"].fault("cron(minutes hours day month weekday year)")


def business_hours(resolved: Resolved) -> Iterator[Fault]:
    """Whoever asks for more tasks in business hours gets more, by a schedule from start to end."""
    wanted = resolved.parameters.get("BusinessHoursMinTasks")
    for target in places(resolved, SCALABLE_TARGET):
        limits = [
            item["ScalableTargetAction"]["MinCapacity"].number
            for item in target["ScheduledActions"]
        ]
        usual = target["MinCapacity"].number or 0
        if wanted and float(str(wanted)) < usual:
            yield Fault(
                "", "Parameters.BusinessHoursMinTasks", f"{wanted}", f"MinTasks, {usual:g}, or more"
            )
        elif wanted and limits != [wanted, usual]:
            yield target["ScheduledActions"].fault(f"a minimum of {wanted}, then MinCapacity again")
        elif 0 in limits:
            yield target["ScheduledActions"].fault("no schedule, since nobody asked for one")


def policies_have_a_target(resolved: Resolved) -> Iterator[Fault]:
    """A policy that hangs on nothing scales nothing."""
    for policy in places(resolved, SCALING_POLICY):
        target = policy["ScalingTargetId"].target
        if target is None or target.type != SCALABLE_TARGET:
            yield policy["ScalingTargetId"].fault("the ScalableTarget")
        if policy["PolicyType"].text != "TargetTrackingScaling":
            yield policy["PolicyType"].fault("TargetTrackingScaling")


def every_limit_scales(resolved: Resolved) -> Iterator[Fault]:
    """CPU, memory and open chats run out apart from each other, so each needs its policy."""
    metrics = {
        text
        for policy in places(resolved, SCALING_POLICY)
        for text in (_predefined(policy).text, _custom(policy)["MetricName"].text)
    }
    for target in places(resolved, SCALABLE_TARGET):
        for metric in (CPU, MEMORY, ACTIVE_CHATS):
            if metric not in metrics:
                yield target.fault(f"a scaling policy on {metric}")


def known_metric(resolved: Resolved) -> Iterator[Fault]:
    """A policy on a metric that nobody emits never scales, and says nothing about it."""
    for policy in places(resolved, SCALING_POLICY):
        predefined, custom = _predefined(policy), _custom(policy)
        if not custom:
            if predefined.text not in {CPU, MEMORY, REQUESTS}:
                yield predefined.fault(f"{CPU}, {MEMORY} or {REQUESTS}")
            continue
        if custom["Namespace"].text != METRIC_NAMESPACE:
            yield custom["Namespace"].fault(f"{METRIC_NAMESPACE}, which the app emits")
        if custom["MetricName"].text != ACTIVE_CHATS:
            yield custom["MetricName"].fault(f"{ACTIVE_CHATS}, which the app emits")
        dimensions = {item["Name"].text: item["Value"].text for item in custom["Dimensions"]}
        emitted = [
            {METRIC_DIMENSION: environment(serving.container)[METRICS_SERVICE].text}
            for serving in servings(resolved)
            if serving.container and METRICS_SERVICE in environment(serving.container)
        ]
        if dimensions not in emitted:
            yield custom["Dimensions"].fault(
                f"{METRIC_DIMENSION} = {METRICS_SERVICE} of the container"
            )


def metric_statistic(resolved: Resolved) -> Iterator[Fault]:
    """A target for each task is met by the average over tasks; a sum would never come down."""
    for policy in places(resolved, SCALING_POLICY):
        custom = _custom(policy)
        if custom and custom["Statistic"].text != "Average":
            yield custom["Statistic"].fault("Average")


def target_values(resolved: Resolved) -> Iterator[Fault]:
    """A percentage above 100 is never reached, so nothing ever scales."""
    for policy in places(resolved, SCALING_POLICY):
        value = policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"]
        percent = _predefined(policy).text in {CPU, MEMORY}
        if (value.number or 0) <= 0 or (percent and (value.number or 0) >= 100):  # noqa: PLR2004
            yield value.fault("more than 0, and of a percentage less than 100")


def scales_in(resolved: Resolved) -> Iterator[Fault]:
    """A policy that may only add tasks keeps, and bills, the most there ever were."""
    for policy in places(resolved, SCALING_POLICY):
        flag = policy["TargetTrackingScalingPolicyConfiguration"]["DisableScaleIn"]
        if flag.true:
            yield flag.fault("false")


def resource_label(resolved: Resolved) -> Iterator[Fault]:
    """Requests a target can be counted only if the label says of which target group."""
    for policy in places(resolved, SCALING_POLICY):
        specification = _specification(policy)
        label = specification["ResourceLabel"]
        if _predefined(policy).text != REQUESTS:
            if label:
                yield label.fault(f"nothing: only {REQUESTS} has one")
        elif not (label.targets(LOAD_BALANCER) and label.targets(TARGET_GROUP)):
            yield label.fault("LoadBalancerFullName/TargetGroupFullName")


def _specification(policy: Place) -> Place:
    return policy["TargetTrackingScalingPolicyConfiguration"]["PredefinedMetricSpecification"]


def _predefined(policy: Place) -> Place:
    return _specification(policy)["PredefinedMetricType"]


def _custom(policy: Place) -> Place:
    return policy["TargetTrackingScalingPolicyConfiguration"]["CustomizedMetricSpecification"]
