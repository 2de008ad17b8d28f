"""What is used stays and what is not goes, whichever replica looks after it."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from streamlit.runtime.media_file_storage import MediaFileKind, MediaFileStorageError

from app.shared_files import media, owners, uploads
from app.shared_files import upkeep as upkeep_module
from app.shared_files.kept import About, Files
from app.shared_files.media import SharedMedia
from app.shared_files.upkeep import RELEASED_SECONDS, SWEEP_SECONDS, UNUSED_SECONDS, Upkeep

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

USED, UNUSED = "aa" * 32, "bb" * 32


class Replica:
    """One replica's upkeep, and what its sessions use."""

    def __init__(self, root: Path) -> None:
        self.uploads, self.media = uploads.files_of(root), media.files_of(root)
        self.uses: set[str] = set()
        self.upkeep = Upkeep(self.uploads, self.media)
        self.upkeep.watch(lambda: self.uses, lambda: self.uses)

    def do_tasks(self) -> None:
        """Do what was handed to its thread."""
        while not self.upkeep._tasks.empty():
            self.upkeep._tasks.get()()


@pytest.fixture
def replica(tmp_path: Path) -> Replica:
    """Give the one replica of a new volume."""
    return Replica(tmp_path)


@pytest.fixture
def other(tmp_path: Path) -> Replica:
    """Give another one of the same volume."""
    return Replica(tmp_path)


def keep(folder: Files, file_id: str, age: float = 0.0, owner: str = "owner") -> None:
    """Put a file there that was last used so long ago."""
    draft = folder.draft()
    draft.write(b"a")
    draft.keep(file_id, About("a", "a/b", "upload", "session", owner))
    at = time.time() - age
    os.utime(folder.folder / file_id, (at, at))


def swept(folder: Files, ago: float) -> None:
    """Let the last sweep be so long ago."""
    folder.folder.mkdir(exist_ok=True)
    (folder.folder / ".swept").touch()
    at = time.time() - ago
    os.utime(folder.folder / ".swept", (at, at))


def names(folder: Files) -> set[str]:
    """Return the files of a folder."""
    return {each.name for each in folder.folder.iterdir() if not each.name.startswith(".")}


@pytest.mark.parametrize("kind", ["uploads", "media"])
def test_what_nobody_used_for_a_day_is_swept(replica: Replica, kind: str) -> None:
    """What was, or is touched because a session uses it, stays; so does what is nobody's."""
    folder: Files = getattr(replica, kind)
    keep(folder, UNUSED, UNUSED_SECONDS + 60)
    keep(folder, USED, UNUSED_SECONDS + 60)
    keep(folder, "cc" * 32, UNUSED_SECONDS - 60)
    (folder.folder / "notes").touch()
    os.utime(folder.folder / "notes", (1, 1))
    for left in (".part-a", ".gone-b"):
        (folder.folder / left).touch()
        os.utime(folder.folder / left, (1, 1))
    swept(folder, SWEEP_SECONDS + 60)
    replica.uses = {USED}
    replica.upkeep.run()
    assert names(folder) == {USED, "cc" * 32, "notes"}
    assert {each.name for each in folder.folder.iterdir()} >= {".clock", ".swept"}
    assert not list(folder.folder.glob(".part-*")) + list(folder.folder.glob(".gone-*"))


@pytest.mark.parametrize(
    ("ago", "sweeps"),
    [(60.0, False), (SWEEP_SECONDS + 60, True), (50 * SWEEP_SECONDS, False), (-9999.0, False)],
    ids=["just now", "due", "long ago: had the clock been set?", "in the future"],
)
def test_sweep_is_made_once_an_hour_where_clocks_can_be_trusted(
    replica: Replica, other: Replica, ago: float, *, sweeps: bool
) -> None:
    """By whoever comes first; after a gap the next one is an hour later."""
    keep(replica.uploads, UNUSED, UNUSED_SECONDS + 60)
    swept(replica.uploads, ago)
    replica.upkeep.run()
    assert (UNUSED not in names(replica.uploads)) is sweeps
    keep(replica.uploads, UNUSED, UNUSED_SECONDS + 60)
    other.upkeep.run()
    assert UNUSED in names(replica.uploads)


def test_first_sweep_only_notes_the_time(replica: Replica) -> None:
    """A volume that is restored from a backup has old files on it."""
    keep(replica.media, UNUSED, 1e6)
    replica.upkeep.run()
    assert names(replica.media) == {UNUSED}
    assert (replica.media.folder / ".swept").exists()


def test_volume_without_files_stays_without_folders(replica: Replica, tmp_path: Path) -> None:
    """They come with the first file."""
    replica.upkeep.run()
    assert list(tmp_path.iterdir()) == []


