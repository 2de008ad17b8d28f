"""After a change: wait for ECS, show why a task died, and prove what runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from parity.deploy import history, rollout, tasks
from parity.deploy.history import Revision
from parity.deploy.progress import Event
from parity.deploy.rollout import Service, Watch
from parity.deploy.tasks import Task
from parity.errors import ParityError

if TYPE_CHECKING:
    from parity.aws.account import Account

GOOD = "sha256:" + "a" * 64
BAD = "sha256:" + "b" * 64
ARN = "arn:aws:ecs:us-east-1:1:task-definition/chat"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
DEFINITION: dict[str, Any] = {
    "containerDefinitions": [
        {
            "name": "app",
            "image": "r@sha256:1",
            "memory": 512,
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {"awslogs-group": "logs", "awslogs-stream-prefix": "chat"},
            },
        }
    ]
}


def task(number: int = 1, digest: str = GOOD, status: str = "RUNNING", **fields: Any) -> Task:  # noqa: ANN401
    """Return a task."""
    return Task(f"t{number}", "us-east-1a", status, "HEALTHY", digest, f"{ARN}:1", **fields)


def service(state: str = "COMPLETED", running: int = 2, deployments: int = 1) -> dict[str, Any]:
    """Return a service as ECS describes it."""
    primary = {"status": "PRIMARY", "rolloutState": state, "rolloutStateReason": "it said so"}
    others = [{"status": "ACTIVE"}] * (deployments - 1)
    return {"deployments": [primary, *others], "desiredCount": 2, "runningCount": running}


def test_all_running_tasks_with_the_digest_are_the_proof() -> None:
    """Tasks that come or go prove nothing either way."""
    rollout.prove([task(1), task(2), task(3, BAD, "STOPPED"), task(4, "", "PENDING")], GOOD)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([], "no task is running"),
        ([task(1, GOOD, "PENDING")], "no task is running"),
        ([task(1), task(2, BAD)], f"1 of 2 running tasks .* t2 runs {BAD}"),
        ([task(1, "")], "an image whose digest ECS does not tell"),
    ],
)
def test_what_is_not_proven_is_an_error(found: list[Task], words: str) -> None:
    """Silence of ECS is no proof."""
    with pytest.raises(ParityError, match=words):
        rollout.prove(found, GOOD)


@pytest.mark.parametrize(
    ("described", "done", "failed"),
    [
        (service(), True, ""),
        (service(running=1), False, ""),
        (service(deployments=2), False, ""),
        (service("IN_PROGRESS"), False, ""),
        (service("FAILED"), False, "it said so"),
    ],
)
def test_rollout_is_judged_by_ecs_own_words(
    described: dict[str, Any],
    done: bool,  # noqa: FBT001 - a parameter of the test
    failed: str,
) -> None:
    """One deployment, complete, with every task running."""
    judged = rollout.judge(described)
    assert (judged.done, judged.failed) == (done, failed)


@pytest.mark.parametrize(
    ("fields", "failed"),
    [
        ({"stop_code": "ServiceSchedulerInitiated", "stopped_reason": "Scaling activity"}, False),
        ({"stop_code": "UserInitiated"}, False),
        ({"stop_code": "EssentialContainerExited", "exit_code": 1}, True),
        ({"stop_code": "TaskFailedToStart", "stopped_reason": "CannotPullContainerError"}, True),
        (
            {
                "stop_code": "ServiceSchedulerInitiated",
                "stopped_reason": "Task failed ELB health checks in (target-group x)",
            },
            True,
        ),
    ],
)
def test_task_failed_or_was_told_to_stop(
    fields: dict[str, Any],
    failed: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Only the former is worth a log."""
    assert task(status="STOPPED", **fields).failed == failed
    assert not task(**fields).failed


