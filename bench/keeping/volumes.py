"""The two volumes on which everything is measured, and what is asked of them."""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.calls import counted
from bench.keeping.ways import WAYS
from parity.efs.control import read_counters
from parity.efs.mounting import mounted
from parity.efs.service import ensure_library
from parity.project import STATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.keeping.ways import Way

PLAIN = "plain"
EFS = "EFS"
QUIET_SECONDS = 0.03  # a close, of which nobody waits for the round trip, is over by then
OWN_IO = Path("/proc/self/io")  # proc(5); wchar: bytes handed to write(2) and its like


@dataclass(frozen=True)
class Cost:
    """What was asked of a volume: how many operations, and bytes written.

    On EFS semantics an operation is a round trip to the server; on the plain volume, a call of the
    file system that goes through Python's `os`; see Volume.counts.
    """

    operations: int
    bytes_written: int


@dataclass(frozen=True)
class Volume:
    """A volume as two replicas see it, `here` and `there`, and the folder `behind` both."""

    name: str
    behind: Path
    here: Path
    there: Path

    @property
    def ways(self) -> tuple[Way, ...]:
        """The ways in which a conversation can be kept on it."""
        return tuple(way for way in WAYS if self.name == PLAIN or not way.not_on_efs)

    def counts(self, way: Way) -> bool:
        """Tell whether all operations of that way can be counted here."""
        return self.name == EFS or way.through_os

    def cost(self, replica: Path, act: Callable[[], object]) -> Cost:
        """Do something on one replica, `here` or `there`, and return what it cost."""
        if self.name == PLAIN:
            before = _written()
            with counted() as calls:
                act()
            return Cost(calls.total, _written() - before)
        operations, written = _asked(replica)
        act()
        operations_after, written_after = _asked(replica)
        return Cost((operations_after - operations).total(), written_after - written)


@contextmanager
def volumes() -> Iterator[tuple[Volume, Volume]]:
    """Give a plain folder on the checkout's disk, and one under two clients with EFS semantics."""
    STATE.mkdir(exist_ok=True)
    ensure_library()
    with ExitStack() as stack:
        # Beside the checkout, as ./data is: the usual folder for temporary files may be memory.
        top = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=STATE, prefix="bench-")))
        plain, behind, here, there = (top / name for name in ("plain", "behind", "here", "there"))
        plain.mkdir()
        behind.mkdir()
        for mountpoint in (here, there):
            stack.enter_context(mounted(behind, mountpoint))
        yield Volume(PLAIN, plain, plain, plain), Volume(EFS, behind, here, there)


def _written() -> int:
    fields = dict(line.split(": ") for line in OWN_IO.read_text().splitlines())
    return int(fields["wchar"])


def _asked(mount: Path) -> tuple[Counter[str], int]:
    """Return what a client has asked so far, once it asks no more."""
    found = _counters(mount)
    while True:
        time.sleep(QUIET_SECONDS)
        again = _counters(mount)
        if again == found:
            return found
        found = again


def _counters(mount: Path) -> tuple[Counter[str], int]:
    counters = read_counters(mount)
    return Counter(counters["operations"]), int(counters["bytes"].get("written", 0))


def settle() -> None:
    """Have what others left to be written reach the disk now, not in somebody else's time."""
    os.sync()
