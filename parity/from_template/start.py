"""A stack from a template, started: one task is tried, then all replace what runs, and serve."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from parity import console, stack
from parity.efs import service as efs
from parity.errors import ParityError
from parity.from_template import balanced, planned, service, trial
from parity.host.command import run
from parity.https import service as https
from parity.project import COMPOSE_FILE

if TYPE_CHECKING:
    from parity.from_template.planned import Planned
    from parity.host.base_images import BaseImages
    from parity.project import Settings


def start(plan: Planned, images: BaseImages) -> None:
    """Start it and wait until it serves; what runs is left alone if the first task fails.

    Raises ParityError with file, line and resource for what the template has to answer for.
    """
    settings = plan.settings
    before = stack.as_running(replace(settings, model=COMPOSE_FILE, overrides=()))
    tried = planned.write(plan)
    try:
        with console.step("Try one task of the template"):
            stack.ready(tried)
            trial.try_one(plan, tried, images)
    except ParityError:
        restore(before)
        raise
    planned.accept(plan)
    with console.step("Start the stack"):
        stack.start(settings, images)
    with console.step("See every task healthy to the load balancer"):
        balanced.check(plan)
    service.forget_others(settings.project, plan.wanted.attributes[0])


def restore(before: Settings) -> None:
    """Give the volume back to whom it belongs in the stack that goes on running, if there is one.

    before: its settings.
    """
    if efs.is_wanted(before):
        efs.ensure_running(before, service.user(before))
    else:
        efs.stop(before)
    if not before.https:
        https.note_off(before)
    if before.data.is_dir():
        with suppress(ParityError):  # the error to tell is the template's
            argv = stack.compose("run", "--rm", "--no-deps", "-T", "volume")
            run(argv, env=stack.compose_environment(before), shielded=True)
