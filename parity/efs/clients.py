"""The clients of one stack: each mount a replica's own, below one folder of /run.

Everything that must outlast a process is in the file system: a client is a folder with its
mountpoint, named like the mount that the engine asked for.
"""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path
from shutil import rmtree

from parity.efs.mounting import Manner, is_mounted, mount, unmount
from parity.errors import ParityError

RUN = Path("/run/parity-efs")
USER = (10001, 10001)  # the access point's; see infra/template.yml and app/Dockerfile
USER_FILE = "user"  # in a stack's folder, where its access point has another one
MOUNTPOINT = "mount"


class Clients:
    """The clients of one backing folder, by the id of the mount that they serve."""

    def __init__(self, folder: Path, run: Path, *, pace: float = 1.0) -> None:
        self._folder = folder
        self._run = run
        self._pace = pace
        self._users: Counter[str] = Counter()
        self._guard = threading.Lock()

    def mount(self, name: str) -> Path:
        """Return where a client of that name is mounted; a new one, unless there is one already."""
        place = mountpoint(self._run, name)
        with self._guard:
            self._users[name] += 1
            if self._users[name] > 1 and is_mounted(place):
                return place
            unmount(place)
            place.mkdir(parents=True, exist_ok=True)
            log = place.with_name("log")
            try:
                process = mount(
                    self._folder, place, Manner(user_of(self._run), self._pace), log=log
                )
            except ParityError:
                del self._users[name]
                raise
        threading.Thread(target=process.wait, daemon=True).start()  # no zombie stays
        return place

    def unmount(self, name: str) -> None:
        """Take a client away when nobody uses it any more; one that is not there is no error."""
        with self._guard:
            self._users[name] -= 1
            if self._users[name] > 0:
                return
            del self._users[name]
            remove(mountpoint(self._run, name))


def user_of(run: Path) -> tuple[int, int]:
    """Return whom a stack's access point makes of everybody: uid and gid."""
    try:
        uid, _, gid = (run / USER_FILE).read_text().partition(":")
    except FileNotFoundError:
        return USER
    return int(uid), int(gid)


def mountpoint(run: Path, name: str) -> Path:
    """Return where the client of that name belongs. Raises ParityError for what is no name."""
    if not name.isalnum():
        raise ParityError(f"'{name}' is no name of a mount")
    return run / name / MOUNTPOINT


def mountpoints(run: Path) -> list[Path]:
    """Return where the clients of a stack are, be they alive or dead."""
    # Not by looking for the mountpoint: at that of a dead client, every call fails.
    return sorted(folder / MOUNTPOINT for folder in run.iterdir() if folder.is_dir())


def remove(place: Path) -> None:
    """Unmount a client and remove its folder, but never what is mounted there."""
    unmount(place)
    if place.exists():
        place.rmdir()  # fails if anything were still in it
    rmtree(place.parent, ignore_errors=True)
