"""One plan: so many daily users, and all that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.plan import model, traffic, volume
from parity.plan.bill import Architecture, Egress, Line, bill
from parity.plan.limits import EFS_READS, EFS_WRITES, Limit, limits_of
from parity.plan.load import Day, day
from parity.plan.stores import dynamodb_usd
from parity.plan.tasks import Tasks, tasks, vcpus

if TYPE_CHECKING:
    from parity.plan.figures import Figures


@dataclass(frozen=True)
class Estimate:
    """What so many daily users need and cost.

    tasks, vcpus, lcus: in the peak hour. second: EFS operations of its busiest second. month: EFS
    operations of a month. lines: a month's bill without Bedrock. models: the same tokens' price
    by model, in USD. dynamodb_usd: a month of the same conversations on DynamoDB.
    """

    users: int
    day: Day
    tasks: Tasks
    vcpus: float
    second: volume.Operations
    month: volume.Operations
    storage: volume.Storage
    lcus: traffic.Lcus
    tokens: model.Tokens
    models: dict[str, float]
    lines: list[Line]
    limits: list[Limit]
    dynamodb_usd: float

    @property
    def passed(self) -> list[Limit]:
        """The limits that are passed."""
        return [each for each in self.limits if each.passed]

    @property
    def share_of_efs(self) -> float:
        """How much of EFS's read or write operations a second is used, whichever is nearer to 1."""
        return max(
            each.got / each.limit for each in self.limits if each.name in {EFS_READS, EFS_WRITES}
        )

    @property
    def usd(self) -> float:
        """A month of everything but Bedrock."""
        return sum(line.usd for line in self.lines)

    @property
    def efs_usd(self) -> float:
        """A month of EFS and its backup."""
        return sum(line.usd for line in self.lines if line.what.startswith("EFS"))


def estimate(
    users: int,
    figures: Figures,
    *,
    architecture: Architecture = Architecture.X86_64,
    egress: Egress = Egress.NAT_GATEWAY,
) -> Estimate:
    """Return the plan for so many daily users."""
    one_day = day(users, figures.profile)
    used = model.tokens(one_day, figures)
    return Estimate(
        users=users,
        day=one_day,
        tasks=tasks(one_day.peak, figures),
        vcpus=vcpus(one_day.peak, figures),
        second=volume.per_second(one_day.peak, figures),
        month=volume.month(one_day, figures),
        storage=volume.storage(users, one_day, figures),
        lcus=traffic.lcus(one_day.peak, figures),
        tokens=used,
        models={name: model.cost(used, name, figures) for name in model.MODELS},
        lines=bill(users, one_day, figures, architecture, egress),
        limits=limits_of(one_day, figures),
        dynamodb_usd=dynamodb_usd(one_day, figures),
    )
