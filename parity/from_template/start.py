"""A stack from a template, started: one task is tried, then all replace what runs, and serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity import console, stack
from parity.errors import ParityError
from parity.from_template import balanced, planned, service, trial

if TYPE_CHECKING:
    from parity.from_template.planned import Planned
    from parity.host.base_images import BaseImages


def start(plan: Planned, images: BaseImages) -> None:
    """Start it and wait until it serves; what runs is left alone if the first task fails.

    Raises ParityError with file, line and resource for what the template has to answer for.
    """
    settings = plan.settings
    tried = planned.write(plan)
    try:
        with console.step("Try one task of the template"):
            stack.ready(tried)
            trial.try_one(plan, tried, images)
    except ParityError as error:
        if stack.has_containers(settings.project):
            trial.restore_folder(settings)
        error.hint = error.hint or "mend the template, then run this again"
        raise
    planned.accept(plan)
    with console.step("Start the stack"):
        stack.start(settings, images)
    with console.step("See every task healthy to the load balancer"):
        balanced.check(plan)
    service.forget_others(settings.project, plan.wanted.attributes[0])
