"""The limits that a plan may pass, and what to do about each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.plan import traffic, volume
from parity.plan.bursting import bursting
from parity.plan.choices import ThroughputMode
from parity.plan.ends import most_operations
from parity.plan.load import MINUTES
from parity.plan.model import sent_tokens
from parity.plan.tasks import tasks
from parity.plan.words import lasting

if TYPE_CHECKING:
    from parity.plan.figures import Figures
    from parity.plan.load import Day


EFS_READS = "EFS read operations"
EFS_WRITES = "EFS write operations"
EFS_THROUGHPUT = "EFS throughput"
GO_ELASTIC = "ThroughputMode elastic"
# With one task, each unplanned replacement is an outage.
TASKS_THAT_SURVIVE_ONE = 2


@dataclass(frozen=True)
class Limit:
    """A limit and how near a plan comes. got and limit are in `unit`; advice is one clause."""

    name: str
    got: float
    limit: float
    unit: str
    advice: str

    @property
    def passed(self) -> bool:
        """True if the plan needs more than there is."""
        return self.got > self.limit


def limits_of(users: int, day: Day, figures: Figures, mode: ThroughputMode) -> list[Limit]:
    """Return every limit against the peak hour, EFS's against its busiest second."""
    return [
        *_of_tasks(day, figures),
        *_of_bedrock(day, figures),
        *_of_efs(users, day, figures, mode),
    ]


def _of_tasks(day: Day, figures: Figures) -> list[Limit]:
    stack, limits = figures.stack, figures.limits
    needed = tasks(day.peak, figures)
    most = limits["template_tasks"]
    # A rollout starts the new tasks before it stops the old ones.
    at_once = math.floor(needed.needed * stack["rollout_percent"] / 100)
    return [
        Limit(
            "one-task floor",
            TASKS_THAT_SURVIVE_ONE,
            needed.floor,
            "tasks",
            "each replacement of one task is an outage",
        ),
        Limit(
            "MaxTasks",
            needed.needed,
            stack["max_tasks"],
            "tasks",
            "raise MaxTasks, or tasks' size and chats"
            if needed.needed <= most
            else f"MaxTasks ends at {most:,.0f}: larger tasks",
        ),
        Limit(
            "Fargate vCPUs",
            at_once * stack["task_vcpu"],
            limits["fargate_vcpus"],
            "vCPU",
            "in a rollout; ask for a higher quota",
        ),
        Limit(
            "ALB targets",
            at_once,
            limits["alb_targets"],
            "targets",
            "in a rollout; larger tasks",
        ),
        Limit(
            "ECS tasks a service",
            needed.needed,
            limits["service_tasks"],
            "tasks",
            "larger tasks",
        ),
        Limit(
            "LCU reservation",
            traffic.lcus(day.peak, figures).counted,
            limits["lcu_reservation"],
            "LCU",
            "reserve LCUs ahead of a sudden peak",
        ),
    ]


def _of_bedrock(day: Day, figures: Figures) -> list[Limit]:
    limits, turns_a_minute = figures.limits, day.peak.turns / MINUTES
    return [
        Limit(
            "Bedrock requests",
            turns_a_minute,
            limits["bedrock_requests"],
            "/min",
            "quota: use a profile, or ask for more",
        ),
        Limit(
            "Bedrock tokens",
            turns_a_minute * (sent_tokens(figures.profile) + figures.profile["answer_tokens"]),
            limits["bedrock_tokens"],
            "/min",
            "quota: send fewer earlier turns along",
        ),
    ]


def _of_efs(users: int, day: Day, figures: Figures, mode: ThroughputMode) -> list[Limit]:
    limits, needed = figures.limits, tasks(day.peak, figures)
    busiest = volume.per_second(day.peak, figures)
    reads, writes = most_operations(figures, mode)
    elastic = mode is ThroughputMode.ELASTIC
    leave = "ask for more, or leave: docs/scale.md" if elastic else GO_ELASTIC
    return [
        *([] if elastic else [_of_bursting(users, day, figures)]),
        Limit(EFS_READS, busiest.reads, reads, "/s", leave),
        Limit(EFS_WRITES, busiest.writes, writes, "/s", leave),
        Limit(
            "EFS operations a client",
            (busiest.reads + busiest.writes) / needed.needed,
            limits["efs_client_operations"],
            "/s",
            "more, smaller tasks",
        ),
        Limit(
            "EFS connections",
            needed.needed,
            limits["efs_connections"],
            "connections",
            "larger tasks",
        ),
    ]


def _of_bursting(users: int, day: Day, figures: Figures) -> Limit:
    found = bursting(users, day, figures)
    when = f"within {lasting(found.lasts)}" if found.lasts else "at once"
    return Limit(EFS_THROUGHPUT, found.needed, found.permitted, "MiB/s", f"{GO_ELASTIC} {when}")
