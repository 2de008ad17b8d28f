"""How many tasks an hour needs, and what decides it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.errors import UsageError
from parity.plan.load import DAYS_PER_MONTH, HOURS, SECONDS

if TYPE_CHECKING:
    from parity.plan.figures import Figures
    from parity.plan.load import Day, Hour

MIB_PER_GB = 1024


@dataclass(frozen=True)
class Tasks:
    """What each scaling target asks for; `needed` is the most of them, MinTasks included."""

    cpu: int
    memory: int
    chats: int
    floor: int

    @property
    def needed(self) -> int:
        """Tasks to run."""
        return max(self.cpu, self.memory, self.chats, self.floor)

    @property
    def bound_by(self) -> str:
        """What decides: 'CPU', 'chats', 'memory', or 'floor' where MinTasks is more than enough."""
        asked = {"CPU": self.cpu, "chats": self.chats, "memory": self.memory, "floor": self.floor}
        return max(asked, key=lambda name: asked[name])


def tasks(hour: Hour, figures: Figures) -> Tasks:
    """Return the tasks that an hour needs at the scaling targets.

    Raises UsageError when a task's memory target leaves no room for a chat at all.
    """
    stack = figures.stack
    room = (
        stack["task_memory_gb"] * MIB_PER_GB * stack["memory_target"] / 100
        - figures.measured["served_mib"]
    )
    if room <= 0:
        raise UsageError(
            f"{figures.measured['served_mib']:g} MiB of the app do not fit into"
            f" {stack['memory_target']:g} % of {stack['task_memory_gb']:g} GB",
            hint="--assume memory_target=75, or a larger task_memory_gb",
        )
    vcpus_per_task = stack["task_vcpu"] * stack["cpu_target"] / 100
    return Tasks(
        cpu=math.ceil(vcpus(hour, figures) / vcpus_per_task),
        memory=math.ceil(hour.open_chats * figures.measured["session_mib"] / room),
        chats=math.ceil(hour.open_chats / stack["chats_per_task"]),
        floor=math.ceil(stack["min_tasks"]),
    )


def vcpus(hour: Hour, figures: Figures) -> float:
    """Return the vCPUs that an hour keeps busy: page loads, turns, and ticks of open pages."""
    measured = figures.measured
    drawings = figures.profile["answer_seconds"] / measured["draw_seconds"]
    turn_ms = measured["runs_per_turn"] * measured["run_cpu_ms"]
    turn_ms += drawings * measured["drawing_cpu_ms"]
    open_ms = measured["tick_cpu_ms"] / measured["tick_seconds"] + measured["idle_cpu_ms"]
    begun_ms = hour.loads * measured["load_cpu_ms"] + hour.turns * turn_ms
    return (begun_ms / SECONDS + hour.open_chats * open_ms) / 1000


def task_hours(day: Day, figures: Figures) -> float:
    """Return the task-hours of a month: MinTasks at night and on days without traffic."""
    traffic_days = figures.profile["days_per_month"]
    per_day = tasks(day.peak, figures).needed + day.busy * tasks(day.usual, figures).needed
    quiet_hours = HOURS * DAYS_PER_MONTH - traffic_days * (1 + day.busy)
    return traffic_days * per_day + max(0, quiet_hours) * math.ceil(figures.stack["min_tasks"])
