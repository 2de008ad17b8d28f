"""`parity up`: from a bare machine to a healthy stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity import console, stack
from parity.efs import service as efs
from parity.host import preflight
from parity.host.base_images import BaseImages, ensure_base, image_exists, nginx_base, python_base
from parity.host.client import connect
from parity.host.engine import ensure_engine
from parity.host.signals import deaf

if TYPE_CHECKING:
    from collections.abc import Callable

    from parity.project import Settings

BUILT = ("app", "nginx", "bedrock")


def bring_up(
    settings: Settings,
    *,
    before_start: Callable[[], None] = lambda: None,
    command: str = preflight.COMMAND,
) -> BaseImages:
    """Bring the stack up and wait until it is healthy; return the base images it is built on.

    What can be known to fail is looked at before anything is installed, built or started.
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
        stack.build(settings, images)
    before_start()
    with console.step("Start the stack"):
        _start(settings, images)
    return images


def ensure_running_engine(settings: Settings) -> None:
    """Have an engine, one that can start the replicas of before."""
    efs.revive(settings)  # an engine that starts wants it for them
    ensure_engine()


def _start(settings: Settings, images: BaseImages) -> None:
    """Start the stack; one that is new goes again when this is interrupted."""
    is_new = not stack.has_containers(settings.project)
    try:
        stack.start(settings, images)
    except (KeyboardInterrupt, SystemExit):
        if is_new:
            with deaf():
                stack.remove(settings)
        raise
    stack.remove_replaced_images(settings)


def prepare_images(settings: Settings) -> BaseImages:
    """Make sure that there is room to build and something to build on."""
    python, nginx = python_base(settings.python_image), nginx_base(settings.nginx_image)
    if not all(image_exists(f"{settings.project}-{name}") for name in BUILT):
        preflight.check_disk()
    return BaseImages(python=ensure_base(python), nginx=ensure_base(nginx))
