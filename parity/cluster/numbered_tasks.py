"""The tasks of a service as replicas: each with a number, a state, a health.

ECS replaces every task that ends, with a new id, a new address and so a new host name. A replica's
number is therefore given by the order in which this process saw the tasks, and never given again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.cluster import task as read
from parity.cluster.container import SESSION_OPENED
from parity.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parity.cluster.protocol import Replica, Target
    from parity.cluster.service_view import ServiceView
    from parity.cluster.task import Json


class NumberedTasks:
    """Who is who among the tasks of one service."""

    def __init__(self, view: ServiceView) -> None:
        self._view = view
        self._numbers: dict[str, int] = {}

    def all(self) -> list[Json]:
        """Return all that ECS still tells of, and give each a number that has none yet."""
        tasks = self._view.tasks()
        for task in tasks:
            self._numbers.setdefault(task["taskArn"], len(self._numbers) + 1)
        return tasks

    def find(self, which: int | str) -> Json:
        """Return the task that is meant; of two that had the same address, the newer."""
        tasks = self.all()
        for task in tasks:
            if self._numbers[task["taskArn"]] == which:
                return task
        for task in sorted(tasks, key=read.created_at, reverse=True):
            if isinstance(which, str) and read.is_called(task, which):
                return task
        known = ", ".join(
            f"{self._numbers[task['taskArn']]} ({read.hostname(task) or read.identity(task)})"
            for task in read.shown(tasks, self._view.desired())
        )
        raise UsageError(
            f"there is no replica '{which}'; there are {known or 'none'}",
            hint=self._view.where.hint,
        )

    def replicas(self) -> list[Replica]:
        """Return the tasks that are replicas now, by number; a call of CloudWatch Logs each."""
        tasks = read.shown(self.all(), self._view.desired())
        targets = self._view.targets()
        replicas = [self._measured(task, targets) for task in tasks]
        return sorted(replicas, key=lambda replica: replica.number)

    def replica(self, which: int | str) -> Replica:
        """Return one replica as it is now."""
        return self._measured(self.find(which), self._view.targets())

    def targets(self) -> list[Target]:
        """Return the load balancer's targets by address; of two tasks that had one, the newer's."""
        by_address = {read.address(task): task for task in sorted(self.all(), key=read.created_at)}
        found = sorted(self._view.target_health(), key=lambda each: str(each["Target"]["Id"]))
        return [self._target(each, by_address.get(each["Target"]["Id"])) for each in found]

    def sick(self, tasks: list[Json]) -> str:
        """Return what is wrong with those that are not running and healthy; empty if nothing."""
        targets = self._view.targets()
        conditions = {
            read.hostname(each) or read.identity(each): (
                read.state_of(each),
                read.health_of(each, targets.get(read.address(each))),
            )
            for each in tasks
        }
        return ", ".join(
            f"{name}: {' '.join(condition).strip()}"
            for name, condition in conditions.items()
            if condition != ("running", "healthy")
        )

    def _target(self, described: Json, task: Json | None) -> Target:
        number = None if task is None else self._numbers[task["taskArn"]]
        return read.target(described, number, "" if task is None else read.hostname(task))

    def _measured(self, task: Json, targets: Mapping[str, str]) -> Replica:
        where = self._view.stream(task)
        opened = self._view.logs.read(*where, containing=SESSION_OPENED) if where else []
        return read.replica(
            task,
            number=self._numbers[task["taskArn"]],
            target=targets.get(read.address(task)),
            log="\n".join(opened).encode(),
        )
