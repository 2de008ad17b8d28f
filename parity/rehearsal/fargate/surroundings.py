"""What is around the tasks: a network, stand-ins for the load balancer and for Bedrock."""

from __future__ import annotations

import json
import secrets
import shutil
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from docker.errors import DockerException, NotFound
from docker.types import Mount

from parity.errors import ParityError
from parity.host.preflight import LOOPBACK
from parity.host.signals import deaf
from parity.project import STATE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from docker import DockerClient
    from docker.models.containers import Container

LABEL = "parity.rehearsal"  # of every container of a rehearsal; its value is the network's name
TASK = "parity.rehearsal.task"  # of every task's container; its value is the task's id
VARIABLE = "REHEARSAL_SURROUNDINGS"
PLACE = "app"  # the argument of nginx's image that names whom it balances
HTTP_PORT = 8080  # of both stand-ins
PUBLISHED_SECONDS = 10
# Fargate gives a task its role's credentials by an address of its own.
KEYS = {"AWS_ACCESS_KEY_ID": "rehearsal", "AWS_SECRET_ACCESS_KEY": "rehearsal"}


@dataclass(frozen=True)
class Images:
    """Names of the images that are run: the one to promote, and the two stand-ins."""

    app: str
    nginx: str
    bedrock: str


@dataclass(frozen=True)
class Surroundings:
    """Where tasks run. network: its name, and the prefix of all containers' names.

    folder: holds what file systems hold. environment: variables that a task is given beyond its
    definition. service: the one behind the load balancer; balancer: that one's host and port.
    """

    network: str
    folder: str
    environment: Mapping[str, str]
    service: str
    balancer: str

    def as_text(self) -> str:
        """Return it for the environment of another process."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Surroundings:
        """Return what as_text made a text of."""
        return cls(**json.loads(text))


@contextmanager
def surroundings(client: DockerClient, images: Images, service: str) -> Iterator[Surroundings]:
    """Have the surroundings of a service's tasks while the block runs, and nothing afterwards.

    The tasks that others started in them go, too.
    """
    name = f"parity-rehearsal-{secrets.token_hex(3)}"
    folder = STATE / name
    folder.mkdir(parents=True)
    try:
        client.networks.create(name, labels={LABEL: name})
        bedrock = _run(client, name, "bedrock", images.bedrock)
        nginx = _run(client, name, "nginx", images.nginx, balanced=service)
        bedrock_url = f"http://{bedrock.name}:{HTTP_PORT}"
        environment = {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": bedrock_url, **KEYS}
        yield Surroundings(name, str(folder), environment, service, _published(nginx))
    finally:
        with deaf():
            _remove(client, name, folder, images.app)


def _run(
    client: DockerClient, network: str, role: str, image: str, *, balanced: str = ""
) -> Container:
    ports: Any = {f"{HTTP_PORT}/tcp": (LOOPBACK, None)}  # any free one
    words: list[str] = client.images.get(image).attrs["Config"]["Cmd"]
    container = client.containers.create(
        image,
        command=[balanced if word == PLACE and balanced else word for word in words],
        name=f"{network}-{role}",
        network=network,
        labels={LABEL: network},
        environment={"STICKINESS": "on"},
        ports=ports if balanced else {},
        tmpfs={"/tmp": "mode=1777"},  # noqa: S108 - in a container of its own
        read_only=True,
        init=True,
    )
    container.start()
    return container


def _published(container: Container) -> str:
    """Return host and port where this machine reaches a container."""
    deadline = time.monotonic() + PUBLISHED_SECONDS
    while time.monotonic() < deadline:
        container.reload()
        if found := container.ports.get(f"{HTTP_PORT}/tcp"):
            return f"{LOOPBACK}:{found[0]['HostPort']}"
        time.sleep(0.1)
    raise ParityError(f"'{container.name}' has not begun to listen", hint="docker ps -a")


def _remove(client: DockerClient, name: str, folder: Path, image: str) -> None:
    for container in client.containers.list(
        all=True, filters={"label": f"{LABEL}={name}"}, ignore_removed=True
    ):
        with suppress(NotFound):
            container.remove(force=True)
    with suppress(DockerException):  # there is none if even that could not be made
        client.networks.get(name).remove()
    with suppress(DockerException):  # the files belong to the tasks' user, not to ours
        client.containers.run(
            image,
            entrypoint=["find", "/emptied", "-mindepth", "1", "-delete"],
            user="0:0",
            network_mode="none",
            mounts=[Mount("/emptied", str(folder), type="bind")],
            remove=True,
        )
    shutil.rmtree(folder, ignore_errors=True)
