"""A command is run once, beside the replicas and as one of them, and never left running."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from parity.cluster import one_off_task, waiting
from parity.cluster.ecs import Ecs
from parity.cluster.one_off_task import MOST_CHARACTERS, OneOffTasks
from parity.cluster.service import find_service
from parity.errors import ParityError
from tests.parity.cluster.ecs_world import SERVICE, STACK, Scheduler

if TYPE_CHECKING:
    from pathlib import Path

    from parity.aws.account import Account

SAY = ["python3", "-c", "import sys; print('one'); print(*sys.argv[1:])", "two", "three"]


@pytest.fixture
def tasks(account: Account, service: Scheduler, tmp_path: Path) -> OneOffTasks:
    """Give one-off tasks that are run to their end while somebody waits."""
    service.volume = tmp_path
    return Ecs(account, find_service(account, STACK)).one_off_tasks()


def two_lines(lines: list[str]) -> list[str] | None:
    """Return the lines once there are two."""
    return lines if len(lines) == 2 else None


def test_output_of_a_command_is_what_it_wrote(tasks: OneOffTasks, service: Scheduler) -> None:
    """Whole, in order; nothing runs on."""
    assert tasks.run(SAY, two_lines) == ["one", "two three"]
    assert service.one_off_tasks() == []


def test_it_is_run_as_the_service_runs_its_tasks(tasks: OneOffTasks, service: Scheduler) -> None:
    """The same task definition, so the same image, role and volume; the same subnet; no replica."""
    before = service.running()
    tasks.run(SAY, two_lines)
    listed = service.ecs.list_tasks(cluster=SERVICE["cluster"], desiredStatus="STOPPED")
    (task,) = service.ecs.describe_tasks(cluster=SERVICE["cluster"], tasks=listed["taskArns"])[
        "tasks"
    ]
    described = service.service()
    assert task["taskDefinitionArn"] == described["taskDefinition"]
    subnets = {e["value"] for e in task["attachments"][0]["details"] if e["name"] == "subnetId"}
    network = described["networkConfiguration"]["awsvpcConfiguration"]
    assert subnets == set(network["subnets"])
    assert service.running() == before
    address = {
        e["value"] for e in task["attachments"][0]["details"] if e["name"] == "privateIPv4Address"
    }
    assert not address & service.registered()


def test_task_that_does_not_end_is_stopped_and_said_so(
    tasks: OneOffTasks, service: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the state in which it was seen last."""
    service.volume = None
    monkeypatch.setattr(one_off_task, "END_SECONDS", 0)
    with pytest.raises(ParityError, match=r"did not end within 0 s: it is RUNNING") as caught:
        tasks.run(SAY, two_lines)
    assert caught.value.hint == f"parity status --stack {STACK}"
    assert service.one_off_tasks() == []


def test_task_is_stopped_when_the_wait_is_broken_off(
    tasks: OneOffTasks, service: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C leaves nothing running that costs."""

    def interrupt(_seconds: float = 0) -> None:
        assert len(service.one_off_tasks()) == 1
        raise KeyboardInterrupt

    clock = SimpleNamespace(monotonic=time.monotonic, sleep=interrupt)
    monkeypatch.setattr(waiting, "time", clock)
    with pytest.raises(KeyboardInterrupt):
        tasks.run(SAY, two_lines)
    assert service.one_off_tasks() == []


def test_lines_that_never_come_are_waited_for_until_the_deadline(
    tasks: OneOffTasks, service: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log driver that must not block may drop some; how the task ended and what came is shown."""
    service.loses = 1
    monkeypatch.setattr(one_off_task, "LOG_SECONDS", 0)
    lost = r"did not write its whole answer within 0 s: 1 lines, and Essential container exited"
    with pytest.raises(ParityError, match=lost) as caught:
        tasks.run(SAY, two_lines)
    assert caught.value.detail == "one"


def test_command_that_ecs_would_refuse_is_refused_before_anything_starts(
    tasks: OneOffTasks, service: Scheduler
) -> None:
    """RunTask takes so many characters of overrides and no more."""
    with pytest.raises(ParityError, match=f"more than ECS lets a task be given: {MOST_CHARACTERS}"):
        tasks.run(["python3", "-c", "x" * MOST_CHARACTERS], two_lines)
    listed = service.ecs.list_tasks(cluster=SERVICE["cluster"], desiredStatus="STOPPED")
    assert listed["taskArns"] == []
