"""How a mount is asked for its counters and told its fault: extended attributes of its root."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from parity.efs.faults import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COUNTERS = "user.parity.counters"
FAULT = "user.parity.fault."


def read_counters(mount: Path) -> dict[str, Any]:
    """Return what a client has done since it was mounted.

    operations: round trips to the server by kind; calls: what programs asked, by kind; bytes:
    read and written; fault: its kind or None, with fault_seconds_left. Raises OSError.
    """
    found: dict[str, Any] = json.loads(os.getxattr(mount, COUNTERS))
    return found


def set_fault(mount: Path, kind: Kind | None, seconds: float = 0) -> None:
    """Have a fault for so many seconds from now on, instead of any other; None for none."""
    # Read, not set: to set one, the kernel waits for the folder's lock, which a call that stalls
    # may hold for as long as the fault lasts.
    os.getxattr(mount, f"{FAULT}{kind or ''}={seconds}")


def decode_fault(name: str) -> tuple[Kind | None, float]:
    """Return what `set_fault` has encoded in an attribute's name."""
    kind, _, seconds = name.removeprefix(FAULT).partition("=")
    return (Kind(kind) if kind else None), float(seconds)


@contextmanager
def fault(mount: Path, kind: Kind, seconds: float = 60) -> Iterator[None]:
    """Have a fault while the block runs, and for no longer than so many seconds."""
    set_fault(mount, kind, seconds)
    try:
        yield
    finally:
        set_fault(mount, None)
