"""The limits that a plan may pass, and what to do about each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.plan import traffic, volume
from parity.plan.load import MINUTES
from parity.plan.model import sent_tokens
from parity.plan.tasks import tasks

if TYPE_CHECKING:
    from parity.plan.figures import Figures
    from parity.plan.load import Day


EFS_READS = "EFS read operations"
EFS_WRITES = "EFS write operations"
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


def limits_of(day: Day, figures: Figures) -> list[Limit]:
    """Return every limit against the peak hour, EFS's against its busiest second."""
    stack, limits = figures.stack, figures.limits
    needed = tasks(day.peak, figures)
    busiest = volume.per_second(day.peak, figures)
    per_client = (busiest.reads + busiest.writes) / needed.needed
    turns_a_minute = day.peak.turns / MINUTES
    return [
        Limit(
            "one-task floor",
            TASKS_THAT_SURVIVE_ONE,
            needed.floor,
            "tasks",
            "MinTasks of 1 is an outage whenever that task is replaced unplanned; keep 2",
        ),
        Limit(
            "MaxTasks",
            needed.needed,
            stack["max_tasks"],
            "tasks",
            "raise MaxTasks, or TaskSize and ActiveChatsPerTask together",
        ),
        Limit(
            "Fargate vCPUs",
            needed.needed * stack["task_vcpu"],
            limits["fargate_vcpus"],
            "vCPU",
            "a new account's quota; see yours in Service Quotas and ask for more",
        ),
        Limit(
            "ALB targets",
            needed.needed,
            limits["alb_targets"],
            "targets",
            "larger tasks, or a quota increase",
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
        Limit(
            "Bedrock requests",
            turns_a_minute,
            limits["bedrock_requests"],
            "/min",
            "a quota of each model; ask for more, or use a cross-region inference profile",
        ),
        Limit(
            "Bedrock tokens",
            turns_a_minute * (sent_tokens(figures.profile) + figures.profile["answer_tokens"]),
            limits["bedrock_tokens"],
            "/min",
            "a quota of each model; send fewer earlier turns along",
        ),
        Limit(
            EFS_READS,
            busiest.reads,
            limits["efs_read_operations"],
            "/s",
            "raise the quota, or leave EFS: docs/scale.md",
        ),
        Limit(
            EFS_WRITES,
            busiest.writes,
            limits["efs_write_operations"],
            "/s",
            "raise the quota, or leave EFS: docs/scale.md",
        ),
        Limit(
            "EFS operations a client",
            per_client,
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
