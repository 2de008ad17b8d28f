"""The balancer's image on a network of its own, before targets that misbehave on order."""

from __future__ import annotations

import io
import json
import secrets
import tarfile
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from e2e.load_balancer.wire import Wire, ask
from parity.cluster.balancer import Balancer
from parity.errors import ParityError
from parity.host.client import connect
from parity.project import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from docker import DockerClient
    from docker.models.containers import Container

    from parity.cluster.protocol import Target

Found = TypeVar("Found")

PROGRAM = Path(__file__).with_name("scripted_target.py")
PORT, CONTROL_PORT = 8501, 8502
BALANCER_PORT = 8080
ATTRIBUTES = ROOT / "nginx" / "attributes.json"
ATTRIBUTES_IN_IMAGE = "/etc/nginx/attributes.json"
SIZE = 3
POLL_SECONDS = 0.05
UNUSED = "unused"
# What the tests need other than in the cloud, below an ALB's own minimum: a test shall not wait.
IDLE_SECONDS = 2
LOAD_BALANCER = {"idle_timeout.timeout_seconds": IDLE_SECONDS}
TARGET_GROUP = {
    "HealthCheckIntervalSeconds": 1,
    "HealthCheckTimeoutSeconds": 1,
    "stickiness.enabled": True,
}


@dataclass(frozen=True)
class Seen:
    """What a target has seen since its script began.

    checks: when each health check came, in seconds of its own. check_headers: of the last one.
    requests: all others, each as the target's /echo tells it.
    """

    checks: list[float]
    check_headers: list[tuple[str, str]]
    requests: list[dict[str, Any]]


class ScriptedTarget:
    """One target; its name is the one it says itself."""

    def __init__(self, name: str, network: str, container: Container) -> None:
        self.name = name
        self.container = container
        self._network = network
        self._address = ""

    @property
    def address(self) -> str:
        """Where the balancer finds it, or found it last, its target id; a restart may change it."""
        self.container.reload()
        network = self.container.attrs["NetworkSettings"]["Networks"][self._network]
        self._address = str(network["IPAddress"]) or self._address
        return self._address

    @property
    def control(self) -> str:
        """Where a test finds it; a restart changes it."""
        return _published(self.container, CONTROL_PORT)

    def script(self, *health: int | str, listening: bool = True) -> None:
        """Say what its next health checks get, the last one for good, and forget what it saw.

        listening: whether it takes connections at all.
        """
        wish = {"health": health or [200], "listening": listening}
        ask(self.control, "/script", method="POST", body=json.dumps(wish).encode())

    def seen(self) -> Seen:
        """Ask what it has seen."""
        seen = json.loads(ask(self.control, "/seen").body)
        headers = [(name, text) for name, text in seen["check_headers"] or []]
        return Seen(seen["checks"], headers, seen["requests"])

    def wait_checks(self, number: int, timeout: float = 15) -> None:
        """Wait until its script has met so many health checks."""
        what = f"{number} health checks of {self.name}"
        wait_for(lambda: len(self.seen().checks) >= number, timeout, what)


@dataclass
class Fleet:
    """The balancer and its targets. attributes: those of the target group, as it starts."""

    url: str
    container: Container
    targets: tuple[ScriptedTarget, ...]
    attributes: dict[str, Any]
    modified: set[str] = field(default_factory=set)

    @property
    def balancer(self) -> Balancer:
        """What `parity targets` and `parity drain` talk to."""
        return Balancer(self.container)

    def modify(self, **attributes: bool | int | str) -> None:
        """Change attributes of the target group until `mend`; names have __ for dots."""
        named = {name.replace("__", "."): value for name, value in attributes.items()}
        self.modified |= set(named)
        self.balancer.modify(named)

    def states(self) -> dict[str, Target]:
        """Return what the balancer says of each target, by its name."""
        names = {target.address: target.name for target in self.targets}
        return {names[each.address]: each for each in self.balancer.targets([])}

    def state(self, target: ScriptedTarget) -> str:
        """Return a target's state; `unused` when it is not registered."""
        found = self.states().get(target.name)
        return found.state if found else UNUSED

    def wait_state(self, target: ScriptedTarget, state: str, timeout: float = 15) -> None:
        """Wait until a target is in that state."""
        wait_for(lambda: self.state(target) == state, timeout, f"{target.name} to be '{state}'")

    def deregister(self, target: ScriptedTarget) -> None:
        """Take a target out, with its delay."""
        self.balancer.deregister(target.address)

    def register(self, target: ScriptedTarget) -> None:
        """Take a target in again."""
        self.balancer.register(target.address)

    def ask(self, path: str = "/echo", **request: Any) -> str:  # noqa: ANN401 - as for wire.ask
        """Ask through the balancer, and return the name of the target that answered."""
        return str(json.loads(ask(self.url, path, **request).body)["target"])

    def wire(self) -> Wire:
        """Connect to the balancer."""
        return Wire(self.url)

    def log(self) -> list[str]:
        """Return the balancer's access log."""
        return self.container.logs(stderr=False).decode().splitlines()

    def mend(self) -> None:
        """Bring back three healthy targets and the attributes of the start."""
        for target in self.targets:
            target.container.reload()
            if target.container.status == "paused":
                target.container.unpause()
            elif target.container.status != "running":
                target.container.start()
            wait_for(lambda target=target: _answers(target), 15, f"{target.name} to run")  # type: ignore[misc]
            target.script(200)
        if self.modified:
            self.balancer.modify({name: self.attributes[name] for name in self.modified})
            self.modified.clear()
        for each in self.targets:
            wait_for(lambda each=each: self._is_back(each), 20, f"{each.name} to be healthy")  # type: ignore[misc]

    def _is_back(self, target: ScriptedTarget) -> bool:
        """Tell whether a target is healthy, and register it if a test has deregistered it."""
        state = self.state(target)
        if state in ("draining", UNUSED):
            with suppress(ParityError):  # gone, and not found again yet
                self.register(target)
        return state == "healthy"


