"""Whether the service still scales is read from Application Auto Scaling itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from parity.deploy.rollout import Service
from parity.deploy.scaling import Scaling, read_scaling
from parity.deploy.stack_state import StackState
from parity.deploy.status import Status
from parity.verbs.status import document, summary_rows

if TYPE_CHECKING:
    from parity.aws.account import Account

SERVICE = Service("chat-cluster", "chat-service")
WHERE = {
    "ServiceNamespace": "ecs",
    "ResourceId": "service/chat-cluster/chat-service",
    "ScalableDimension": "ecs:service:DesiredCount",
}
WHOLE = Status(StackState("chat", "UPDATE_COMPLETE"), "us-east-1", "s", desired=1, running=1)


def test_suspended_scaling_is_seen_and_can_be_resumed(account: Account) -> None:
    """By the very command that is named; until then the stack is not as it should be."""
    client = account.client("application-autoscaling")
    account.client("ecs").create_cluster(clusterName=SERVICE.cluster)
    account.client("ecs").register_task_definition(
        family="chat", containerDefinitions=[{"name": "app", "image": "x", "memory": 512}]
    )
    account.client("ecs").create_service(
        cluster=SERVICE.cluster, serviceName=SERVICE.name, taskDefinition="chat", desiredCount=1
    )
    assert read_scaling(account, SERVICE) is None
    client.register_scalable_target(**WHERE, MinCapacity=2, MaxCapacity=10)
    scaling = read_scaling(account, SERVICE)
    assert scaling == Scaling(WHERE["ResourceId"], 2, 10)
    assert replace(WHOLE, scaling=scaling).as_it_should_be
    suspended = {"DynamicScalingInSuspended": True, "ScheduledScalingSuspended": False}
    client.register_scalable_target(**WHERE, SuspendedState=suspended)
    scaling = read_scaling(account, SERVICE)
    assert scaling is not None
    assert scaling.suspended == ("DynamicScalingInSuspended",)
    for argument in (*WHERE.values(), "--suspended-state DynamicScalingInSuspended=false"):
        assert argument in scaling.resume
    found = replace(WHOLE, scaling=scaling)
    assert not found.as_it_should_be
    assert ["scaling", "[red]suspended[/] (DynamicScalingIn), else 2 to 10 tasks"] in summary_rows(
        found
    )
    assert document(found)["scaling"]["suspended"] == ("DynamicScalingInSuspended",)
