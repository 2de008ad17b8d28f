"""Fargate's quota of vCPUs: what a rollout needs, beside what the account runs already."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from parity.deploy import rollout
from parity.deploy.carry_out import service_of
from parity.deploy.finding import Finding
from parity.deploy.quotas import Quota, reached, read_quota, unknown
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parity.aws.account import Account
    from parity.deploy.stack_state import StackState

VCPUS = Quota("Fargate vCPUs", "fargate", "L-3032A538")
TASK_SIZE = re.compile(r"(\d+(?:\.\d+)?)-vCPU-")
ROLLING = 2  # a rolling deploy at 200 % runs every task twice for a while
PERIOD = 300  # seconds; how often CloudWatch gets a figure of what is in use
RECENT = timedelta(hours=1)


def finding(account: Account, parameters: Mapping[str, str], state: StackState) -> Finding:
    """Return what the quota leaves for this stack with these parameters."""
    quota = read_quota(account, VCPUS)
    if quota is None:
        return unknown(VCPUS)
    return judge(parameters, float(quota["Value"]), _held_by_others(account, quota, state))


def judge(parameters: Mapping[str, str], limit: float, others: float | None) -> Finding:
    """Judge whether the smallest service can be rolled, and note if the largest cannot.

    others: vCPUs that are in use beside this stack's own; None if that is not known.
    """
    size, least, most = vcpus(parameters), "MinTasks", "MaxTasks"
    if size is None:
        return unknown(VCPUS)
    used = others or 0
    beside = "" if others is None else f", {others:g} in use beside it"
    needed = size * _number(parameters, least, 2) * ROLLING
    if needed + used > limit:
        what = f"{needed:g} needed to roll {least} tasks{beside}, quota {limit:g}"
        return reached(VCPUS, what, needed + used)
    wanted = size * _number(parameters, most, 10) * ROLLING
    if wanted + used > limit:
        what = f"quota {limit:g}{beside}: {most} tasks cannot be rolled at once ({wanted:g} needed)"
        return Finding(VCPUS.name, "noted", what)
    what = f"{wanted:g} needed at most{beside}, quota {limit:g}"
    if others is None:
        return Finding(VCPUS.name, "noted", f"{what}; what is in use is not known")
    return Finding(VCPUS.name, "ok", what)


def vcpus(parameters: Mapping[str, str]) -> float | None:
    """Return the vCPUs of one task by the parameter TaskSize, such as '0.25-vCPU-0.5-GB'."""
    found = TASK_SIZE.match(parameters.get("TaskSize", ""))
    return float(found[1]) if found else None


def _held_by_others(account: Account, quota: Mapping[str, Any], state: StackState) -> float | None:
    used, own = _in_use(account, quota), _held_by(account, state)
    # What CloudWatch says is some minutes old; a task of ours may be younger.
    return None if used is None or own is None else max(0, used - own)


def _in_use(account: Account, quota: Mapping[str, Any]) -> float | None:
    """Return the newest figure of the metric that Service Quotas names for this quota."""
    metric, now = quota.get("UsageMetric") or {}, datetime.now(UTC)
    try:
        statistic = metric["MetricStatisticRecommendation"]
        found = account.client("cloudwatch").get_metric_statistics(
            Namespace=metric["MetricNamespace"],
            MetricName=metric["MetricName"],
            Dimensions=[{"Name": n, "Value": v} for n, v in metric["MetricDimensions"].items()],
            StartTime=now - RECENT,
            EndTime=now,
            Period=PERIOD,
            Statistics=[statistic],
        )["Datapoints"]
    except (BotoCoreError, ClientError, KeyError):
        return None
    newest = max(found, key=lambda point: point["Timestamp"], default=None)
    return float(newest[statistic]) if newest else None


def _held_by(account: Account, state: StackState) -> float | None:
    """Return what the stack's own tasks hold, which a rollout replaces."""
    if not state.exists:
        return 0
    try:
        described = rollout.read_service(account, service_of(state)) or {}
    except ParityError:
        return None
    size = vcpus(state.parameters)
    return None if size is None else size * int(described.get("runningCount", 0))


def _number(parameters: Mapping[str, str], name: str, default: int) -> int:
    text = parameters.get(name, "")
    return int(text) if text.isdigit() else default
