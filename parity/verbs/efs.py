"""`parity efs`: what each replica's client asks of the volume, and its faults."""

from __future__ import annotations

import math
import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity.efs import control
from parity.efs.clients import RUN, mountpoints
from parity.efs.faults import Kind
from parity.efs.service import is_on
from parity.errors import ParityError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from parity.cluster.compose import Compose
    from parity.project import Settings

COLUMNS = ("replica>", "host", "operations>", "by kind", "read>", "written>", "fault")
TARGET = "/mnt/data"
SELF = Path("/proc/self/mountinfo")
HINT = "parity efs --fault stall=20 --replica 2"
KIB = 1024


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


def mounts(settings: Settings, cluster: Compose, which: int | str | None = None) -> list[Mount]:
    """Return the clients of all running replicas, or of one. Raises ParityError without any."""
    if not is_on(settings.project):
        raise ParityError("the volume is a plain folder", hint="parity up --efs")
    if os.geteuid() != 0:
        raise ParityError("the clients answer only root", hint="sudo .venv/bin/parity efs")
    places = {
        device(SELF.read_text(), str(place)): place for place in mountpoints(RUN / settings.project)
    }
    found = []
    for pid, replica in cluster.processes(which):
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


def parse_fault(text: str) -> tuple[Kind, float]:
    """Return kind and seconds of such as 'stall=20'. Raises UsageError."""
    kind, _, seconds = text.partition("=")
    kinds = ", ".join(Kind)
    if kind not in list(Kind):
        raise UsageError(f"'{kind}' is none of {kinds}", hint=HINT)
    try:
        number = float(seconds)
    except ValueError:
        number = math.nan
    if not 0 < number <= 3600:  # noqa: PLR2004 - an hour
        raise UsageError(f"'{seconds}' is no number of seconds up to 3600", hint=HINT)
    return Kind(kind), number


def break_or_mend(mounts: Sequence[Mount], fault: tuple[Kind, float] | None) -> None:
    """Give each client that fault, or take its fault away."""
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


def rows(found: Sequence[Found]) -> list[list[str]]:
    """Return one row a client, matching COLUMNS."""
    return [
        [
            str(each.mount.number),
            each.mount.hostname,
            str(sum(each.counters["operations"].values())),
            " ".join(f"{name} {n}" for name, n in sorted(each.counters["operations"].items())),
            f"{each.counters['bytes'].get('read', 0) / KIB:.0f} KiB",
            f"{each.counters['bytes'].get('written', 0) / KIB:.0f} KiB",
            _fault(each.counters),
        ]
        for each in found
    ]


def documents(found: Sequence[Found]) -> list[dict[str, Any]]:
    """Return one JSON object a client."""
    return [
        {"replica": each.mount.number, "host": each.mount.hostname, **each.counters}
        for each in found
    ]


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


def _fault(counters: Mapping[str, Any]) -> str:
    if not counters["fault"]:
        return "[dim]-[/]"
    return f"[red]{counters['fault']}[/], {counters['fault_seconds_left']:.0f} s left"
