"""What a client believes, and when it asks: on a clock that the test moves."""

from __future__ import annotations

import errno
import os
import time
from typing import TYPE_CHECKING

import pytest

from parity.efs.figures import DIRTY_BYTES, FILE_SECONDS, FOLDER_SECONDS, TRANSFER_BYTES
from parity.efs.server import TICK_NS
from tests.efs.conftest import Host

if TYPE_CHECKING:
    from pathlib import Path

    from tests.efs.conftest import Clock


def settle(*files: Path) -> None:
    """Wait until what the files look like is older than a tick of the kernel's clock."""
    newest = max(file.stat().st_ctime_ns for file in files)
    while time.time_ns() - newest <= TICK_NS:
        time.sleep(0.001)


def test_open_sees_what_was_closed_elsewhere(hosts: tuple[Host, Host]) -> None:
    """Close-to-open: the reader that opens after the writer has closed sees all of it, at once."""
    here, there = hosts
    here.write("log", b"first")
    assert there.read("log") == b"first"
    here.write("log", b"other")
    assert there.read("log") == b"other", "although it is as long as before"


def test_what_was_not_synced_is_not_seen(hosts: tuple[Host, Host], tmp_path: Path) -> None:
    """Written bytes stay with the client until close, fsync, stat or a lock."""
    here, there = hosts
    handle = here.client.open("log", os.O_WRONLY | os.O_CREAT, 0o600)
    here.client.write(handle, b"unsaved", 0)
    assert there.read("log") == b""
    assert (tmp_path / "log").read_bytes() == b""
    here.client.write_back(handle.node)
    assert there.read("log") == b"unsaved"


def test_the_writer_sees_its_own_unsaved_bytes(hosts: tuple[Host, Host]) -> None:
    """Laid over what the server has, with zeros in the gap."""
    here, _ = hosts
    here.write("log", b"abcdef")
    handle = here.client.open("log", os.O_RDWR)
    here.client.write(handle, b"XY", 2)
    here.client.write(handle, b"Z", 9)
    assert here.client.read(handle, 100, 0) == b"abXYef\0\0\0Z"
    assert here.client.read(handle, 3, 8) == b"\0Z"


def test_an_open_file_is_refreshed_by_time_only(hosts: tuple[Host, Host], clock: Clock) -> None:
    """A reader that keeps its file open is behind until the attributes are no longer believed."""
    here, there = hosts
    here.write("log", b"one")
    handle = there.client.open("log", os.O_RDONLY)
    assert there.client.read(handle, 100, 0) == b"one"
    here.write("log", b"one, two")
    clock.wait(FILE_SECONDS[0] - 0.1)
    assert there.client.read(handle, 100, 0) == b"one"
    clock.wait(0.2)
    assert there.client.read(handle, 100, 0) == b"one, two"


def test_a_lock_refreshes(hosts: tuple[Host, Host]) -> None:
    """Who has taken a lock sees what the holder before has written, in an open file, too."""
    here, there = hosts
    here.write("log", b"one")
    handle = there.client.open("log", os.O_RDWR)
    assert there.client.read(handle, 100, 0) == b"one"
    here.write("log", b"one, two")
    assert there.client.read(handle, 100, 0) == b"one"
    there.client.after_lock(handle.node)
    assert there.client.read(handle, 100, 0) == b"one, two"


def test_attributes_are_believed_for_longer_and_longer(
    hosts: tuple[Host, Host], clock: Clock, tmp_path: Path
) -> None:
    """From 3 s to 60 s while nothing changes; from 3 s again after a change."""
    here, _ = hosts
    here.write("log", b"one")
    settle(tmp_path / "log")
    clock.wait(FOLDER_SECONDS[1])
    handle = here.client.open("log", os.O_RDONLY)
    believed = []
    for _ in range(6):
        waited = 0
        here.asked()
        while "GETATTR" not in here.asked():
            clock.wait(1)
            waited += 1
            here.client.stat("log", handle)
            assert waited < 100
        believed.append(waited)
    assert believed[0] < believed[1] < believed[2] < believed[3]
    assert believed[-1] == FILE_SECONDS[1]


def test_absence_is_believed_until_the_folder_is_asked(
    hosts: tuple[Host, Host], clock: Clock
) -> None:
    """A name that was looked for too early stays missing, for open as for stat; not for create."""
    here, there = hosts
    with pytest.raises(FileNotFoundError):
        there.read("log")
    here.write("log", b"news")
    there.asked()
    for _ in range(3):
        with pytest.raises(FileNotFoundError):
            there.read("log")
        with pytest.raises(FileNotFoundError):
            there.client.stat("log")
    assert there.asked() == {}, "nobody was asked"
    clock.wait(FOLDER_SECONDS[0])
    assert there.read("log") == b"news"


