"""The replicas of the local stack, through the Docker SDK."""

from __future__ import annotations

import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from docker.errors import APIError, DockerException, NotFound

from parity import stack
from parity.cluster import container as read
from parity.cluster.balancer import Balancer
from parity.cluster.next_image import next_image
from parity.cluster.protocol import Ability
from parity.cluster.waiting import wait_until_none
from parity.efs import replica_clients as clients
from parity.efs import service as efs
from parity.efs.faults import Kind
from parity.errors import ParityError, UsageError
from parity.host.client import connect
from parity.https import trust
from parity.project import MAX_REPLICAS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from ssl import SSLContext

    from docker.models.containers import Container

    from parity.cluster.protocol import Replica, Target
    from parity.project import Settings

SERVICE = "app"
BALANCER = "nginx"
MODEL = "bedrock"
LISTENERS = {"https": "8443/tcp", "http": "8080/tcp"}  # the first one that is published counts
HEALTH_PATH = "/healthz"
POLL_SECONDS = 0.1
ANSWER_SECONDS = 1.0
ON_ITS_WAY_SECONDS = 1.0  # for requests that are short; a websocket is open as long as its page
UNCHECKED = "running"  # of a container that has no check of its own
ROUNDS = 3  # of the balancer over all replicas, before one counts as left out


