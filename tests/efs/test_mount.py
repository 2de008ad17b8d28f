"""Real mounts: what programs see of it, through the kernel."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from app.sessions import SessionStore, mint
from app.sessions.removal import remove
from parity.efs import control
from parity.efs.faults import Kind
from parity.efs.figures import WRITE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Mount = Callable[..., list[Path]]

TURNS = 20
SOON = 1.0
HOLD = """
import fcntl, sys
file = open(sys.argv[1], "r+")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""
MAKE = """
import sys
print("now", flush=True)
open(sys.argv[1], "x")
"""


def run(script: str, *arguments: object) -> subprocess.Popen[str]:
    """Start a program of its own on a mount."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def try_lock(path: Path) -> bool:
    """Tell whether the file can be locked now."""
    with path.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def wait_until(done: Callable[[], bool], seconds: float = 10) -> float:
    """Return after how many seconds something is so."""
    started = time.monotonic()
    while not done():
        assert time.monotonic() - started < seconds, "it never was"
        time.sleep(0.01)
    return time.monotonic() - started


def test_locks_hold_across_mounts_and_end_with_their_holder(mount: Mount) -> None:
    """Whoever is killed with SIGKILL holds nothing any more."""
    here, there = mount(2)
    (here / "log").touch()
    holder = run(HOLD, here / "log")
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    assert not try_lock(there / "log")
    assert not try_lock(here / "log")
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    wait_until(lambda: try_lock(there / "log"))


def test_waiting_for_a_lock_holds_up_nobody_and_can_be_killed(mount: Mount) -> None:
    """More waiters than libfuse has threads by default; other programs go on; SIGKILL ends them."""
    here, there = mount(2)
    (here / "log").touch()
    with (here / "log").open("r+") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        waiters = [run(HOLD, there / "log") for _ in range(12)]
        asked = wait_until(lambda: control.read_counters(there)["calls"].get("flock", 0) >= 12)
        started = time.monotonic()
        (there / "other").write_text("done")
        assert time.monotonic() - started < SOON + asked
        for waiter in waiters:
            waiter.kill()
        for waiter in waiters:
            waiter.wait(5)


def test_byte_range_locks_hold_across_mounts(mount: Mount) -> None:
    """By range and by owner, as fcntl(2) has them."""
    here, there = mount(2)
    (here / "log").write_bytes(bytes(100))
    with (here / "log").open("r+") as mine, (there / "log").open("r+") as theirs:
        fcntl.lockf(mine, fcntl.LOCK_EX, 10, 0)
        with pytest.raises(OSError, match="unavailable"):
            fcntl.lockf(theirs, fcntl.LOCK_EX | fcntl.LOCK_NB, 10, 5)
        fcntl.lockf(theirs, fcntl.LOCK_EX | fcntl.LOCK_NB, 10, 50)
        fcntl.lockf(mine, fcntl.LOCK_UN, 10, 0)
        fcntl.lockf(theirs, fcntl.LOCK_EX | fcntl.LOCK_NB, 10, 5)


def test_everything_belongs_to_the_access_points_user(mount: Mount) -> None:
    """Whoever writes; and what that user may not do is refused, even to root."""
    if os.geteuid() != 0:
        pytest.skip("only root can become the access point's user")
    (here,) = mount(1)
    (here / "folder").mkdir()
    (here / "folder" / "file").write_text("x")
    found = [path.stat() for path in (here, here / "folder", here / "folder" / "file")]
    assert {(each.st_uid, each.st_gid) for each in found} == {(10001, 10001)}
    with pytest.raises(PermissionError):
        os.chown(here / "folder", 0, 0)
    (here / "folder").chmod(0)
    with pytest.raises(PermissionError):
        (here / "folder" / "other").write_text("x")


def test_files_behave_as_files(mount: Mount) -> None:
    """Names, links, modes, times, an unlinked file that is still open, room on the volume."""
    (here,) = mount(1)
    path = here / "a"
    path.write_text("text")
    path.chmod(0o600)
    before = time.time()
    os.utime(path)
    assert before - 1 < path.stat().st_mtime < time.time() + 1
    os.utime(path, ns=(10**18, 2 * 10**18))
    found = path.stat()
    assert (found.st_mode & 0o777, found.st_mtime_ns, found.st_size) == (0o600, 2 * 10**18, 4)
    os.link(path, here / "b")
    (here / "c").symlink_to("b")
    assert ((here / "c").read_text(), path.stat().st_nlink) == ("text", 2)
    path.rename(here / "d")
    assert sorted(p.name for p in here.iterdir()) == ["b", "c", "d"]
    assert (here / "b").stat().st_ino == (here / "d").stat().st_ino
    with (here / "d").open("r+") as file:
        (here / "d").unlink()
        file.write("more")
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        assert file.read() == "more"
        file.truncate(2)
    assert not (here / "d").exists()
    assert os.statvfs(here).f_bfree > 0
    with pytest.raises(OSError, match="not supported"):
        os.setxattr(here / "b", "user.mine", b"1")


def test_a_name_believed_missing_is_found_by_listing_its_folder(mount: Mount) -> None:
    """The way out for who looked too early: close-to-open holds for folders as well."""
    here, there = mount(2)
    assert not (there / "log").exists()
    (here / "log").write_text("news")
    assert not (there / "log").exists()
    assert [path.name for path in there.iterdir()] == ["log"]
    assert (there / "log").read_text() == "news"


def test_stall_can_be_ended_while_a_call_holds_the_folder(mount: Mount) -> None:
    """A file that is being made keeps the kernel from setting anything of its folder."""
    (here,) = mount(1)
    with control.fault(here, Kind.STALL, 60):
        making = run(MAKE, here / "new")
        assert making.stdout
        assert making.stdout.readline() == "now\n"
        time.sleep(0.3)  # until it is in the call: nothing tells
        assert making.poll() is None
    assert making.wait(timeout=10) == 0
    assert (here / "new").exists()


@pytest.mark.parametrize(
    ("kind", "number"),
    [(Kind.EIO, errno.EIO), (Kind.ESTALE, errno.ESTALE), (Kind.READ_ONLY, errno.EROFS)],
)
def test_faults_reach_programs_and_end(mount: Mount, kind: Kind, number: int) -> None:
    """At one client only; then all is as before."""
    here, there = mount(2)
    (here / "log").write_text("kept")
    with control.fault(there, kind):
        with pytest.raises(OSError, match=re.escape(os.strerror(number))) as caught:
            (there / "log").write_text("lost")
        assert caught.value.errno == number
        assert (here / "log").read_text() == "kept"
    (there / "log").write_text("written again")
    assert (here / "log").read_text() == "written again"
    assert control.read_counters(there)["fault"] is None


def test_a_folder_of_attachments_that_went_elsewhere_is_made_anew(mount: Mount) -> None:
    """A client that still knows the folder of a session that another has removed."""
    here, there = mount(2, pace=0)
    key = mint()
    session, other = SessionStore(here).open(key), SessionStore(there).open(key)
    session.attach(b"first", name="a.txt")
    remove(other._replay.log)
    file = session.attach(b"second", name="b.txt")
    assert other.read(file) == b"second"


def test_each_operation_takes_the_time_of_efs(mount: Mount, tmp_path: Path) -> None:
    """A synced write is slower than on the folder beneath, by far more than FUSE itself costs."""
    (here,) = mount(1)

    def seconds(folder: Path) -> float:
        with (folder / "log").open("wb", buffering=0) as file:
            started = time.monotonic()
            for _ in range(TURNS):
                file.write(b"x")
                if folder == here:
                    os.fsync(file.fileno())
            return time.monotonic() - started

    plain, paced = seconds(tmp_path), seconds(here)
    assert control.read_counters(here)["operations"]["WRITE"] == TURNS
    assert paced > TURNS * WRITE_SECONDS
    assert paced > 5 * plain