def test_released_medium_goes_unless_somebody_else_shows_it(
    replica: Replica, other: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while, for the page may come back, and on another replica."""
    for each in (USED, UNUSED):
        keep(replica.media, each, 10)
        replica.upkeep.release(each)
    replica.do_tasks()
    replica.upkeep.run()
    assert names(replica.media) == {USED, UNUSED}
    later = time.monotonic() + RELEASED_SECONDS + 60
    monkeypatch.setattr(time, "monotonic", lambda: later)
    for each in (USED, UNUSED):  # the volume's clock cannot be moved: what lies there is older
        at = time.time() - 9999
        os.utime(replica.media.folder / each, (at, at))
    other.uses = {USED}
    other.upkeep.run()
    replica.upkeep.run()
    assert names(replica.media) == {USED}


def test_medium_that_is_shown_again_is_not_released(
    replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the replica that had let go of it."""
    keep(replica.media, USED)
    replica.upkeep.release(USED)
    replica.do_tasks()
    later = time.monotonic() + RELEASED_SECONDS + 60
    monkeypatch.setattr(time, "monotonic", lambda: later)
    replica.uses = {USED}
    replica.upkeep.run()
    os.utime(replica.media.folder / USED, (1, 1))
    replica.uses = set()
    replica.upkeep.run()
    assert names(replica.media) == {USED}


def test_ended_session_takes_what_only_it_could_have(tmp_path: Path, replica: Replica) -> None:
    """What has an owner is left to the sweep: its browser may have gone to another replica."""
    shared = uploads.SharedUploads(tmp_path, replica.upkeep)
    theirs, mine = (shared.get_upload_urls("session", ["a"])[0].file_id for _ in range(2))
    keep(replica.uploads, theirs)
    keep(replica.uploads, mine, owner="")
    assert shared.in_use() == {theirs, mine}
    shared.remove_session_files("session")
    assert (shared.in_use(), names(replica.uploads)) == (set(), {theirs, mine})  # did not wait
    replica.do_tasks()
    assert names(replica.uploads) == {theirs}
    shared.remove_session_files("unknown")


def test_volume_that_fails_does_not_end_the_upkeep(
    replica: Replica, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told, and tried again."""
    monkeypatch.setattr(upkeep_module, "TOUCH_SECONDS", 0.01)
    replica.uploads.folder.write_text("no folder")
    swept(replica.media, SWEEP_SECONDS + 60)
    keep(replica.media, UNUSED, UNUSED_SECONDS + 60)
    replica.uses = {USED}  # not to be touched: the first runs fail
    replica.upkeep.start()
    until(lambda: "tried again later" in caplog.text)
    assert UNUSED in names(replica.media)
    replica.uploads.folder.unlink()
    until(lambda: UNUSED not in names(replica.media))
    monkeypatch.setattr(upkeep_module, "TOUCH_SECONDS", 1e6)


def until(true: Callable[[], bool]) -> None:
    """Wait for something, not for ever."""
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# The storage of media, outside of any server


@pytest.fixture
def storage(tmp_path: Path, replica: Replica, monkeypatch: pytest.MonkeyPatch) -> SharedMedia:
    """Give one whose session has an owner."""
    monkeypatch.setitem(owners._known, "session", "owner")
    return SharedMedia(tmp_path, replica.upkeep)


def show(storage: SharedMedia, data: str | bytes, name: str | None = None) -> str:
    """Store a medium of the session."""
    return storage.store(data, "image/png", MediaFileKind.MEDIA, name, "session")


def test_path_and_its_bytes_are_one_medium(storage: SharedMedia, tmp_path: Path) -> None:
    """A file of the app is read in pieces, and not into memory."""
    path, data = tmp_path / "a.png", os.urandom(3_000_000)
    path.write_bytes(data)
    assert show(storage, str(path)) == show(storage, data)
    file = storage._files.open(media.without_ending(show(storage, data)))
    assert file is not None
    with file:
        assert file.read() == data
    with pytest.raises(MediaFileStorageError, match="No such file"):
        show(storage, str(tmp_path / "missing.png"))


def test_every_byte_of_a_large_medium_counts(storage: SharedMedia) -> None:
    """Streamlit's own storage looks at three samples of what is larger than 1 MiB."""
    data = bytearray(3_000_000)
    first = show(storage, bytes(data))
    data[700_000] = 1
    assert show(storage, bytes(data)) != first


def test_medium_is_written_once_and_again_only_when_it_is_gone(
    storage: SharedMedia, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A minute after it was last seen, it is looked for."""
    path = replica.media.folder / media.without_ending(show(storage, b"a"))
    inode = path.stat().st_ino
    show(storage, b"a")
    assert path.stat().st_ino == inode
    path.unlink()
    show(storage, b"a")
    assert not path.exists()
    later = time.monotonic() + media.CONFIRMED_SECONDS + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    show(storage, b"a")
    assert path.exists()


def test_released_medium_is_looked_for_when_it_is_shown_again(
    storage: SharedMedia, replica: Replica
) -> None:
    """Upkeep may have removed it."""
    shown = show(storage, b"a")
    storage.delete_file(shown)
    (replica.media.folder / media.without_ending(shown)).unlink()
    assert show(storage, b"a") == shown
    assert names(replica.media) == {media.without_ending(shown)}


def test_volume_that_refuses_a_medium_is_told_to_the_script(
    storage: SharedMedia, replica: Replica
) -> None:
    """With the system's word for it; nothing is remembered as stored."""
    replica.media.folder.write_text("no folder")
    with pytest.raises(MediaFileStorageError, match="Not a directory") as caught:
        show(storage, b"a")
    assert isinstance(caught.value.__cause__, OSError)
    replica.media.folder.unlink()
    show(storage, b"a")
    assert len(names(replica.media)) == 1


def test_address_ends_as_its_type_does(storage: SharedMedia) -> None:
    """And what is no id has none."""
    assert storage.get_url(show(storage, b"a")).endswith(".png")
    with pytest.raises(MediaFileStorageError):
        storage.get_url("../../etc/passwd")
