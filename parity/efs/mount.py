"""One client's process: `python -m parity.efs.mount FOLDER MOUNTPOINT [OPTIONS]`.

It mounts as whoever starts it, then becomes the access point's user for good, so that what EFS
would refuse to that user is refused by the backing folder itself.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import threading
import time
from pathlib import Path

import mfusepy

from parity.efs.mounting import TYPE
from parity.efs.operations import Operations
from parity.efs.server import Server
from parity.efs.wire import Wire

WRITE_BACK_SECONDS = 5
THREADS = 256  # so that programs that wait for locks do not keep others waiting
PR_SET_DUMPABLE = 4
SIGKILL_PENDING = 1 << 8


def main() -> None:
    """Serve until unmounted."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("mountpoint", type=Path)
    parser.add_argument("--user", type=_ids)
    parser.add_argument("--pace", type=float, default=1.0)
    parser.add_argument("--forget-unlinked", action="store_true")
    given = parser.parse_args()

    def begin() -> None:
        if given.user:
            become(*given.user)
        threading.Thread(target=_write_back, args=[operations], daemon=True).start()

    wire = Wire(pace=given.pace, abandoned=caller_was_killed)
    server = Server(given.folder, wire, keeps_unlinked=not given.forget_unlinked)
    operations = Operations(server, on_mount=begin)
    mfusepy.FUSE(operations, str(given.mountpoint), **options())


def options() -> dict[str, object]:
    """Return how to mount: nothing is cached but by the client itself."""
    version = (mfusepy.fuse_version_major, mfusepy.fuse_version_minor)
    limits: dict[str, object] = {"max_threads": THREADS} if version >= (3, 12) else {}
    if version < (3, 0):
        limits = {"big_writes": True}  # or the kernel cuts writes into pages
    others = {"allow_other": True} if os.geteuid() == 0 else {}
    never = dict.fromkeys(("attr_timeout", "entry_timeout", "negative_timeout"), 0)
    return {
        "raw_fi": True,
        "foreground": True,
        "fsname": TYPE,
        "use_ino": True,
        **never,
        **limits,
        **others,
    }


def become(uid: int, gid: int) -> None:
    """Be that user from now on, and still find one's own descriptors in /proc."""
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)


def caller_was_killed() -> bool:
    """Tell whether the program that asked has a SIGKILL waiting: a hard NFS mount heeds no other.

    What libfuse is told of an interruption says no more than that there was some signal.
    """
    if not mfusepy._libfuse.fuse_interrupted():  # noqa: SLF001 - the binding has no name for it
        return False
    pid = mfusepy.fuse_get_context()[2]
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    pending = int(fields["SigPnd"], 16) | int(fields["ShdPnd"], 16)
    return bool(pending & SIGKILL_PENDING) or fields["State"][0] in "ZX"


def _write_back(operations: Operations) -> None:
    while True:
        time.sleep(WRITE_BACK_SECONDS)
        try:
            operations.write_back_old()
        except OSError:
            continue  # the program that wrote it is told at its next fsync of what then fails


def _ids(text: str) -> tuple[int, int]:
    uid, _, gid = text.partition(":")
    return int(uid), int(gid)


if __name__ == "__main__":
    main()
