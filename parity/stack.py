"""The local stack: the Compose calls that make it and take it down."""

from __future__ import annotations

import os
import re
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING

from parity.adopt import service as adoption
from parity.diagnosis import diagnose
from parity.efs import service as efs
from parity.errors import ParityError
from parity.from_template import service as from_template
from parity.host.client import connect
from parity.host.command import follow, run, succeeds
from parity.https import service as https
from parity.project import COMPOSE_FILE, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from docker.models.containers import Container

    from parity.host.base_images import BaseImages
    from parity.project import Settings

HEALTHY_SECONDS = 120
BUILD_SECONDS = 1800
STOP_SECONDS = 10
STEP_LETTERS = 100
LOG_LINES = 15
CA_BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
SYSTEM_CA_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
PROJECT = "com.docker.compose.project"


def compose_environment(settings: Settings, images: BaseImages | None = None) -> dict[str, str]:
    """Return what compose.yaml reads from the environment; .env gives the rest."""
    environment = {
        "COMPOSE_PROJECT_NAME": settings.project,
        "PORT": str(settings.port),
        "BEDROCK_PORT": str(settings.bedrock_port),
        "REPLICAS": str(settings.replicas),
        "STICKINESS": "on" if settings.sticky else "off",
        "DATA_FOLDER": str(settings.data),
    }
    if (files := compose_files(settings)) != (COMPOSE_FILE,):
        environment["COMPOSE_FILE"] = os.pathsep.join(str(ROOT / name) for name in files)
    if settings.https:
        environment |= https.compose_environment(settings)
    if images:
        environment |= {
            "PYTHON_IMAGE": images.python,
            "NGINX_IMAGE": images.nginx,
            "CA_BUNDLE": ca_bundle(),
            "GIT_REVISION": git_revision(),
        }
        if images.arm64_python:
            environment["ARM64_PYTHON_IMAGE"] = images.arm64_python
    return environment


def compose_files(settings: Settings) -> tuple[str, ...]:
    """Return the Compose files of a stack, by name, in the order in which they are laid over.

    The model of a template has the volume of `--efs` already, at the path that the template says.
    """
    if not from_template.is_wanted(settings):
        return (settings.model, *settings.overrides)
    return (settings.model, *(name for name in settings.overrides if name != efs.OVERRIDE))


def as_running(settings: Settings) -> Settings:
    """Return the settings with all that is on now: EFS semantics, HTTPS, a template, an app."""
    known = from_template.as_running(https.as_running(efs.as_running(settings)))
    return adoption.as_running(known)


def ca_bundle(environment: Mapping[str, str] = os.environ) -> str:
    """Return the CA bundle that this host trusts, for image builds; /dev/null if there is none."""
    for name in CA_BUNDLES:
        if environment.get(name):
            return environment[name]
    return str(SYSTEM_CA_BUNDLE if SYSTEM_CA_BUNDLE.exists() else "/dev/null")


def git_revision() -> str:
    """Return the commit of the checkout, marked where files differ from it."""
    argv = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    return run(argv).strip() if succeeds(argv) else "unknown"


def compose(*arguments: str) -> list[str]:
    """Return the argv of a Compose call on this checkout's stack."""
    return ["docker", "compose", "--project-directory", str(ROOT), *arguments]


def start_command(seconds: int = HEALTHY_SECONDS) -> list[str]:
    """Return the Compose call that starts what is not running and replaces what changed.

    seconds: until all must be healthy.
    """
    waiting = ["--wait", f"--wait-timeout={seconds}"]
    return compose("up", "--detach", "--no-build", "--remove-orphans", *waiting)


def scale_command(service: str, replicas: int, seconds: int = HEALTHY_SECONDS) -> list[str]:
    """Return the Compose call that adds or removes containers of one service, and no more."""
    waiting = ["--wait", f"--wait-timeout={seconds}"]
    only = ["--no-build", "--no-recreate", "--no-deps"]
    return compose("up", "--detach", *only, *waiting, "--scale", f"{service}={replicas}", service)


def logs_command(
    *,
    follow: bool,
    tail: int | None,
    container: str | None,
    since: float | None = None,
    timestamps: bool = False,
) -> list[str]:
    """Return the call that shows the logs of all services, or of one container.

    since: in Unix time. timestamps: before each line, when it was written.
    """
    options = ["--follow"] if follow else []
    options += [f"--tail={tail}"] if tail is not None else []
    options += [f"--since={since:.3f}"] if since is not None else []
    options += ["--timestamps"] if timestamps else []
    return ["docker", "logs", *options, container] if container else compose("logs", *options)


def sessions_command(arguments: Sequence[str]) -> list[str]:
    """Return the call that runs the session store's own command on the stack's volume.

    Without a terminal of its own: stdout stays apart from stderr, and stdin may be a file.
    """
    container = ["--rm", "--no-deps", "-T", "app"]
    program = ["python3", "-m", "app.sessions"]
    return compose("--progress", "quiet", "run", *container, *program, *arguments)