class Compose:
    """The replicas of one Compose project; see Cluster for what each method promises."""

    def __init__(self, settings: Settings) -> None:
        efs.revive(settings)
        self._settings = stack.as_running(settings)
        self._docker = connect()

    @property
    def abilities(self) -> frozenset[Ability]:
        """All; to break the volume takes EFS semantics."""
        return abilities_of(self._settings)

    @property
    def on_efs(self) -> bool:
        """Whether the volume has EFS semantics."""
        return Ability.VOLUME in self.abilities

    def url(self) -> str:
        """Return the address that nginx is published at. Raises ParityError when it is not."""
        for balancer in self._containers(BALANCER):
            for scheme, port in LISTENERS.items():
                for binding in balancer.ports.get(port) or []:
                    return f"{scheme}://localhost:{binding['HostPort']}"
        raise ParityError(f"the stack '{self._settings.project}' is not up", hint="scripts/up")

    def replicas(self) -> list[Replica]:
        """Return all replicas by number; one call of the engine each for memory and log."""
        return [self._measured(container) for container in self._containers(SERVICE)]

    def serving(self, which: int | str) -> Replica:
        """Return that replica as it is now."""
        return self._measured(self._find(which))

    def kill(self, which: int | str) -> None:
        """Send SIGKILL; the restart policy leaves a container dead that was killed by hand."""
        with self._acting("kill", which) as container:
            container.kill()
            container.wait(timeout=ANSWER_SECONDS * 10)

    def stop(self, which: int | str) -> None:
        """Deregister it, send SIGTERM, and SIGKILL after the grace period of compose.yaml."""
        with self._acting("stop", which) as container:
            self._end(container)

    def pause(self, which: int | str) -> None:
        """Freeze all its processes."""
        with self._acting("pause", which) as container:
            container.pause()

    def unpause(self, which: int | str) -> None:
        """Let its processes run on; does nothing to one that is not paused."""
        with self._acting("unpause", which) as container:
            if container.attrs["State"]["Paused"]:
                container.unpause()

    def cut(self, which: int | str) -> None:
        """Disconnect it from every network."""
        with self._acting("cut", which) as container:
            for name in read.networks(container.attrs):
                self._docker.networks.get(name).disconnect(container)

    def reconnect(self, which: int | str) -> None:
        """Connect it to the stack's network under its old names; nothing if it is connected."""
        with self._acting("reconnect", which) as container:
            if self._reconnect(container):
                self._register(container)

    def start(self, which: int | str) -> None:
        """Unpause, reconnect, start and register it, as far as needed."""
        self.unpause(which)
        with self._acting("start", which) as container:
            self._reconnect(container)
            container.start()
            self._register(container)

    def restart(self, which: int | str) -> None:
        """Stop it with its grace period, then start it."""
        self.stop(which)
        self.start(which)

    def targets(self) -> list[Target]:
        """Return the targets that nginx knows, those among them that have drained."""
        return self._balancer().targets(self._containers(SERVICE))

    def deregister(self, which: int | str) -> None:
        """Have nginx send it nothing more that is new."""
        self._balancer().deregister(self._address(which))

    def register(self, which: int | str) -> None:
        """Have nginx check its health and send it requests again."""
        self._balancer().register(self._address(which))

    def modify_target_group(self, attributes: Mapping[str, bool | int | str]) -> None:
        """Change nginx's attributes until it ends; those of nginx/attributes.json come back."""
        self._balancer().modify(attributes)

    def is_sticky(self) -> bool:
        """Tell whether the load balancer binds browsers to replicas."""
        return self._balancer().is_sticky()

    def reload_balancer(self) -> None:
        """Let nginx's workers end, with all their connections, and start new ones."""
        for container in self._containers(BALANCER, needed=True):
            container.exec_run(["nginx", "-s", "reload"])

    def restart_balancer(self) -> None:
        """Stop and start nginx's container."""
        for container in self._containers(BALANCER, needed=True):
            container.restart()
        _wait(lambda: "" if self._answering(self.url()) else "nobody answers", 60, "nginx")

    def cut_model(self) -> None:
        """Disconnect the Bedrock stand-in from every network."""
        for container in self._containers(MODEL, needed=True):
            for name in read.networks(container.attrs):
                self._docker.networks.get(name).disconnect(container)

    def reconnect_model(self) -> None:
        """Connect it to the stack's network under its old names; nothing if it is connected."""
        for container in self._containers(MODEL, needed=True):
            self._reconnect(container)

    def break_volume(self, which: int | str, kind: Kind, seconds: float) -> None:
        """Have the EFS client of one replica answer so."""
        clients.break_or_mend(self._clients(which), (kind, seconds))

    def volume_fault(self, which: int | str) -> Kind | None:
        """Return what its client says of itself."""
        (found,) = clients.read(self._clients(which))
        return Kind(found.counters["fault"]) if found.counters["fault"] else None

    def mend_volume(self, which: int | str) -> None:
        """Have it answer as it should."""
        clients.break_or_mend(self._clients(which), None)

    def scale(self, replicas: int) -> None:
        """Make it that many replicas; those that were killed or stopped start again.

        Those with the highest numbers go first, each in good order.
        """
        if not 1 <= replicas <= MAX_REPLICAS:
            raise UsageError(
                f"'{replicas}' is not a number of replicas from 1 to {MAX_REPLICAS}",
                hint="parity scale 3",
            )
        surplus = self._containers(SERVICE, needed=True)[replicas:]
        for container in surplus:
            self._tell_balancer(Balancer.deregister, container)
        with ThreadPoolExecutor(MAX_REPLICAS) as pool:
            list(pool.map(self._remove, [read.number(each.attrs) for each in surplus]))
        self._start_missing(replicas)
        self.wait_healthy()

    def redeploy(self, steps: str = "") -> None:
        """Add a new replica, wait until it is healthy, remove an old one; so for each of them.

        As ECS does with 100 % at least and 200 % at most. The new ones are made of another image
        and of the configuration as it is now, and have numbers of their own.
        """
        old = self._containers(SERVICE, needed=True)
        with next_image(self._docker, f"{self._settings.project}-{SERVICE}", steps):
            for container in old:
                self._start_missing(len(old) + 1)
                self._remove(read.number(container.attrs))
        self.wait_healthy()

    def mend(self) -> None:
        """Start what was broken, and bring back the number of replicas that the settings say."""
        for replica in self.replicas():
            self.start(replica.number)
        self.reconnect_model()
        if self.on_efs:
            clients.break_or_mend(self._clients(), None)
        if len(self.replicas()) != self._settings.replicas:
            self.scale(self._settings.replicas)
        self.wait_healthy()

    def logs(self, which: int | str, *, tail: int | None = None) -> str:
        """Return what it wrote to stdout and stderr, over all its starts."""
        with self._acting("logs", which) as container:
            text: bytes = container.logs(tail="all" if tail is None else tail)
            return text.decode(errors="replace")

    def wait_healthy(self, timeout: float = 60, *, only: int | str | None = None) -> None:
        """Wait until every replica, or one only, runs and is healthy."""

        def sick() -> str:
            if only is None:
                containers = self._containers(SERVICE, needed=True)
            else:
                containers = [self._find(only)]
            return ", ".join(
                f"{container.name}: {_condition(container)}"
                for container in containers
                if _condition(container) not in ("running healthy", UNCHECKED)
            )

        _wait(sick, timeout, "not healthy")

    def wait_out_of_rotation(self, which: int | str, timeout: float = 60) -> None:
        """Wait until so many requests in a row are answered at once, and by others."""
        hostname = self._find(which).attrs["Config"]["Hostname"]
        address, needed = self.url(), ROUNDS * len(self._containers(SERVICE))

        def still_served() -> str:
            for _ in range(needed):
                if (answered := self._answering(address)) in ("", hostname):
                    return f"last answer by {answered or 'nobody'}"
            return ""

        _wait(still_served, timeout, f"{hostname} was not taken out of rotation")

    def processes(self, which: int | str | None = None) -> list[tuple[int, Replica]]:
        """Return the id of the first process of each running replica, as this host knows it."""
        found = self._containers(SERVICE) if which is None else [self._find(which)]
        return [
            (int(each.attrs["State"]["Pid"]), read.replica(each.attrs, memory=None, log=b""))
            for each in found
            if each.attrs["State"]["Running"]
        ]

    def running(self) -> list[str]:
        """Return the names of all containers of the stack that run now, replicas or not."""
        services = (BALANCER, SERVICE, MODEL)
        found = [each for service in services for each in self._containers(service)]
        return [str(each.name) for each in found if each.attrs["State"]["Running"]]

    def _answering(self, address: str) -> str:
        return _replica_answering(_connection(address, trust.context(self._settings)))

    def _balancer(self) -> Balancer:
        return Balancer(self._containers(BALANCER, needed=True)[0])

    def _address(self, which: int | str) -> str:
        if found := read.address(self._find(which).attrs):
            return found
        raise ParityError(
            f"replica '{which}' has no network, so it is no target", hint=f"parity start {which}"
        )

    def _start_missing(self, replicas: int) -> None:
        """Start what is missing to so many replicas, and register it."""
        before = {each.id for each in self._containers(SERVICE) if each.status == "running"}
        stack.scale(replace(self._settings, replicas=replicas), SERVICE)
        for container in self._containers(SERVICE):
            if container.id not in before:
                self._register(container)

    def _register(self, container: Container) -> None:
        """Have nginx send requests to what has an address now.

        The engine gives the address of a container that has just ended to the next that asks for
        one. nginx, told to send nothing more there, may not have seen that it was nobody's.
        """
        container.reload()
        self._tell_balancer(Balancer.register, container)

    def _tell_balancer(self, what: Callable[[Balancer, str], None], container: Container) -> None:
        """Tell nginx of a replica as ECS does; it would find out by itself, but later."""
        with suppress(ParityError):
            what(self._balancer(), read.address(container.attrs))

    def _end(self, container: Container) -> None:
        """End it in good order; what was on its way to it gets there before.

        ECS waits for as long as the deregistration delay, whatever is open meanwhile.
        """
        self._tell_balancer(Balancer.deregister, container)
        deadline = time.monotonic() + ON_ITS_WAY_SECONDS
        while self._is_busy(container) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        container.stop()

    def _is_busy(self, container: Container) -> bool:
        try:
            targets = self._balancer().targets([container])
        except ParityError:
            return False
        return any(each.outstanding for each in targets if each.replica is not None)

    def _remove(self, which: int | str) -> None:
        with self._acting("remove", which) as container:
            self._end(container)
            container.remove()

    def _clients(self, which: int | str | None = None) -> list[clients.Mount]:
        return clients.mounts(self._settings.project, self.processes(which))

    def _reconnect(self, container: Container) -> bool:
        """Connect it if it is not connected; tell whether it was not."""
        if read.networks(container.attrs):
            return False
        network = self._docker.networks.get(read.home_network(container.attrs))
        network.connect(container, aliases=read.aliases(container.attrs))
        return True

    def _measured(self, container: Container) -> Replica:
        memory, log = None, b""
        try:
            if container.attrs["State"]["Running"]:
                stats = cast("dict[str, Any]", container.stats(stream=False, one_shot=True))
                memory = read.memory_in_use(stats)
            if started := read.instant(container.attrs["State"]["StartedAt"]):
                log = container.logs(since=started.timestamp(), stderr=False)
        except NotFound:
            pass  # removed just now; its last state is still worth telling
        return read.replica(container.attrs, memory=memory, log=log)

    def _containers(self, service: str, *, needed: bool = False) -> list[Container]:
        labels = read.labels(self._settings.project, service)
        try:
            found: list[Container] = self._docker.containers.list(
                all=True, filters={"label": labels}, ignore_removed=True
            )
        except (DockerException, OSError) as error:
            raise ParityError(
                "Docker Engine does not answer", hint="parity doctor", detail=str(error)
            ) from error
        if needed and not found:
            raise ParityError(f"the stack '{self._settings.project}' is not up", hint="scripts/up")
        return sorted(found, key=lambda container: read.number(container.attrs))

    def _find(self, which: int | str) -> Container:
        containers = self._containers(SERVICE, needed=True)
        for container in containers:
            names = (read.number(container.attrs), container.attrs["Config"]["Hostname"])
            if which in names:
                return container
        known = ", ".join(
            f"{read.number(container.attrs)} ({container.attrs['Config']['Hostname']})"
            for container in containers
        )
        raise UsageError(f"there is no replica '{which}'; there are {known}", hint="parity ps")

    @contextmanager
    def _acting(self, verb: str, which: int | str) -> Iterator[Container]:
        container = self._find(which)
        try:
            yield container
        except APIError as error:
            raise ParityError(
                f"could not {verb} replica '{which}', which is {read.state_of(container.attrs)}:"
                f" {error.explanation}",
                hint=f"parity start {which}",
            ) from error


