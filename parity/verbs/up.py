"""`parity up`: from a bare machine to a healthy stack."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from parity import console, stack
from parity.efs import service as efs
from parity.host import preflight
from parity.host.base_images import BaseImages, ensure_base, image_exists, nginx_base, python_base
from parity.host.client import connect
from parity.host.engine import ensure_engine
from parity.host.signals import deaf
from parity.project import COMPOSE_FILE

if TYPE_CHECKING:
    from collections.abc import Callable

    from parity.from_template.planned import Planned
    from parity.project import Settings

BUILT = ("app", "nginx", "bedrock")


def bring_up(
    settings: Settings,
    template: Planned | None = None,
    *,
    before_start: Callable[[], None] = lambda: None,
    command: str = preflight.COMMAND,
) -> BaseImages:
    """Bring the stack up and wait until it is healthy; return the base images it is built on.

    What can be known to fail is looked at before anything is installed, built or started. template:
    what the stack is made of in place of compose.yaml's `app`; its images are the same.
    before_start: called when all is built and nothing started yet. command: what the user typed.
    """
    preflight.ensure_data_folder(settings.data)
    preflight.check_ports(settings, command)
    ensure_running_engine(settings)
    preflight.check_same_checkout(settings, connect())
    if efs.is_wanted(settings):
        efs.prepare(settings)
    images = prepare_images(settings)
    console.note(str(images))
    with console.step("Build the images"):
        stack.build(replace(settings, model=COMPOSE_FILE), images)
    before_start()
    _start(settings, images, template)
    return images


def ensure_running_engine(settings: Settings) -> None:
    """Have an engine, one that can start the replicas of before."""
    efs.revive(settings)  # an engine that starts wants it for them
    ensure_engine()


def _start(settings: Settings, images: BaseImages, template: Planned | None) -> None:
    """Start the stack; one that is new goes again when this is interrupted."""
    is_new = not stack.has_containers(settings.project)
    try:
        start(settings, images, template)
    except (KeyboardInterrupt, SystemExit):
        if is_new:
            with deaf():
                stack.remove(settings)
        raise
    stack.remove_replaced_images(settings)


def start(settings: Settings, images: BaseImages, template: Planned | None = None) -> None:
    """Start what is built, of a template or not, and wait until all is healthy."""
    if template is None:
        with console.step("Start the stack"):
            stack.start(settings, images)
        return
    # Not above: boto3, which knows what a task definition may say, takes half a second.
    from parity.from_template import start as from_template  # noqa: PLC0415

    from_template.start(template, images)


def prepare_images(settings: Settings) -> BaseImages:
    """Make sure that there is room to build and something to build on."""
    python, nginx = python_base(settings.python_image), nginx_base(settings.nginx_image)
    if not all(image_exists(f"{settings.project}-{name}") for name in BUILT):
        preflight.check_disk()
    return BaseImages(python=ensure_base(python), nginx=ensure_base(nginx))
