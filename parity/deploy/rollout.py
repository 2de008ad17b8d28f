"""The ECS service after a change: wait for its rollout, then prove what its tasks run."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from parity import console
from parity.aws.errors import plainly
from parity.aws.task_log import CONTAINER
from parity.deploy.tasks import log_tail, read_tasks, reasons
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from parity.aws.account import Account
    from parity.deploy.progress import Event
    from parity.deploy.tasks import Task

POLL_SECONDS = 3.0
ROLLOUT_SECONDS = 1800
LOG_LINES = 20


@dataclass(frozen=True)
class Service:
    """An ECS service by the names that the AWS CLI takes."""

    cluster: str
    name: str


@dataclass(frozen=True)
class Rollout:
    """How far a service is. done: one deployment, complete, all its tasks running; failed: why."""

    done: bool
    failed: str
    summary: str


def judge(service: Mapping[str, Any]) -> Rollout:
    """Return how far a described service is."""
    deployments = service.get("deployments", [])
    primary: Mapping[str, Any] = next(
        (each for each in deployments if each.get("status") == "PRIMARY"), {}
    )
    desired, running = service.get("desiredCount", 0), service.get("runningCount", 0)
    state = primary.get("rolloutState", "COMPLETED")  # absent where ECS itself does not roll out
    failed = str(primary.get("rolloutStateReason") or "it failed") if state == "FAILED" else ""
    return Rollout(
        done=state == "COMPLETED" and len(deployments) == 1 and running == desired,
        failed=failed,
        summary=f"{running} of {desired} tasks run, rollout {state}",
    )


class Watch:
    """Prints what ECS says while CloudFormation still waits for it, each thing once."""

    def __init__(self, account: Account, service: Service | None, since: datetime) -> None:
        self._account = account
        self.service = service
        self._since = since
        self._shown: set[str] = set()
        self.failures: list[str] = []

    def on_stack_events(self, events: Sequence[Event]) -> None:
        """Look at the service as soon as the stack's events tell which it is.

        Cluster and service may be gone at any moment, when CloudFormation rolls back; its own
        verdict is what counts then.
        """
        for event in events:
            if event.type == "AWS::ECS::Service" and event.physical_id.startswith("arn:"):
                cluster, _, name = event.physical_id.partition(":service/")[2].partition("/")
                if name:
                    self.service = Service(cluster, name)
        with suppress(ParityError):
            self.look()

    def look(self) -> Mapping[str, Any] | None:
        """Print new events and the logs of tasks that failed; return the service, if there is one.

        A task's log goes with a first deploy that is rolled back, so it is shown while it is there.
        """
        if self.service is None:
            return None
        described = read_service(self._account, self.service)
        if described is None:
            return None
        for event in reversed(described.get("events", [])):
            if event["createdAt"] >= self._since and event["id"] not in self._shown:
                console.err.print(f"  [dim]ECS: {escape(event['message'])}[/]")
                self._shown.add(event["id"])
        for task in read_tasks(self._account, self.service.cluster, self.service.name, "STOPPED"):
            self._show_failure(task)
        return described

    def _show_failure(self, task: Task) -> None:
        recent = task.stopped_at is None or task.stopped_at >= self._since
        if not task.failed or not recent or task.id in self._shown:
            return
        self._shown.add(task.id)
        reason = reasons(task)
        self.failures.append(reason)
        console.err.print(f"[red]✗[/] task {task.id} {escape(reason)}")
        log = log_tail(self._account, task, LOG_LINES)
        console.err.print(escape(log) if log else "  (it has written no log)")


def read_service(account: Account, service: Service) -> Mapping[str, Any] | None:
    """Return ECS's description of a service; None while, or after, there is none."""
    with plainly():
        answer = account.client("ecs").describe_services(
            cluster=service.cluster, services=[service.name]
        )
    found: list[Mapping[str, Any]] = answer.get("services", [])
    return next((each for each in found if each.get("status") != "INACTIVE"), None)


def wait_rollout(watch: Watch, timeout: float = ROLLOUT_SECONDS) -> None:
    """Wait until the service runs the new task definition only, all tasks of it.

    Raises ParityError when the rollout fails, or is not done within timeout seconds.
    """
    if watch.service is None:
        raise ParityError("the stack has no service in its outputs", hint="parity status")
    deadline = time.monotonic() + timeout
    with console.step(f"ECS: rollout of {watch.service.name}") as step:
        while True:
            described = watch.look()
            now = judge(described or {})
            if described is None or now.failed:
                raise ParityError(
                    f"the rollout of {watch.service.name} failed: {now.failed or 'it is gone'}",
                    hint="parity status, or parity rollback",
                    detail="\n".join(watch.failures),
                )
            if now.done:
                return
            if time.monotonic() > deadline:
                raise ParityError(
                    f"the rollout of {watch.service.name} is not done in {timeout:.0f} s:"
                    f" {now.summary}",
                    hint="parity deploy    (goes on waiting), or parity rollback",
                    detail="\n".join(watch.failures),
                )
            step.say(now.summary)
            time.sleep(POLL_SECONDS)


def prove(tasks: Sequence[Task], digest: str) -> None:
    """Raise ParityError unless there are running tasks and every one runs the image of a digest.

    The digest is what ECS says that it pulled, not what it was told to.
    """
    running = [task for task in tasks if task.status == "RUNNING"]
    if not running:
        raise ParityError("no task is running, so nothing is proven", hint="parity status")
    strange = [task for task in running if task.digest != digest]
    if strange:
        first = strange[0]
        raise ParityError(
            f"{len(strange)} of {len(running)} running tasks do not run the tested image: task"
            f" {first.id} runs {first.digest or 'an image whose digest ECS does not tell'},"
            f" the tested one is {digest}",
            hint="parity status, then parity deploy",
        )
    console.note(f"All {len(running)} tasks run {digest} (container '{CONTAINER}')")