def abilities_of(settings: Settings) -> frozenset[Ability]:
    """Return what can be done to a stack of those settings, running or not."""
    return frozenset(Ability) - (set() if efs.is_on(settings.project) else {Ability.VOLUME})


def _condition(container: Container) -> str:
    """Return state and health in one."""
    return f"{read.state_of(container.attrs)} {read.health_of(container.attrs)}".strip()


def _connection(url: str, tls: SSLContext | None) -> http.client.HTTPConnection:
    address = urlsplit(url)
    host, port = str(address.hostname), address.port
    if address.scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=ANSWER_SECONDS, context=tls)
    return http.client.HTTPConnection(host, port, timeout=ANSWER_SECONDS)


def _replica_answering(connection: http.client.HTTPConnection) -> str:
    """Return the replica that the balancer picks for a stranger; empty if none answers at once."""
    try:
        connection.request("GET", HEALTH_PATH)
        return str(json.load(connection.getresponse()).get("replica", ""))
    except (OSError, ValueError, http.client.HTTPException):
        return ""
    finally:
        connection.close()


def _wait(problem: Callable[[], str], timeout: float, what: str) -> None:
    hint = "parity ps; parity logs N"
    wait_until_none(problem, timeout, every=POLL_SECONDS, what=what, hint=hint)