def wait_for(look: Callable[[], Found | None], timeout: float, what: str) -> Found:
    """Look again and again until there is something, and return it."""
    deadline = time.monotonic() + timeout
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited {timeout} s in vain for {what}"
        time.sleep(POLL_SECONDS)
    return found


@contextmanager
def running_fleet(project: str) -> Iterator[Fleet]:
    """Start the images of a project's stack as a fleet, and leave nothing of it."""
    client = connect()
    name = f"{project}-fleet-{secrets.token_hex(3)}"
    with ExitStack() as cleanup:
        network = client.networks.create(name)
        cleanup.callback(network.remove)
        targets = tuple(
            _target(client, cleanup, project, name, number) for number in range(1, SIZE + 1)
        )
        attributes = json.loads(ATTRIBUTES.read_text())
        attributes["load_balancer"] |= LOAD_BALANCER
        attributes["target_group"] |= TARGET_GROUP
        balancer = client.containers.create(
            f"{project}-nginx",
            name=f"{name}-nginx",
            network=name,
            ports={f"{BALANCER_PORT}/tcp": ("127.0.0.1", 0)},
            tmpfs={"/tmp": "mode=1777"},  # noqa: S108 - in the container
            cap_drop=["ALL"],
            init=True,
        )
        cleanup.callback(balancer.remove, force=True)
        balancer.put_archive(
            "/", _archive(ATTRIBUTES_IN_IMAGE, json.dumps(attributes, indent=2).encode())
        )
        balancer.start()
        fleet = Fleet(
            _published(balancer, BALANCER_PORT), balancer, targets, attributes["target_group"]
        )
        wait_for(lambda: _controls(fleet), 20, "the balancer's control interface")
        fleet.mend()
        yield fleet


def _target(
    client: DockerClient, cleanup: ExitStack, project: str, network: str, number: int
) -> ScriptedTarget:
    container = client.containers.create(
        f"{project}-app",
        ["-c", PROGRAM.read_text()],
        entrypoint=["python3"],
        name=f"{network}-{number}",
        hostname=f"target-{number}",
        network=network,
        networking_config={network: client.api.create_endpoint_config(aliases=["app"])},
        ports={f"{CONTROL_PORT}/tcp": ("127.0.0.1", 0)},
        healthcheck={"test": ["NONE"]},
        init=True,
    )
    cleanup.callback(container.remove, force=True)
    container.start()
    return ScriptedTarget(f"target-{number}", network, container)


def _published(container: Container, port: int) -> str:
    """Return where a port of a container is found on this machine."""

    def bound() -> str:
        container.reload()
        bindings = container.ports.get(f"{port}/tcp") or []
        return next((f"http://127.0.0.1:{each['HostPort']}" for each in bindings), "")

    return wait_for(bound, 10, f"port {port} of {container.name} to be published")


def _answers(target: ScriptedTarget) -> bool:
    try:
        return target.seen() is not None
    except (OSError, AssertionError):
        return False


def _controls(fleet: Fleet) -> bool:
    try:
        return fleet.states() is not None
    except ParityError:
        return False


def _archive(path: str, content: bytes) -> bytes:
    """Return a tar archive of one file, readable by all."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        entry = tarfile.TarInfo(path.lstrip("/"))
        entry.size, entry.mode = len(content), 0o644
        archive.addfile(entry, io.BytesIO(content))
    return target.getvalue()