def healthy_seconds(settings: Settings) -> int:
    """Return how long a start may take until all is healthy."""
    return HEALTHY_SECONDS * settings.slowness


def build(
    settings: Settings, images: BaseImages, tell: Callable[[str], None] = lambda _: None
) -> None:
    """Build the stack's images, from cache where nothing changed; tell each step that begins."""
    begun: set[str] = set()

    def read(line: str) -> None:
        step = build_step(line)
        if step and step not in begun:
            begun.add(step)
            tell(step)

    environment = compose_environment(settings, images) | {"BUILDKIT_PROGRESS": "plain"}
    timeout = BUILD_SECONDS * settings.slowness
    follow(compose("build"), read, env=environment, hint="parity doctor", timeout=timeout)


def build_step(line: str) -> str:
    """Return the step of a Dockerfile that a line of BuildKit's output names; empty for others."""
    named = re.match(r"#\d+ (\[[^\]]* \d+/\d+\] .*)", line)
    text = re.sub(r"--mount=\S+ +", "", named[1]) if named else ""
    return shorten(text, STEP_LETTERS, placeholder=" ...")


def ready(settings: Settings) -> None:
    """Have what containers need of this host before they start: the volume, the certificate."""
    if efs.is_wanted(settings):
        efs.ensure_running(settings, from_template.user(settings))
    else:
        efs.revive(settings)  # for the replicas that are about to leave it
    if settings.https:
        https.ensure_certificate(settings)


def start(settings: Settings, images: BaseImages) -> None:
    """Start what is not running, replace what changed, and wait until all is healthy."""
    ready(settings)
    _up(start_command(healthy_seconds(settings)), settings, compose_environment(settings, images))
    if not efs.is_wanted(settings):
        efs.stop(settings)
    if not settings.https:
        https.note_off(settings)
    if not from_template.is_wanted(settings):
        from_template.note_off(settings)
    adoption.note(settings)


def scale(settings: Settings, service: str) -> None:
    """Bring one service to the settings' number of replicas, touching no other container."""
    argv = scale_command(service, settings.replicas, healthy_seconds(settings))
    _up(argv, settings, compose_environment(settings))


def has_containers(project: str) -> bool:
    """Tell whether a project has containers, running or not."""
    label = f"{PROJECT}={project}"
    return bool(connect().containers.list(all=True, filters={"label": label}, ignore_removed=True))


def remove_replaced_images(settings: Settings) -> None:
    """Remove the images that a newer build of this project has taken the name of."""
    label = f"{PROJECT}={settings.project}"
    connect().images.prune(filters={"dangling": True, "label": label})


def remove(settings: Settings) -> None:
    """Remove the stack's containers, networks and EFS semantics; deaf to Ctrl-C until done."""
    efs.revive(settings)
    argv = compose("down", "--remove-orphans", f"--timeout={STOP_SECONDS}")
    run(argv, env=compose_environment(settings), shielded=True, hint="parity doctor")
    efs.stop(settings)
    https.note_off(settings)
    from_template.note_off(settings)
    adoption.note_off(settings)


def _up(argv: Sequence[str], settings: Settings, environment: Mapping[str, str]) -> None:
    try:
        run(argv, env=environment, timeout=healthy_seconds(settings) + BUILD_SECONDS)
    except ParityError as error:
        said = without_progress(error.detail)
        detail = "\n".join(part for part in (said, failing_logs(settings.project)) if part)
        if diagnose(error.detail):
            raise ParityError(error.what, hint=error.hint, detail=detail) from error
        raise ParityError(
            "the stack did not become healthy", hint="parity logs", detail=detail
        ) from error


def without_progress(output: str) -> str:
    """Return what Compose said, less the lines that only tell how far it had come."""
    progress = re.compile(r"^ ?(Container|Network|Image|Volume|Service) \S+ +\w+$")
    return "\n".join(line for line in output.splitlines() if not progress.match(line.rstrip()))


def failing_logs(project: str) -> str:
    """Return the last log lines of the project's containers that failed; empty if none did."""
    try:
        containers = connect().containers.list(
            all=True, filters={"label": f"{PROJECT}={project}"}, ignore_removed=True
        )
        return "\n".join(
            _last_lines(each) for each in containers if is_failing(each.attrs["State"])
        )
    except ParityError:
        return ""


def is_failing(state: Mapping[str, object]) -> bool:
    """Tell whether a container's state is that of a failure."""
    health = state.get("Health")
    status = health.get("Status") if isinstance(health, dict) else None
    if state.get("Running"):
        return bool(state.get("Restarting")) or status in ("unhealthy", "starting")
    return state.get("Status") != "created" and state.get("ExitCode") != 0


def _last_lines(container: Container) -> str:
    log: bytes = container.logs(tail=LOG_LINES)
    return f"--- {container.name}:\n{log.decode(errors='replace').rstrip() or '(no log)'}"
