"""Each fault is felt by what it is for, and ends by itself."""

from __future__ import annotations

import errno
import time
from typing import TYPE_CHECKING

import pytest

from parity.efs.faults import Faults, Kind
from parity.efs.figures import READ_SECONDS, WRITE_SECONDS
from parity.efs.wire import Wire, nobody_gave_up

if TYPE_CHECKING:
    from tests.efs.conftest import Clock, Host

EVERYTHING = ("GETATTR", "READ", "OPEN", "WRITE", "CREATE", "REMOVE")


def felt(faults: Faults, operation: str) -> int:
    """Return the error number that an operation gets; 0 for none."""
    try:
        faults.meet(operation, nobody_gave_up)
    except OSError as error:
        return error.errno or -1
    return 0


@pytest.mark.parametrize(
    ("kind", "number", "operations"),
    [
        (Kind.EIO, errno.EIO, EVERYTHING),
        (Kind.ESTALE, errno.ESTALE, EVERYTHING),
        (Kind.ENOSPC, errno.ENOSPC, ("WRITE", "CREATE")),
        (Kind.READ_ONLY, errno.EROFS, ("WRITE", "CREATE", "REMOVE")),
    ],
)
def test_a_fault_is_felt_and_ends(
    kind: Kind, number: int, operations: tuple[str, ...], clock: Clock
) -> None:
    """By those operations and no others, until its time is over."""
    faults = Faults(clock)
    faults.set(kind, 5)
    found = {operation: felt(faults, operation) for operation in EVERYTHING}
    assert found == {name: number if name in operations else 0 for name in EVERYTHING}
    clock.wait(5)
    assert not any(felt(faults, operation) for operation in EVERYTHING)
    assert faults.current is None


def test_a_stall_delays_and_then_answers() -> None:
    """What was asked is done when the server answers again."""
    faults = Faults()
    faults.set(Kind.STALL, 0.2)
    started = time.monotonic()
    assert felt(faults, "READ") == 0
    assert time.monotonic() - started >= 0.2


def test_who_is_killed_waits_no_longer() -> None:
    """A stalled volume does not make a process immortal."""
    faults = Faults()
    faults.set(Kind.STALL, 60)
    with pytest.raises(InterruptedError):
        faults.meet("READ", lambda: True)


def test_a_full_volume_is_told_at_fsync(hosts: tuple[Host, Host]) -> None:
    """Writing back is what fails, not the write; room that is there again is used again."""
    here, _ = hosts
    here.write("log", b"kept")
    handle = here.client.open("log", 2)
    here.wire.faults.set(Kind.ENOSPC, 60)
    assert here.client.write(handle, b"lost", 4) == 4
    with pytest.raises(OSError, match="No space") as caught:
        here.client.write_back(handle.node)
    assert caught.value.errno == errno.ENOSPC
    here.wire.faults.clear()
    assert here.client.read(handle, 100, 0) == b"kept"
    here.client.write(handle, b", mended", 4)
    here.client.write_back(handle.node)
    assert here.read("log") == b"kept, mended"


def test_opening_for_writing_is_refused_by_a_read_only_volume(hosts: tuple[Host, Host]) -> None:
    """And opening for reading is not."""
    here, _ = hosts
    here.write("log", b"kept")
    here.wire.faults.set(Kind.READ_ONLY, 60)
    assert here.read("log") == b"kept"
    with pytest.raises(OSError, match="Read-only"):
        here.client.open("log", 1)


def test_latency_and_throughput_are_those_published() -> None:
    """1 ms for a read, 2.7 ms for a write, and the bytes at 1,500 MiB/s, one after another."""
    waited: list[float] = []
    wire = Wire(sleep=waited.append)
    wire.trip("GETATTR")
    wire.trip("WRITE")
    assert waited == pytest.approx([READ_SECONDS, WRITE_SECONDS])
    wire.trip("READ", 1500 * 1024**2)
    wire.trip("READ", 150 * 1024**2)
    assert waited[2:] == pytest.approx([1.001, 1.101], abs=0.01)
