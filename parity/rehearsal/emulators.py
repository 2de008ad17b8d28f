"""The emulated cloud: three servers on loopback while a block runs, and nothing afterwards."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from parity.console import step
from parity.host.isolated_tool import ensure_tool
from parity.host.preflight import LOOPBACK, any_free_port
from parity.host.python_environment import ensure_dev_environment, tool
from parity.project import ROOT
from parity.rehearsal.fargate.surroundings import VARIABLE
from parity.rehearsal.process import bare_environment, server
from parity.rehearsal.registry import registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from parity.rehearsal.fargate.surroundings import Surroundings

LOCK = ROOT / "requirements-ministack.txt"
REGION = "us-east-1"
ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Emulators:
    """Where the emulated cloud answers. services, stacks: URLs; registry: host and port."""

    services: str
    stacks: str
    registry: str

    @property
    def environment(self) -> dict[str, str]:
        """What a process has to have set so that its AWS is this one, and no other."""
        return client_environment(self.services) | {"AWS_ENDPOINT_URL_CLOUDFORMATION": self.stacks}


def client_environment(endpoint: str) -> dict[str, str]:
    """Return the AWS variables for an endpoint; nothing of the user's own profile is looked at."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "rehearsal",
        "AWS_SECRET_ACCESS_KEY": "rehearsal",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextmanager
def emulators(around: Surroundings | None) -> Iterator[Emulators]:
    """Run registry, services and stacks while the block runs.

    around: where tasks are run; None for tasks of which nothing is executed. What the servers keep
    is in a temporary folder that goes with them.
    """
    ensure_dev_environment()
    stack_tool = ensure_tool("ministack", LOCK)
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="parity-rehearse-")))
        with step("Start the emulated cloud"):
            images = running.enter_context(registry(folder))
            services = _run_services(running, folder, images, around)
            stacks = _run_stacks(running, folder, stack_tool, services)
        yield Emulators(services, stacks, images)


def _run_services(
    running: ExitStack, folder: Path, images: str, around: Surroundings | None
) -> str:
    port = any_free_port()
    docker = {name: value for name, value in os.environ.items() if name.startswith("DOCKER_")}
    environment = bare_environment(
        PYTHONPATH=str(ROOT), AWS_REGION=REGION, REHEARSAL_REGISTRY=images, MOTO_PORT=str(port)
    )
    if around:
        environment |= {**docker, VARIABLE: around.as_text()}
    argv = [tool("python"), "-m", "parity.rehearsal.services.server", str(port)]
    running.enter_context(_on(port, argv, folder / "services.log", environment))
    return f"http://{LOOPBACK}:{port}"


def _run_stacks(running: ExitStack, folder: Path, stack_tool: Path, services: str) -> str:
    port = any_free_port()
    environment = bare_environment(
        **client_environment(services),
        PYTHONPATH=str(ROOT),
        MINISTACK_ACCOUNT_ID=ACCOUNT,
        MINISTACK_REGION=REGION,
        DOCKER_HOST=f"unix://{folder}/no-docker",  # it looks for containers to tidy up
        TMPDIR=str(folder),
    )
    argv = [str(stack_tool / "python"), "-m", "parity.rehearsal.stacks.server", str(port)]
    running.enter_context(_on(port, argv, folder / "stacks.log", environment))
    return f"http://{LOOPBACK}:{port}"


@contextmanager
def _on(port: int, argv: list[str], log: Path, environment: Mapping[str, str]) -> Iterator[None]:
    with server(argv, port=port, log=log, env=environment, cwd=log.parent):
        yield
