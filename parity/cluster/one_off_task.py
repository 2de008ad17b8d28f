"""A command run once in a task of its own: the service's task definition, network and volume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from parity.aws.errors import plainly
from parity.aws.task_log import CONTAINER
from parity.cluster import task as read
from parity.cluster.waiting import wait_until_none
from parity.deploy.tasks import parse as parse_task
from parity.deploy.tasks import reasons
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from parity.aws.account import Account
    from parity.cluster.service_view import ServiceView
    from parity.cluster.task import Json

POLL_SECONDS = 2.0
END_SECONDS = 300  # a network interface, the image's pull, the command
LOG_SECONDS = 90  # CloudWatch Logs has a line some seconds after it was written
MOST_CHARACTERS = 8192  # of all that RunTask overrides
TAIL_LINES = 20
STARTED_BY = "parity-one-off"

Answer = TypeVar("Answer")


class OneOffTasks:
    """Tasks that are no replicas: no target group has them, and the service counts none of them.

    A command and its output are in CloudTrail and in CloudWatch Logs, for all who may read there.
    The container's health check asks a server that is not started, which does no harm: only a
    service replaces what is unhealthy.
    """

    def __init__(self, account: Account, view: ServiceView) -> None:
        self._ecs = account.client("ecs")
        self._view = view

    def run(self, command: Sequence[str], parse: Callable[[list[str]], Answer | None]) -> Answer:
        """Run a command until it ends, and return what `parse` makes of the lines it wrote.

        parse: returns None for as long as lines are missing. The task is stopped, whatever happens.
        Raises ParityError, with the state seen last, when the task does not start, does not end, or
        its lines do not come.
        """
        task = self._start(command)
        try:
            self._wait_ended(task)
        finally:
            self._stop(task)
        return self._wait_answer(task, parse)

    def _start(self, command: Sequence[str]) -> Json:
        service = self._view.service()
        given: dict[str, Any] = {
            "cluster": self._view.where.cluster,
            "taskDefinition": service["taskDefinition"],
            "launchType": "FARGATE",
            "networkConfiguration": service["networkConfiguration"],
            "overrides": overrides(command),
            "startedBy": STARTED_BY,
        }
        if version := service.get("platformVersion"):
            given["platformVersion"] = version
        with plainly():
            started = self._ecs.run_task(**given)
        if not started["tasks"]:
            why = ", ".join(str(each.get("reason", "")) for each in started["failures"])
            raise ParityError(f"ECS did not start a task: {why}", hint=self._view.where.hint)
        task: Json = started["tasks"][0]
        return task

    def _wait_ended(self, task: Json) -> None:
        def alive() -> str:
            now = self._described(task)
            return "" if read.has_exited(now) else f"it is {now['lastStatus']}"

        what = f"the task {read.identity(task)} did not end"
        self._wait(alive, END_SECONDS, what)

    def _wait_answer(self, task: Json, parse: Callable[[list[str]], Answer | None]) -> Answer:
        group, stream = self._view.needed_stream(task)
        lines: list[str] = []
        found: list[Answer] = []

        def incomplete() -> str:
            lines[:] = self._view.logs.read(group, stream)
            if (answer := parse(lines)) is not None:
                found.append(answer)
                return ""
            return f"{len(lines)} lines, and {reasons(parse_task(self._described(task)))}"

        what = f"the task {read.identity(task)} did not write its whole answer"
        try:
            self._wait(incomplete, LOG_SECONDS, what)
        except ParityError as error:
            error.detail = error.detail or "\n".join(lines[-TAIL_LINES:])
            raise
        return found[0]

    def _described(self, task: Json) -> Json:
        known = self._view.described([task["taskArn"]])
        return known[0] if known else task  # RunTask's own answer is the first that knows of it

    def _stop(self, task: Json) -> None:
        if not read.has_exited(self._described(task)):
            with plainly():
                self._ecs.stop_task(
                    cluster=self._view.where.cluster,
                    task=task["taskArn"],
                    reason="parity no longer waits for it",
                )

    def _wait(self, problem: Callable[[], str], timeout: float, what: str) -> None:
        hint = self._view.where.hint
        wait_until_none(problem, timeout, every=POLL_SECONDS, what=what, hint=hint)


def overrides(command: Sequence[str]) -> Json:
    """Return RunTask's overrides. Raises ParityError for a command that is too long for them."""
    if (size := sum(map(len, command))) > MOST_CHARACTERS - 200:  # less names and quotes
        raise ParityError(
            f"a command of {size} characters is more than ECS lets a task be given:"
            f" {MOST_CHARACTERS}",
            hint="do it to the local stack: scripts/up",
        )
    return {"containerOverrides": [{"name": CONTAINER, "command": list(command)}]}