def test_create_asks_in_any_case(hosts: tuple[Host, Host]) -> None:
    """Creating exclusively is the server's to decide, whatever is believed."""
    here, there = hosts
    with pytest.raises(FileNotFoundError):
        there.client.stat("log")
    here.write("log", b"mine")
    with pytest.raises(FileExistsError):
        there.client.open("log", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    assert there.read("log") == b"mine", "and the name is known from then on"


def test_a_replaced_file_is_found_by_open(hosts: tuple[Host, Host]) -> None:
    """Rename is atomic at the server, and open goes by name."""
    here, there = hosts
    here.write("log", b"old")
    assert there.read("log") == b"old"
    here.write("new", b"new")
    here.client.rename("new", "log")
    assert there.read("log") == b"new"


def test_a_name_that_another_client_moved_is_believed(
    hosts: tuple[Host, Host], clock: Clock
) -> None:
    """By its old name, too, the file answers: it is asked for by its handle, not by that name."""
    here, there = hosts
    here.write("next", b"new")
    number = there.client.stat("next")[0].st_ino
    here.client.rename("next", "log")
    clock.wait(FILE_SECONDS[0])
    assert there.client.stat("next")[0].st_ino == number
    assert there.asked()["GETATTR"] == 1
    there.client.open_folder("")
    with pytest.raises(FileNotFoundError):
        there.client.stat("next")
    assert there.client.stat("log")[0].st_ino == number


def test_a_file_removed_elsewhere_can_still_be_written_to(
    hosts: tuple[Host, Host], clock: Clock
) -> None:
    """As long as it is open; that nobody will ever read it is not said."""
    here, there = hosts
    here.write("log", b"old")
    handle = there.client.open("log", os.O_RDWR)
    here.client.change("log", lambda: here.client.server.unlink("log"))
    clock.wait(FILE_SECONDS[1])
    there.client.write(handle, b" and gone", 3)
    there.client.write_back(handle.node)
    assert there.client.read(handle, 20, 0) == b"old and gone"
    assert there.client.stat("log", handle)[0].st_nlink == 0
    with pytest.raises(FileNotFoundError):
        here.read("log")


def test_a_file_removed_elsewhere_is_stale_where_the_server_forgets_it(
    hosts: tuple[Host, Host], clock: Clock, tmp_path: Path
) -> None:
    """Then the server knows no handle of what is gone."""
    here, there = hosts[0], Host(tmp_path, clock, keeps_unlinked=False)
    here.write("log", b"old")
    handle = there.client.open("log", os.O_RDWR)
    here.client.change("log", lambda: here.client.server.unlink("log"))
    clock.wait(FILE_SECONDS[1])
    with pytest.raises(OSError, match="Stale") as caught:
        there.client.read(handle, 10, 0)
    assert caught.value.errno == errno.ESTALE


def test_appends_of_two_clients_overlap(hosts: tuple[Host, Host], tmp_path: Path) -> None:
    """O_APPEND is the client's own reckoning, from the length that it believes."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    handles = [(host, host.client.open("log", flags, 0o600)) for host in hosts]
    for name, (host, handle) in zip((b"aaa\n", b"b\n"), handles, strict=True):
        host.client.write(handle, name, 0)
        host.client.write_back(handle.node)
    assert (tmp_path / "log").read_bytes() == b"b\na\n"


def test_an_append_after_a_lock_is_at_the_end(hosts: tuple[Host, Host], tmp_path: Path) -> None:
    """That is what locks are for."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    handles = [(host, host.client.open("log", flags, 0o600)) for host in hosts]
    for name, (host, handle) in zip((b"aaa\n", b"b\n"), handles, strict=True):
        host.client.after_lock(handle.node)
        host.client.write(handle, name, 0)
        host.client.write_back(handle.node)
    assert (tmp_path / "log").read_bytes() == b"aaa\nb\n"


def test_what_is_known_costs_nothing(hosts: tuple[Host, Host], tmp_path: Path) -> None:
    """A small write with its sync is one WRITE; reading what is here asks nobody."""
    here, _ = hosts
    here.write("log", b"x" * 100)
    settle(tmp_path / "log")
    here.read("log")
    here.asked()
    handle = here.client.open("log", os.O_RDWR)
    assert here.asked() == {"OPEN": 1}
    assert here.client.read(handle, 100, 0) == b"x" * 100
    here.client.write(handle, b"y", 100)
    assert here.asked() == {}
    here.client.write_back(handle.node)
    here.client.write_back(handle.node)
    assert here.asked() == {"WRITE": 1}
    assert here.client.read(handle, 200, 0) == b"x" * 100 + b"y"
    assert here.asked() == {}


def test_an_unknown_name_is_opened_by_one_round_trip(hosts: tuple[Host, Host]) -> None:
    """No name is looked up first, unless somebody asked for it before; nor to create it."""
    here, there = hosts
    here.write("log", b"x")
    assert here.asked() == {"CREATE": 1, "WRITE": 1, "CLOSE": 1}
    there.client.open("log", os.O_RDONLY)
    assert there.asked() == {"OPEN": 1}
    here.write("other", b"x")
    there.client.stat("other")
    there.client.stat("other")
    there.client.open("other", os.O_RDONLY)
    assert there.asked() == {"LOOKUP": 1, "OPEN": 1}


def test_large_files_travel_in_large_pieces(hosts: tuple[Host, Host]) -> None:
    """1 MiB at most; several writes need a COMMIT."""
    here, there = hosts
    data = os.urandom(2 * TRANSFER_BYTES + 1)
    here.write("blob", data)
    assert (here.asked()["WRITE"], here.wire.bytes["written"]) == (3, len(data))
    handle = there.client.open("blob", os.O_RDONLY)
    step = 128 * 1024  # as much as the kernel asks for at a time
    parts = [there.client.read(handle, step, at) for at in range(0, len(data), step)]
    assert b"".join(parts) == data
    assert there.asked()["READ"] == 3


def test_too_much_to_write_is_written_early(hosts: tuple[Host, Host], tmp_path: Path) -> None:
    """The kernel does not keep any amount for the time of fsync."""
    here, _ = hosts
    handle = here.client.open("blob", os.O_WRONLY | os.O_CREAT, 0o600)
    here.client.write(handle, b"z" * DIRTY_BYTES, 0)
    assert (tmp_path / "blob").stat().st_size == DIRTY_BYTES


def test_what_waits_too_long_is_written(
    hosts: tuple[Host, Host], clock: Clock, tmp_path: Path
) -> None:
    """As the kernel does by itself after half a minute."""
    here, _ = hosts
    handle = here.client.open("log", os.O_WRONLY | os.O_CREAT, 0o600)
    here.client.write(handle, b"late", 0)
    here.client.write_back_old(clock.now)
    assert (tmp_path / "log").read_bytes() == b""
    clock.wait(1)
    here.client.write_back_old(clock.now)
    assert (tmp_path / "log").read_bytes() == b"late"


def test_opening_a_folder_refreshes_its_names(hosts: tuple[Host, Host]) -> None:
    """Close-to-open for folders: what was believed to be missing is found after that."""
    here, there = hosts
    with pytest.raises(FileNotFoundError):
        there.read("log")
    here.write("log", b"news")
    with pytest.raises(FileNotFoundError):
        there.read("log")
    there.client.open_folder("")
    assert there.client.list("") == ["log"]
    assert there.read("log") == b"news"


def test_an_unchanged_folder_is_listed_once(hosts: tuple[Host, Host], tmp_path: Path) -> None:
    """Opening it asks whether it has changed; if not, its names are here."""
    here, there = hosts
    here.write("a", b"")
    settle(tmp_path / "a", tmp_path)
    there.client.open_folder("")
    assert there.client.list("") == ["a"]
    there.asked()
    there.client.open_folder("")
    assert there.client.list("") == ["a"]
    assert there.asked() == {"GETATTR": 1}
    here.write("b", b"")
    there.client.open_folder("")
    assert sorted(there.client.list("")) == ["a", "b"]


def test_truncation_is_seen_at_once_here(hosts: tuple[Host, Host], tmp_path: Path) -> None:
    """And goes to the server without waiting."""
    here, _ = hosts
    here.write("log", b"abcdef")
    handle = here.client.open("log", os.O_RDWR)
    assert here.client.read(handle, 9, 0) == b"abcdef"
    here.client.truncate("log", 2, handle)
    here.client.write(handle, b"Z", 4)
    assert here.client.read(handle, 9, 0) == b"ab\0\0Z"
    here.client.write_back(handle.node)
    assert (tmp_path / "log").read_bytes() == b"ab\0\0Z"
