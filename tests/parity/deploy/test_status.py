"""Who has deployed, and where what runs is not what CloudFormation believes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from moto.cloudformation.models import cloudformation_backends

from parity.deploy import drift
from parity.deploy.deployer import Deployer, description, read_deployer
from parity.deploy.history import Revision
from parity.deploy.plan import digest_of
from parity.deploy.stack_state import StackState, read_stack
from parity.deploy.status import Status, read_status
from parity.deploy.tasks import Task
from tests.parity.deploy.cloud import CONFIG, STACK
from tests.parity.deploy.deploying import deploy, green

if TYPE_CHECKING:
    from parity.aws.account import Account
    from tests.parity.deploy.deploying import Docker

ANN = "arn:aws:sts::123456789012:assumed-role/Admin/ann@example.com"
STACK_ROLE = "arn:aws:sts::123456789012:assumed-role/StackRole/AWSCloudFormation"
ARN = "arn:aws:ecs:us-east-1:123456789012:task-definition/chat:{}"
IMAGE, OTHER = f"host/chat@{CONFIG}", "sha256:" + "d" * 64
TASK = Task("t1", "us-east-1a", "RUNNING", "HEALTHY", CONFIG, ARN.format(2))
MOMENT = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def deployed(account: Account, docker: Docker) -> StackState:
    """Give a stack that was deployed to twice."""
    for number in (1, 2):
        deploy(account, docker, green(docker.registry, number))
    return read_stack(account, STACK)


def test_who_deployed_is_told_by_the_change_set(account: Account, deployed: StackState) -> None:
    """As ECS names CloudFormation's role instead, where the stack has one."""
    found = read_deployer(account, deployed)
    assert found is not None
    assert (found.by, found.at is not None) == (account.identity().arn, True)
    registered = Revision(1, ARN.format(1), "r", "", MOMENT, STACK_ROLE)
    outputs = {"TaskDefinitionArn": ARN.format(1)}
    status = Status(StackState(STACK, outputs=outputs), "", history=(registered,))
    assert replace(status, deployer=Deployer(ANN, None)).deployed_by == Deployer(ANN, None)
    assert status.deployed_by == Deployer(STACK_ROLE, MOMENT)
    assert Status(StackState(STACK), "").deployed_by is None


def test_nobody_is_named_for_what_another_change_has_brought(
    account: Account, deployed: StackState
) -> None:
    """One in the console, one that was rolled back, and one whose change set is gone."""
    (change_set,) = [
        each
        for each in cloudformation_backends[account.identity().account][
            "us-east-1"
        ].change_sets.values()
        if each.change_set_id == deployed.change_set_id
    ]
    for other in (
        replace(deployed, parameters={"Receipt": "another"}),
        replace(deployed, status="UPDATE_ROLLBACK_COMPLETE"),
        replace(deployed, change_set_id=""),
        replace(deployed, change_set_id=f"{deployed.change_set_id}-gone"),
    ):
        assert read_deployer(account, other) is None
    for text in ("", "by hand", description("deploy", "another", ANN)):
        change_set.description = text
        assert read_deployer(account, deployed) is None
    change_set.description = description("deploy", deployed.parameters["Receipt"], ANN)
    found = read_deployer(account, deployed)
    assert found is not None
    assert found.by == ANN


def test_service_that_ecs_has_rolled_back_behind_cloudformation_is_drift(
    account: Account, deployed: StackState
) -> None:
    """The circuit breaker does so; CloudFormation goes on believing in the newer image."""
    now, image = deployed.outputs["TaskDefinitionArn"], deployed.parameters["ImageUri"]
    old = next(each for each in read_status(account, STACK).history if each.image != image)
    account.client("ecs").update_service(
        cluster=deployed.outputs["ClusterName"],
        service=deployed.outputs["ServiceName"],
        taskDefinition=old.arn,
    )
    found = read_status(account, STACK)
    wrong = {each.what: (each.expected, each.found) for each in found.drift}
    assert wrong["image of the task definition"] == (image, old.image)
    assert wrong["task definition of the service"] == (
        now.rpartition("/")[2],
        old.arn.rpartition("/")[2],
    )
    tasks = [task.id for task in found.tasks]
    assert len(tasks) == 2
    for task in tasks:
        assert wrong[f"image of task {task}"] == (digest_of(image), digest_of(old.image))
        assert wrong[f"task definition of task {task}"] == wrong["task definition of the service"]
    assert not found.as_it_should_be


def test_image_drift_is_of_the_definition_and_of_each_running_task() -> None:
    """What a task pulled counts, not what it was told to; one that has stopped does not."""
    strange = replace(TASK, id="t2", digest=OTHER)
    silent = replace(TASK, id="t3", digest="")
    stopped = replace(strange, id="t4", status="STOPPED")
    assert drift.image_drift(IMAGE, IMAGE, [TASK]) == []
    found = drift.image_drift(IMAGE, f"host/chat@{OTHER}", [TASK, strange, silent, stopped])
    assert found == [
        drift.Drift("image of the task definition", IMAGE, f"host/chat@{OTHER}"),
        drift.Drift("image of task t2", CONFIG, OTHER),
        drift.Drift("image of task t3", CONFIG, "not known"),
    ]


def test_definition_drift_is_of_the_service_and_of_each_running_task() -> None:
    """A service without any is told so, too."""
    old = replace(TASK, id="t2", task_definition=ARN.format(1))
    assert drift.definition_drift(ARN.format(2), ARN.format(2), [TASK]) == []
    found = drift.definition_drift(ARN.format(2), "", [TASK, old, replace(old, status="STOPPED")])
    assert found == [
        drift.Drift("task definition of the service", "chat:2", "none"),
        drift.Drift("task definition of task t2", "chat:2", "chat:1"),
    ]
