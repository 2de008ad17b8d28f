"""The contestants' stack: two replicas of each behind an nginx of its own, gone afterwards."""

from __future__ import annotations

import base64
import hmac
import secrets
import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, cast

import docker
from docker.errors import DockerException, ImageNotFound

from parity.errors import ParityError
from parity.host.command import run
from parity.project import ROOT, read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker.models.containers import Container

HEALTHY_SECONDS = 120
# nginx checks the health of a new target within a second of knowing it, and does not tell.
CHECKED_SECONDS = 2
PORT = 8501


@dataclass(frozen=True)
class Contestant:
    """An app to compare, by the names of its services."""

    name: str
    service: str
    balancer: str


KIT = Contestant("kit", "app", "nginx")
BARE = Contestant("bare", "bare", "nginx-bare")
ARTICLE = Contestant("article", "article", "nginx-article")
CONTESTANTS = (KIT, BARE, ARTICLE)


class Stack:
    """A running Compose project of its own."""

    def __init__(self, project: str, images: dict[str, str]) -> None:
        self.project = project
        self._engine = docker.from_env()
        # An empty port lets the engine choose a free one.
        self._environment = {
            "COMPOSE_PROJECT_NAME": project,
            "BENCH_FOLDER": str(ROOT / "bench"),
            "PORT": "",
            "BEDROCK_PORT": "",
            **images,
        }

    def start(self) -> None:
        """Start what the contestants share: the volume and the Bedrock stand-in."""
        self._compose("run", "--rm", "--no-deps", "volume")
        self._compose("up", "--detach", "--no-build", "--wait", "bedrock")

    def start_afresh(self, *, sticky: bool) -> None:
        """Replace every replica and nginx by a new one that has served nobody."""
        services = [name for each in CONTESTANTS for name in (each.service, each.balancer)]
        again = ["--force-recreate", "--timeout=1", f"--wait-timeout={HEALTHY_SECONDS}"]
        self._compose(
            *("up", "--detach", "--no-build", "--no-deps", "--wait", *again, *services),
            STICKINESS="on" if sticky else "off",
        )
        for contestant in CONTESTANTS:
            self._wait_for_targets(contestant)
        time.sleep(CHECKED_SECONDS)

    def remove(self) -> None:
        """Remove all that the project made."""
        self._compose("down", "--volumes", "--remove-orphans", "--timeout=1")

    def url(self, contestant: Contestant) -> str:
        """Return where a browser on this machine finds the contestant."""
        [balancer] = self._containers(contestant.balancer)
        [published] = balancer.ports["8080/tcp"] or []
        return f"http://localhost:{published['HostPort']}"

    def model_url(self) -> str:
        """Return where the Bedrock stand-in is found on this machine."""
        [model] = self._containers("bedrock")
        [published] = model.ports["8080/tcp"] or []
        return f"http://127.0.0.1:{published['HostPort']}"

    def replicas(self, contestant: Contestant) -> dict[str, Container]:
        """Return the contestant's containers by host name."""
        return {
            each.attrs["Config"]["Hostname"]: each for each in self._containers(contestant.service)
        }

    def _containers(self, service: str) -> list[Container]:
        labels = [
            f"com.docker.compose.project={self.project}",
            f"com.docker.compose.service={service}",
        ]
        return self._engine.containers.list(filters={"label": labels})

    def _wait_for_targets(self, contestant: Contestant) -> None:
        """Wait until nginx knows the replicas that there are now, and no others."""
        wanted = sorted(address(each) for each in self.replicas(contestant).values())
        [balancer] = self._containers(contestant.balancer)
        deadline = time.monotonic() + HEALTHY_SECONDS
        known: list[str] = []
        while known != wanted:
            if time.monotonic() > deadline:
                raise ParityError(f"{contestant.balancer} knows {known}, not {wanted}")
            known = execute(balancer, "cat", "/tmp/targets").split()  # noqa: S108 - nginx's own
            time.sleep(0.2)

    def _compose(self, *arguments: str, **environment: str) -> str:
        files = [f"--file={ROOT / name}" for name in ("compose.yaml", "bench/compose.yaml")]
        return run(
            ["docker", "compose", "--project-directory", str(ROOT), *files, *arguments],
            env=self._environment | environment,
            timeout=600,
        )


@contextmanager
def running_stack() -> Iterator[Stack]:
    """Give a stack on the images that `parity up` built, and remove it whatever happens."""
    stack = Stack(f"parity-bench-{secrets.token_hex(3)}", images_in_use())
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        stack.start()
        yield stack
    finally:
        stack.remove()
        signal.signal(signal.SIGTERM, before)


def address(replica: Container) -> str:
    """Return a container's address on its project's network."""
    [network] = replica.attrs["NetworkSettings"]["Networks"].values()
    return str(network["IPAddress"])


def cookie_for(replica: Container) -> str:
    """Return the AWSALB cookie that binds a browser to a replica; as nginx makes it itself."""
    key = execute(replica, "cat", "/proc/sys/kernel/random/boot_id").encode()  # nginx's kernel, too
    digest = hmac.digest(key, f"{address(replica)}:{PORT}".encode(), "sha256")
    name = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return f"{name}.{int(time.time()):x}"


def execute(container: Container, *argv: str) -> str:
    """Run a program in a container; return its output. Raises ParityError if it fails."""
    code, output = container.exec_run([*argv])
    text = cast("bytes", output).decode()
    if code:
        raise ParityError(f"'{' '.join(argv)}' failed in {container.name}", detail=text)
    return text


def memory_mib(replica: Container) -> float:
    """Return the container's memory as `docker stats` counts it: usage without inactive files."""
    usage = cast("dict[str, Any]", replica.stats(stream=False, one_shot=True))["memory_stats"]
    counted = usage["stats"]
    inactive = counted.get("inactive_file", counted.get("total_inactive_file", 0))
    return float(usage["usage"] - inactive) / 2**20


def resident_mib(replica: Container) -> float:
    """Return the resident memory of the container's largest process."""
    lines = execute(replica, "sh", "-c", "grep -h VmRSS /proc/[0-9]*/status").splitlines()
    return max(int(line.split()[1]) for line in lines) / 1024


def images_in_use() -> dict[str, str]:
    """Return the images in use by id, so that a build meanwhile changes nothing."""
    project = read_settings().project
    names = {"APP_IMAGE": "app", "BALANCER_IMAGE": "nginx", "BEDROCK_IMAGE": "bedrock"}
    try:
        engine = docker.from_env()
        return {
            variable: str(engine.images.get(f"{project}-{name}").id)
            for variable, name in names.items()
        }
    except ImageNotFound as error:
        raise ParityError(str(error.explanation), hint="parity up") from error
    except DockerException as error:
        raise ParityError("the Docker engine does not answer", hint="parity doctor") from error


def _stop(*_: object) -> NoReturn:
    raise SystemExit(143)
