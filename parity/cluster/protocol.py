"""What the kit can see of a service's replicas and do to them, wherever they run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from parity.efs.faults import Kind


class Ability(StrEnum):
    """What can be done to a replica, or to what it needs, in some places and not in others."""

    SIGKILL = "sigkill a replica"  # `kill` leaves it not a moment; else it gets a SIGTERM first
    PAUSE = "pause a replica"  # and unpause
    CUT = "cut a replica"  # and reconnect
    BALANCER = "restart the load balancer"  # reload it and restart it
    MODEL = "cut the model off"  # cut it from everybody, and reconnect
    VOLUME = "break the volume"  # break one replica's way to it, and mend
    IMAGE = "deploy another image"  # redeploy with steps


@dataclass(frozen=True)
class Replica:
    """One replica at one moment.

    number: from 1, kept over restarts; one that was made anew may get another. hostname: as the
    replica itself says it. state: running, paused, cut (runs, but no network), stopping (in its
    grace period), exited, restarting, created, dead. health: healthy, unhealthy, starting; empty
    where nobody checks. exit_code: of the last exit, None while it runs. started_at: when it last
    started. memory: bytes in use, None while it does not run and where nobody can tell. sessions:
    how many distinct sessions it has served since it started.
    """

    number: int
    name: str
    hostname: str
    state: str
    health: str
    exit_code: int | None
    started_at: datetime | None
    memory: int | None
    sessions: int


@dataclass(frozen=True)
class Target:
    """One target of the load balancer at one moment, as DescribeTargetHealth tells of it.

    address, port: where it takes requests. replica, hostname: who that is; None and empty when no
    replica is there any more. zone: empty where there are none. state: initial, healthy, unhealthy,
    draining, unused (deregistered). reason, description: why it is not healthy. outstanding: how
    many requests are open, websockets among them; None where nobody tells.
    """

    address: str
    port: int
    replica: int | None
    hostname: str
    zone: str
    state: str
    reason: str
    description: str
    outstanding: int | None


class Cluster(Protocol):
    """The replicas of the chatbot; each is meant by its number or by its host name.

    Whatever names a replica that is not there raises UsageError listing those that are; what this
    place cannot do, see `abilities`, raises ParityError. Where no timeout is given, it is as long
    as things take here: seconds in Docker, minutes on Fargate.
    """

    @property
    def abilities(self) -> frozenset[Ability]:
        """What can be done here of that which cannot be done everywhere."""

    def url(self) -> str:
        """Return where a browser reaches the service."""

    def replicas(self) -> list[Replica]:
        """Return all replicas by number, those that do not run among them."""

    def serving(self, which: int | str) -> Replica:
        """Return one replica as it is now, such as the one whose host name a page shows."""

    def kill(self, which: int | str) -> None:
        """End it at once (SIGKILL, where that can be); it stays dead, but may be replaced."""

    def stop(self, which: int | str) -> None:
        """End it in good order (SIGTERM, then its grace period); returns when it is gone."""

    def pause(self, which: int | str) -> None:
        """Freeze it: it keeps its connections and does nothing."""

    def unpause(self, which: int | str) -> None:
        """Undo pause."""

    def cut(self, which: int | str) -> None:
        """Take its network away while it runs on: nothing reaches it, not even a reset."""

    def reconnect(self, which: int | str) -> None:
        """Undo cut."""

    def start(self, which: int | str) -> None:
        """Mend whatever was done to it, or see it replaced; does not wait for health."""

    def restart(self, which: int | str) -> None:
        """Stop it in good order and start it, or see it replaced."""

    def targets(self) -> list[Target]:
        """Return the targets of the load balancer, by address."""

    def deregister(self, which: int | str) -> None:
        """Let it drain: it gets no new request; those that are open go on for a while."""

    def register(self, which: int | str) -> None:
        """Undo deregister; it gets requests as soon as a health check has passed."""

    def modify_target_group(self, attributes: Mapping[str, bool | int | str]) -> None:
        """Change attributes of the target group, under the names that AWS gives them."""

    def reload_balancer(self) -> None:
        """Have the load balancer read its configuration again."""

    def restart_balancer(self) -> None:
        """End the load balancer and start it again; returns when it serves."""

    def cut_model(self) -> None:
        """Let nobody reach the model."""

    def reconnect_model(self) -> None:
        """Undo cut_model."""

    def break_volume(self, which: int | str, kind: Kind, seconds: float) -> None:
        """Give a replica's way to the volume a fault, for so many seconds at most."""

    def volume_fault(self, which: int | str) -> Kind | None:
        """Return the fault that a replica's way to the volume has now."""

    def mend_volume(self, which: int | str) -> None:
        """Undo break_volume."""

    def scale(self, replicas: int) -> None:
        """Make it that many replicas, leaving those that stay as they are; wait for health."""

    def redeploy(self, steps: str = "") -> None:
        """Replace every replica by a new one, never fewer healthy than before; wait for health.

        steps: instructions of a Dockerfile which make the new ones' image of the tested one; to
        redeploy without is the way back. Whoever does not go it has the next test run on them.
        """

    def mend(self) -> None:
        """Undo whatever was done: as many replicas as there shall be, all of them healthy."""

    def logs(self, which: int | str, *, tail: int | None = None) -> str:
        """Return its log, or the last `tail` lines."""

    def wait_healthy(self, timeout: float = ..., *, only: int | str | None = None) -> None:
        """Wait until every replica, or only one, is healthy; ParityError says which is not."""

    def wait_out_of_rotation(self, which: int | str, timeout: float = ...) -> None:
        """Wait until the load balancer sends nothing more to it."""
