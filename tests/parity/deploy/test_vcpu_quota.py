"""Fargate's vCPUs: what a rollout needs, and what is left of the quota."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

import pytest

from parity.deploy import vcpu_quota
from parity.deploy.stack_state import StackState, read_stack
from parity.deploy.template import read_template
from tests.parity.deploy.cloud import STACK
from tests.parity.deploy.deploying import deploy, green

if TYPE_CHECKING:
    from collections.abc import Callable

    from parity.aws.account import Account
    from tests.parity.deploy.deploying import Docker

SMALL = {"TaskSize": "0.25-vCPU-0.5-GB", "MinTasks": "2", "MaxTasks": "10"}
LARGE = {"TaskSize": "1-vCPU-2-GB", "MinTasks": "3", "MaxTasks": "3"}
METRIC: dict[str, Any] = {
    "MetricNamespace": "AWS/Usage",
    "MetricName": "ResourceCount",
    "MetricDimensions": {"Service": "Fargate", "Resource": "vCPU"},
    "MetricStatisticRecommendation": "Maximum",
}


@pytest.fixture
def quota(account: Account) -> Callable[..., None]:
    """Give a function that sets what Service Quotas says of vCPUs: moto does not know Fargate's."""

    def say(value: float, **more: object) -> None:
        client = MagicMock()
        client.get_service_quota.return_value = {"Quota": {"Value": value, **more}}
        account._clients["service-quotas"] = client

    return say


def use(account: Account, *figures: float) -> None:
    """Let CloudWatch have figures of what is in use, the newest last, five minutes apart."""
    dimensions = [{"Name": n, "Value": v} for n, v in METRIC["MetricDimensions"].items()]
    now = datetime.now(UTC).timestamp()
    account.client("cloudwatch").put_metric_data(
        Namespace="AWS/Usage",
        MetricData=[
            {
                "MetricName": "ResourceCount",
                "Dimensions": dimensions,
                "Value": figure,
                "Timestamp": now - 300 * age,
            }
            for age, figure in enumerate(reversed(figures), start=1)
        ],
    )


@pytest.mark.parametrize(
    ("parameters", "limit", "others", "state"),
    [
        (SMALL, 5.0, 0, "ok"),
        (SMALL, 5.0, None, "noted"),
        (SMALL, 5.0, 1, "noted"),
        (SMALL, 5.0, 4.5, "failed"),
        ({**SMALL, "MaxTasks": "11"}, 5.0, 0, "noted"),
        (LARGE, 5.0, None, "failed"),
        (LARGE, 10.0, 4, "ok"),
        (LARGE, 10.0, 5, "failed"),
        ({}, 5.0, 0, "noted"),
    ],
)
def test_rollout_has_to_fit_beside_what_is_in_use(
    parameters: dict[str, str], limit: float, others: float | None, state: str
) -> None:
    """It runs every task twice; what is not known does not fail."""
    found = vcpu_quota.judge(parameters, limit, others)
    assert found.state == state
    assert ("request-service-quota-increase" in found.hint) == (state == "failed")


def test_quota_to_ask_for_has_room_for_what_is_in_use() -> None:
    """Else the next deploy would ask again."""
    found = vcpu_quota.judge(LARGE, 10, 5)
    assert "6 needed to roll MinTasks tasks, 5 in use beside it, quota 10" in found.what
    assert found.hint.endswith("--quota-code L-3032A538 --desired-value 11")


def test_newest_figure_counts(account: Account, quota: Callable[..., None]) -> None:
    """Not the most there ever was."""
    quota(10, UsageMetric=METRIC)
    use(account, 9, 3)
    found = vcpu_quota.finding(account, LARGE, StackState(STACK))
    assert (found.state, "3 in use beside it" in found.what) == ("ok", True)


@pytest.mark.parametrize("metric", [METRIC, {}, None])
def test_use_that_is_not_known_is_said_and_does_not_fail(
    account: Account, quota: Callable[..., None], metric: dict[str, Any] | None
) -> None:
    """CloudWatch without a figure, and a quota without a metric."""
    quota(10, UsageMetric=metric)
    found = vcpu_quota.finding(account, LARGE, StackState(STACK))
    assert found.state == "noted"
    assert found.what.endswith("what is in use is not known")


def test_quota_that_cannot_be_read_does_not_fail(account: Account) -> None:
    """Moto does not know Fargate's; nor may everybody ask."""
    found = vcpu_quota.finding(account, LARGE, StackState(STACK))
    assert (found.state, found.what) == ("noted", "could not be read")


def test_own_tasks_are_not_in_their_own_way(
    account: Account, docker: Docker, quota: Callable[..., None]
) -> None:
    """Two of 0.25 vCPU run; a rollout of them needs as much again, and no more."""
    deploy(account, docker, green(docker.registry, 1))
    quota(10, UsageMetric=METRIC)
    use(account, 4.5)
    found = vcpu_quota.finding(account, LARGE, read_stack(account, STACK))
    assert (found.state, "4 in use beside it" in found.what) == ("ok", True)
    gone = StackState(STACK, "UPDATE_COMPLETE", "id", parameters=SMALL)
    assert vcpu_quota.finding(account, LARGE, gone).what.endswith("is not known")


def test_every_size_of_the_real_template_has_the_vcpus_of_its_mapping() -> None:
    """Or its quota could not be judged."""
    template = read_template()
    sizes: Any = template.parsed.section("Mappings")["TaskSizes"]
    for size in template.parameters["TaskSize"]["AllowedValues"]:
        assert vcpu_quota.vcpus({"TaskSize": size}) == int(sizes[size]["Cpu"]) / 1024
