"""Mount and unmount clients, each a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from parity.errors import ParityError
from parity.host.command import run
from parity.project import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

DEVICE = Path("/dev/fuse")
MOUNTS = Path("/proc/self/mounts")
START_SECONDS = 20
POLL_SECONDS = 0.02
TYPE = "parity-efs"  # as what the mounts show up in /proc/mounts


@dataclass(frozen=True)
class Manner:
    """How a client sees the volume.

    user: whom the access point makes of everybody; as root only. pace: what to multiply EFS's
    latency by. keeps_unlinked: whether an open file that another client removes can still be used.
    """

    user: tuple[int, int] | None = None
    pace: float = 1.0
    keeps_unlinked: bool = True

    @property
    def options(self) -> list[str]:
        """What tells it to a client's process."""
        user = [f"--user={self.user[0]}:{self.user[1]}"] if self.user else []
        forgets = [] if self.keeps_unlinked else ["--forget-unlinked"]
        return [*user, f"--pace={self.pace}", *forgets]


EFS = Manner()


def mount(
    folder: Path, mountpoint: Path, manner: Manner = EFS, *, log: Path
) -> subprocess.Popen[bytes]:
    """Mount the folder there through a new client; return its process once the mount is there.

    Raises ParityError with what the client said.
    """
    command = [sys.executable, "-m", "parity.efs.mount", str(folder), str(mountpoint)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *manner.options],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while not is_mounted(mountpoint):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            raise ParityError(
                f"'{mountpoint}' could not be mounted",
                hint="parity doctor",
                detail=log.read_text(errors="replace"),
            )
        time.sleep(POLL_SECONDS)
    return process


def unmount(mountpoint: Path) -> None:
    """Take a mount away, even one in use or one whose client has died; its process then ends."""
    while is_mounted(mountpoint):
        tool = ["umount", "--lazy"] if os.geteuid() == 0 else ["fusermount3", "-u", "-z"]
        run([*tool, str(mountpoint)], timeout=START_SECONDS)


def is_mounted(mountpoint: Path) -> bool:
    """Tell whether a client is mounted there, be it alive or dead."""
    return str(mountpoint) in mountpoints()


def mountpoints() -> list[str]:
    """Return where clients are mounted; asks none of them."""
    rows = (line.split() for line in MOUNTS.read_text().splitlines())
    return [row[1].replace("\\040", " ") for row in rows if row[0] == TYPE]


@contextmanager
def mounted(
    folder: Path, mountpoint: Path, manner: Manner = EFS
) -> Iterator[subprocess.Popen[bytes]]:
    """Have the folder mounted while the block runs; a missing mountpoint is made and goes again."""
    mountpoint.mkdir(exist_ok=True)
    log = mountpoint.with_name(f"{mountpoint.name}.log")
    process = mount(folder, mountpoint, manner, log=log)
    try:
        yield process
    finally:
        unmount(mountpoint)
        try:
            process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:  # somebody still has a file open there
            process.kill()
            process.wait()
