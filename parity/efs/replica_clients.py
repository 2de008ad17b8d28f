"""The clients through which the replicas of a stack see the volume, as this host finds them."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity.efs import control
from parity.efs.clients import RUN, mountpoints
from parity.efs.service import is_on
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from parity.cluster.protocol import Replica
    from parity.efs.faults import Kind

TARGET = "/mnt/data"
SELF = Path("/proc/self/mountinfo")


@dataclass(frozen=True)
class Mount:
    """A replica's client: where this host sees it."""

    number: int
    hostname: str
    place: Path


@dataclass(frozen=True)
class Found:
    """A replica's client and what it says of itself; see control.read_counters."""

    mount: Mount
    counters: Mapping[str, Any]


def mounts(project: str, processes: Iterable[tuple[int, Replica]]) -> list[Mount]:
    """Return the clients of running replicas. Raises ParityError without any.

    processes: the id of the first process of each, as this host knows it.
    """
    if not is_on(project):
        raise ParityError("the volume is a plain folder", hint="parity up --efs")
    if os.geteuid() != 0:
        raise ParityError("the clients answer only root", hint="sudo .venv/bin/parity efs")
    places = {device(SELF.read_text(), str(place)): place for place in mountpoints(RUN / project)}
    found = []
    for pid, replica in processes:
        table = Path(f"/proc/{pid}/mountinfo")
        place = places.get(device(table.read_text(), TARGET)) if table.exists() else None
        if place:
            found.append(Mount(replica.number, replica.hostname, place))
    if not found:
        raise ParityError("no replica has the volume mounted", hint="parity ps")
    return found


def device(table: str, target: str) -> str | None:
    """Return the device that proc(5)'s mountinfo has mounted at a path, as major:minor."""
    rows = (line.split() for line in table.splitlines())
    return next((row[2] for row in rows if row[4] == target), None)


def break_or_mend(mounts: Sequence[Mount], fault: tuple[Kind, float] | None) -> None:
    """Give each client that fault for so many seconds, or take its fault away."""
    kind, seconds = fault or (None, 0)
    for mount in mounts:
        with _named(mount):
            control.set_fault(mount.place, kind, seconds)


def read(mounts: Sequence[Mount]) -> list[Found]:
    """Return what each client says of itself."""
    found = []
    for mount in mounts:
        with _named(mount):
            found.append(Found(mount, control.read_counters(mount.place)))
    return found


@contextmanager
def _named(mount: Mount) -> Iterator[None]:
    """Raise ParityError for a client that does not answer, as its process has died."""
    try:
        yield
    except OSError as error:
        raise ParityError(
            f"the client of replica {mount.number} does not answer: {error.strerror}",
            hint=f"parity kill {mount.number}; parity start {mount.number}    (a new client)",
        ) from error
