"""One plan: so many daily users, and all that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.plan import file_system, model, traffic, volume
from parity.plan.bill import bill
from parity.plan.bursting import Bursting, bursting
from parity.plan.choices import DEFAULTS, Choices, ThroughputMode
from parity.plan.ends import share_of_operations
from parity.plan.limits import Limit, limits_of
from parity.plan.load import Day, day
from parity.plan.stores import dynamodb_usd
from parity.plan.tasks import Tasks, tasks, vcpus

if TYPE_CHECKING:
    from parity.plan.figures import Figures
    from parity.plan.line import Line


@dataclass(frozen=True)
class Estimate:
    """What so many daily users need and cost.

    tasks, vcpus, lcus: in the peak hour. second: EFS operations of its busiest second. month: EFS
    operations of a month. lines: a month's bill without Bedrock. models: the same tokens' price
    by model, in USD. stores: a month of the conversations by store, 'bursting' and 'elastic' being
    EFS, 'dynamodb' the other. share_of_efs: of its operations a second, reads or writes, whichever
    is nearer to 1.
    """

    users: int
    choices: Choices
    day: Day
    tasks: Tasks
    vcpus: float
    second: volume.Operations
    month: volume.Operations
    storage: volume.Storage
    bursting: Bursting
    share_of_efs: float
    lcus: traffic.Lcus
    tokens: model.Tokens
    models: dict[str, float]
    lines: list[Line]
    limits: list[Limit]
    stores: dict[str, float]

    @property
    def passed(self) -> list[Limit]:
        """The limits that are passed."""
        return [each for each in self.limits if each.passed]

    @property
    def usd(self) -> float:
        """A month of everything but Bedrock."""
        return sum(line.usd for line in self.lines)

    @property
    def efs_mode(self) -> ThroughputMode:
        """The cheaper mode of those that suffice."""
        enough = self.bursting.suffices
        return ThroughputMode.BURSTING if enough else ThroughputMode.ELASTIC


def estimate(users: int, figures: Figures, choices: Choices = DEFAULTS) -> Estimate:
    """Return the plan for so many daily users."""
    one_day = day(users, figures.profile)
    used = model.tokens(one_day, figures)
    efs = {str(mode): file_system.usd(users, one_day, figures, mode) for mode in ThroughputMode}
    return Estimate(
        users=users,
        choices=choices,
        day=one_day,
        tasks=tasks(one_day.peak, figures),
        vcpus=vcpus(one_day.peak, figures),
        second=volume.per_second(one_day.peak, figures),
        month=volume.month(one_day, figures),
        storage=volume.storage(users, one_day, figures),
        bursting=bursting(users, one_day, figures),
        share_of_efs=share_of_operations(users, figures, choices.throughput),
        lcus=traffic.lcus(one_day.peak, figures),
        tokens=used,
        models={name: model.cost(used, name, figures) for name in model.MODELS},
        lines=bill(users, one_day, figures, choices),
        limits=limits_of(users, one_day, figures, choices.throughput),
        stores=efs | {"dynamodb": dynamodb_usd(users, one_day, figures)},
    )