def test_log_of_a_failed_task_is_shown_once(
    account: Account, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Found through its task definition, in moto's CloudWatch."""
    ecs, logs = account.client("ecs"), account.client("logs")
    ecs.create_cluster(clusterName="c")
    arn = ecs.register_task_definition(family="chat", **DEFINITION)["taskDefinition"][
        "taskDefinitionArn"
    ]
    ecs.create_service(cluster="c", serviceName="s", taskDefinition=arn, desiredCount=2)
    logs.create_log_group(logGroupName="logs")
    logs.create_log_stream(logGroupName="logs", logStreamName="chat/app/dead")
    moment = int(datetime.now(UTC).timestamp() * 1000)
    logs.put_log_events(
        logGroupName="logs",
        logStreamName="chat/app/dead",
        logEvents=[{"timestamp": moment, "message": "no [such] volume"}],
    )
    ends: dict[str, Any] = {
        "stop_code": "EssentialContainerExited",
        "stopped_reason": "Exited",
        "exit_code": 3,
    }
    dead = Task("dead", "", "STOPPED", "UNKNOWN", "", arn, **ends, stopped_at=NOW)
    old = Task("old", "", "STOPPED", "", "", arn, **ends, stopped_at=NOW - timedelta(hours=1))
    monkeypatch.setattr(rollout, "read_tasks", lambda *_: [dead, old])
    watch = Watch(account, Service("c", "s"), NOW)
    watch.look()
    watch.look()
    shown = capsys.readouterr().err
    assert shown.count("no [such] volume") == 1
    assert watch.failures == ["Exited; exit code 3"]


def test_task_that_never_wrote_has_no_log(account: Account) -> None:
    """No stream is no error."""
    ecs = account.client("ecs")
    arn = ecs.register_task_definition(family="chat", **DEFINITION)["taskDefinition"][
        "taskDefinitionArn"
    ]
    assert tasks.log_tail(account, Task("x", "", "STOPPED", "", "", arn), 5) == ""


def test_rollout_that_is_never_done_is_an_error_with_the_last_state(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a wait without end; and one that fails ends at once."""
    watch = Watch(account, Service("c", "s"), NOW)
    monkeypatch.setattr(watch, "look", lambda: service(running=1))
    with pytest.raises(ParityError, match=r"not done in 0 s: 1 of 2 tasks run"):
        rollout.wait_rollout(watch, timeout=0)
    monkeypatch.setattr(watch, "look", lambda: service("FAILED"))
    with pytest.raises(ParityError, match="it said so") as caught:
        rollout.wait_rollout(watch)
    assert "parity rollback" in caught.value.hint


def test_service_that_vanishes_in_a_rollback_does_not_end_the_watching(account: Account) -> None:
    """CloudFormation deletes the cluster while it is looked at; its verdict is still to come."""
    arn = "arn:aws:ecs:us-east-1:1:service/gone/s"
    made = Event("1", NOW, "Service", "AWS::ECS::Service", "CREATE_FAILED", "no", arn)
    watch = Watch(account, None, NOW)
    watch.on_stack_events([made])
    assert watch.service == Service("gone", "s")
    with pytest.raises(ParityError):
        watch.look()


def revision(number: int, receipt: str) -> Revision:
    """Return a revision of the task definition."""
    return Revision(number, f"{ARN}:{number}", receipt, "", None, "")


HISTORY = [revision(4, "r3"), revision(3, "failed"), revision(2, "r2"), revision(1, "r1")]


def test_one_before_is_the_newest_that_was_live() -> None:
    """A revision that a failed update has left was never live."""
    live = {"r1", "r2", "r3"}
    assert history.one_before(HISTORY, f"{ARN}:4", live).receipt == "r2"
    assert history.one_before(HISTORY, f"{ARN}:2", live).receipt == "r1"
    again = [revision(5, "r3"), *HISTORY]  # the same receipt, other parameters
    assert history.one_before(again, f"{ARN}:5", live).receipt == "r2"
    with pytest.raises(ParityError, match="no earlier receipt"):
        history.one_before(HISTORY, f"{ARN}:1", live)


def test_history_keeps_revisions_that_are_no_longer_active(account: Account) -> None:
    """ECS does, after CloudFormation has replaced them; others' families are not taken in."""
    ecs = account.client("ecs")
    for number in (1, 2):
        labels = {"parity.receipt": f"r{number}"}
        container = {**DEFINITION["containerDefinitions"][0], "dockerLabels": labels}
        ecs.register_task_definition(family="chat", containerDefinitions=[container])
    ecs.register_task_definition(family="chat-two", **DEFINITION)
    ecs.deregister_task_definition(taskDefinition="chat:1")
    found = history.read_history(account, f"{ARN}:2")
    assert [(each.number, each.receipt) for each in found] == [(2, "r2"), (1, "r1")]
