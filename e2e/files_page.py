"""A page with nothing but files in it, on replicas like those of the local stack.

The chatbot has no place for st.audio or a file uploader, so this serves e2e/apps/files from the
same image, behind the same balancer without stickiness: each container is one of the stack's
again, with its limits, its user and its kind of volume, but for the command and the network.
"""

from __future__ import annotations

import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from parity.cluster.compose import BALANCER, LISTENERS, SERVICE
from parity.cluster.container import PROJECT
from parity.cluster.container import SERVICE as SERVICE_LABEL
from parity.errors import ParityError
from parity.host.client import connect
from parity.project import ROOT, read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from docker import DockerClient
    from docker.models.containers import Container

APPS = ROOT / "e2e" / "apps"
COMMAND = ["streamlit", "run", "/srv/e2e/apps/files/server.py"]
PATIENCE = 120.0  # seconds, for replicas with a quarter of a processor to start
REPLICAS = 3


class FilesPage:
    """The running page: one address, several replicas, plain round robin."""

    def __init__(self, url: str, replicas: list[Container]) -> None:
        self.url = url
        self.replicas = replicas

    def make_cold(self) -> None:
        """Restart every replica, so that none has run a script, and wait until all serve."""
        with ThreadPoolExecutor(len(self.replicas)) as pool:
            list(pool.map(lambda each: each.restart(timeout=5), self.replicas))
        self.wait()

    def wait(self) -> None:
        """Wait until every replica is healthy and in the balancer's rotation."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for each in self.replicas:
                each.reload()
            states = {each.attrs["State"]["Health"]["Status"] for each in self.replicas}
            if states == {"healthy"} and self._serving() == len(self.replicas):
                return
            time.sleep(0.2)
        raise ParityError("the page of files did not come up", hint="docker ps")

    def _serving(self) -> int:
        """Return how many replicas the balancer gives requests to, as far as a round shows."""
        try:
            answers = [httpx.get(f"{self.url}/healthz") for _ in range(3 * len(self.replicas))]
        except httpx.TransportError:
            return 0
        return len({each.text for each in answers if each.status_code == 200})


@contextmanager
def files_page() -> Iterator[FilesPage]:
    """Serve the page as long as the block runs. Raises ParityError when the stack is not up."""
    docker, project = connect(), read_settings().project
    replica, balancer = (_of(docker, project, each) for each in (SERVICE, BALANCER))
    name = f"{project}-files"
    secret = {"STREAMLIT_SERVER_COOKIE_SECRET": secrets.token_hex(32)}
    made: list[Container] = []
    network = docker.networks.create(name)
    try:
        for number in range(1, REPLICAS + 1):
            kind = _like(replica, COMMAND, secret, {"Binds": [f"{APPS}:/srv/e2e/apps:ro"]})
            made.append(_start(docker, f"{name}-{number}", kind, name, SERVICE))
        ports = {LISTENERS["http"]: [{"HostIp": "127.0.0.1", "HostPort": ""}]}
        command = balancer.attrs["Config"]["Cmd"]
        kind = _like(balancer, command, {"STICKINESS": "off"}, {"PortBindings": ports})
        front = _start(docker, f"{name}-{BALANCER}", kind, name, BALANCER)
        made.append(front)
        front.reload()
        (binding,) = front.ports[LISTENERS["http"]] or []
        page = FilesPage(f"http://localhost:{binding['HostPort']}", made[:-1])
        page.wait()
        yield page
    finally:
        for each in made:
            each.remove(force=True, v=True)
        network.remove()


def _of(docker: DockerClient, project: str, service: str) -> Container:
    labels = [f"{PROJECT}={project}", f"{SERVICE_LABEL}={service}"]
    found = docker.containers.list(filters={"label": labels})
    if not found:
        raise ParityError(f"the stack '{project}' is not up", hint="scripts/up")
    return found[0]


def _like(
    container: Container,
    command: list[str],
    environment: Mapping[str, str],
    host: Mapping[str, Any],
) -> dict[str, Any]:
    """Return how to make a container like another one, but for what is given."""
    config, theirs = container.attrs["Config"], container.attrs["HostConfig"]
    of_before = [each for each in config["Env"] if each.partition("=")[0] not in environment]
    binds = [*(theirs["Binds"] or []), *host.get("Binds", [])]
    return {
        "image": config["Image"],
        "entrypoint": config["Entrypoint"],
        "command": command,
        "environment": [*of_before, *(f"{name}={value}" for name, value in environment.items())],
        "host_config": {**theirs, **host, "Binds": binds, "RestartPolicy": {"Name": "no"}},
    }


def _start(
    docker: DockerClient, name: str, kind: dict[str, Any], network: str, alias: str
) -> Container:
    """Start a container, known in the network by an alias."""
    api = docker.api
    endpoints = {"EndpointsConfig": {network: api.create_endpoint_config(aliases=[alias])}}
    kind = kind | {"host_config": kind["host_config"] | {"NetworkMode": network}}
    made = api.create_container(name=name, networking_config=endpoints, **kind)
    api.start(made["Id"])
    return docker.containers.get(made["Id"])
