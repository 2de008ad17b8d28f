"""What a month costs, line by line, in USD."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.plan import edge, file_system, network, watching
from parity.plan.choices import Architecture
from parity.plan.line import Line
from parity.plan.tasks import task_hours

if TYPE_CHECKING:
    from parity.plan.choices import Choices
    from parity.plan.figures import Figures
    from parity.plan.load import Day


def bill(users: int, day: Day, figures: Figures, choices: Choices) -> list[Line]:
    """Return the lines of a month, Bedrock's tokens not among them.

    What the choices leave out has no line, and neither has traffic between zones: the load
    balancer's to its tasks is free, and mount targets and ways out are in each zone.
    """
    return [
        _fargate(day, figures, choices),
        *file_system.lines(users, day, figures, choices.throughput),
        *edge.lines(day, figures, choices),
        *network.lines(day, figures, choices),
        *watching.lines(day, figures),
        _secrets(figures),
        _images(figures),
    ]


def _fargate(day: Day, figures: Figures, choices: Choices) -> Line:
    prices, stack = figures.prices, figures.stack
    kind = "arm" if choices.architecture is Architecture.ARM64 else "x86"
    hours = task_hours(day, figures)
    per_hour = (
        stack["task_vcpu"] * prices[f"fargate_{kind}_vcpu_hour"]
        + stack["task_memory_gb"] * prices[f"fargate_{kind}_gb_hour"]
    )
    size = f"{stack['task_vcpu']:g} vCPU, {stack['task_memory_gb']:g} GB"
    return Line("Fargate tasks", f"{hours:,.0f} h of {size}", hours * per_hour)


def _secrets(figures: Figures) -> Line:
    count = figures.stack["secrets"]
    return Line("Secrets Manager", f"{count:g}", count * figures.prices["secret_month"])


def _images(figures: Figures) -> Line:
    kept = figures.stack["images_kept"] * figures.stack["image_gb"]
    return Line("ECR images", f"{kept:.2f} GB", kept * figures.prices["ecr_gb_month"])
