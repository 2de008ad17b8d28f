"""`parity test --arm64`: the app's image for arm64 is built, starts, and chats."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from parity import console, stack
from parity.cluster.container import labels
from parity.deploy.smoke import MARK
from parity.errors import ParityError
from parity.host import engine
from parity.host.base_images import ensure_foreign_base, python_base
from parity.host.browser import ensure_browser
from parity.host.client import connect
from parity.host.command import run
from parity.host.emulation import MACHINES, SLOWNESS, ensure_emulation
from parity.host.python_environment import ensure_dev_environment
from parity.testing.code import pytest_command
from parity.testing.own_stack import engine_for_tests, of_its_own, temporary_stack
from parity.testing.report import COLUMNS, Report
from parity.verbs.up import prepare_images

if TYPE_CHECKING:
    from parity.host.base_images import BaseImages
    from parity.project import Settings

ARM64 = "arm64"
OVERRIDE = "compose.arm64.yaml"
APP = "app"
NATIVE_NOTE = (
    "This machine is arm64 itself, so nothing is emulated; `parity test` runs every test on the"
    " same image, and writes its receipt."
)
EMULATED_NOTE = (
    "arm64 is emulated here: installing and compiling the app's libraries takes about ten minutes"
    " the first time, starting the app one or two."
)
NO_RECEIPT = (
    "No receipt: that is for an image which passed every test. For one to deploy to ARM64, run"
    " `parity test` on an arm64 machine."
)


@dataclass(frozen=True)
class Running:
    """A running container, and what it and its image say they are.

    built: id of the image that was built. image: id of the one that runs; architecture: that
    image's, as Docker names it. machine: what `uname -m` prints in the container.
    """

    container: str
    built: str
    image: str
    architecture: str
    machine: str


def run_arm64(settings: Settings) -> bool:
    """Build the app's image for arm64, start it beside native nginx and bedrock, try the chat.

    Return whether all passed. Raises ParityError when arm64 programs cannot be made to run here.
    """
    ensure_dev_environment()
    ensure_browser()
    report = Report()
    with engine_for_tests():
        emulated = engine.architecture() != ARM64
        console.note(EMULATED_NOTE if emulated else NATIVE_NOTE)
        if emulated:
            ensure_emulation(ARM64)
        images = _with_arm64(prepare_images(settings), settings, emulated=emulated)
        console.note(f"{images}; the app on {images.arm64_python} for {ARM64}")
        _try(report, as_arm64(of_its_own(settings), emulated=emulated), images)
    console.headline("result")
    console.table(COLUMNS, report.rows())
    if report.passed:
        console.note(NO_RECEIPT)
    return report.passed


def as_arm64(settings: Settings, *, emulated: bool) -> Settings:
    """Return the settings of a stack whose one replica runs the arm64 image."""
    return replace(
        settings,
        replicas=1,
        overrides=(*settings.overrides, OVERRIDE),
        slowness=SLOWNESS if emulated else settings.slowness,
    )


def require_arm64(running: Running) -> None:
    """Raise ParityError, quoting what differs, unless it is the image that was built, on arm64."""
    wanted = (running.built, ARM64, MACHINES[ARM64])
    if (running.image, running.architecture, running.machine) != wanted:
        raise ParityError(
            f"{running.container} is not the arm64 image that was built: it runs {running.image} of"
            f" architecture '{running.architecture}' on machine '{running.machine}', not"
            f" {' '.join(wanted)}",
            hint=f"docker image inspect {running.image}",
        )


def _with_arm64(images: BaseImages, settings: Settings, *, emulated: bool) -> BaseImages:
    if not emulated:
        return replace(images, arm64_python=images.python)
    base = python_base(settings.python_image, ARM64)
    return replace(images, arm64_python=ensure_foreign_base(base, native=images.python))


def _try(report: Report, settings: Settings, images: BaseImages) -> None:
    console.headline("the app's image for arm64, on a stack of its own")
    with temporary_stack(settings):
        build = "build of the images, the app's for arm64"
        with report.attempt(build), console.step("Build the images", keep=True) as step:
            stack.build(settings, images, step.say)
        if not report.last_passed:
            return
        with report.attempt("start"), console.step("Start the stack"):
            stack.start(settings, images)
        if not report.last_passed:
            return
        with report.attempt("proof that arm64 runs"):
            running = _look(settings)
            require_arm64(running)
            console.note(
                f"{running.container} runs {running.image}: architecture {running.architecture};"
                f" uname -m there: {running.machine}"
            )
        patience = {"E2E_SLOWNESS": str(settings.slowness)}
        environment = stack.compose_environment(settings) | patience
        report.run("smoke tests on arm64", pytest_command("e2e", "-m", MARK), environment)


def _look(settings: Settings) -> Running:
    """Return what is known of the stack's one replica."""
    client = connect()
    containers = client.containers.list(filters={"label": labels(settings.project, APP)})
    if len(containers) != 1:
        names = [str(container.name) for container in containers]
        raise ParityError(f"one replica was started, but there run {names}", hint="parity doctor")
    found = containers[0]
    image = client.images.get(str(found.attrs["Image"]))
    return Running(
        container=str(found.name),
        built=str(client.images.get(f"{settings.project}-{APP}").id),
        image=str(image.id),
        architecture=str(image.attrs["Architecture"]),
        machine=run(["docker", "exec", str(found.id), "uname", "-m"]).strip(),
    )
