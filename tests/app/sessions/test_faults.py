import contextlib
import errno
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.sessions import Session, SessionStore, StoreUnavailable, VolumeFull, files, mint

from .helpers import flipped, say, texts, tree


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SessionStore]:
    """A store on a real volume of 64 KiB."""
    root = tmp_path / "small"
    root.mkdir()
    mount = shutil.which("mount")
    options = "size=64k,mode=700"
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", options, "parity-test", root], check=False, capture_output=True
    )
    if not made or made.returncode:
        pytest.skip("mounting a tmpfs takes root")
    try:
        yield SessionStore(root)
    finally:
        subprocess.run(["umount", "--lazy", root], check=True)


@contextlib.contextmanager
def file_size_limit(limit: int) -> Iterator[None]:
    """Let no file of this process grow beyond `limit`: the system writes short, then EFBIG."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def unchanged(session: Session, path: Path, data: bytes) -> None:
    """Assert that a failed append left neither the file nor the session different."""
    assert path.read_bytes() == data
    assert texts(session) == ["a"]
    assert session.notice is None
    assert not session.refresh()


def test_a_full_volume_loses_nothing_and_recovers(small: SessionStore, key: str) -> None:
    """On a volume without room an append fails with a sentence; with room again it works."""
    session = small.open(key)
    say(session, "a")
    ballast = small.root / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    with pytest.raises(VolumeFull, match="storage for conversations is full"):
        say(session, "x" * 10_000)
    assert texts(session) == texts(small.open(key)) == ["a"]
    with pytest.raises(VolumeFull):
        small.open(mint()).messages.append({"text": "y" * 10_000})
    with pytest.raises(StoreUnavailable, match="ENOSPC"):
        small.check_writable()
    ballast.unlink()
    small.check_writable()
    say(session, "b")
    assert texts(small.open(key)) == ["a", "b"]


def test_a_read_only_volume_is_read_and_refuses_clearly(small: SessionStore, key: str) -> None:
    """Conversations are still shown; saving fails with a sentence and works once it may."""
    session = small.open(key)
    say(session, "a")
    subprocess.run(["mount", "-o", "remount,ro", small.root], check=True)
    with pytest.raises(StoreUnavailable, match="cannot be saved right now"):
        say(session, "b")
    assert texts(session) == texts(small.open(key)) == ["a"]
    with pytest.raises(StoreUnavailable, match=r"EROFS.*reading and writing"):
        small.check_writable()
    subprocess.run(["mount", "-o", "remount,rw", small.root], check=True)
    say(session, "b")
    assert texts(small.open(key)) == ["a", "b"]


def test_damage_on_a_read_only_volume_is_shown_up_to_it(small: SessionStore, key: str) -> None:
    """Where nothing can be set aside, what is before the damage is served, with a notice."""
    say(small.open(key), "a", "b")
    (path,) = small.root.rglob("*.log")
    damaged = flipped(path.read_bytes(), -1, 0)
    path.write_bytes(damaged)
    subprocess.run(["mount", "-o", "remount,ro", small.root], check=True)
    session = small.open(key)
    assert texts(session) == ["a"]
    assert session.notice is not None
    assert path.read_bytes() == damaged


def test_a_short_write_is_rolled_back(store: SessionStore, key: str, path: Path) -> None:
    """Wherever in the frame the system stops taking bytes, the log is as it was before."""
    session = store.open(key)
    say(session, "a")
    data = path.read_bytes()
    for room in range(33):
        with file_size_limit(len(data) + room), pytest.raises(VolumeFull):
            say(session, "does not fit")
        unchanged(session, path, data)
    say(session, "b")
    assert texts(store.open(key)) == ["a", "b"]


def test_a_short_write_of_the_first_record_leaves_no_session(
    store: SessionStore, key: str, path: Path
) -> None:
    """A session whose first message could not be saved does not exist, and can be begun again."""
    session = store.open(key)
    with file_size_limit(30), pytest.raises(VolumeFull):
        say(session, "a")
    assert not session.exists
    assert path.stat().st_size == 0
    assert not store.open(key).exists
    say(session, "a")
    assert texts(store.open(key)) == ["a"]


def test_a_frame_taken_in_pieces_arrives_whole(
    store: SessionStore, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A system that writes and reads three bytes at a time is only slower."""
    write, read = os.pwrite, os.pread
    monkeypatch.setattr(os, "pwrite", lambda fd, data, at: write(fd, data[:3], at))
    monkeypatch.setattr(os, "pread", lambda fd, size, at: read(fd, min(size, 3), at))
    session = store.open(key)
    say(session, "one", "two")
    assert texts(store.open(key)) == ["one", "two"]


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.ESTALE])
def test_a_failing_sync_is_no_acknowledgement(
    number: int, store: SessionStore, key: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be made durable is taken back, in the file and in memory."""
    session = store.open(key)
    say(session, "a")
    data = path.read_bytes()

    def fail(_: int) -> None:
        raise OSError(number, os.strerror(number))

    full = number in {errno.ENOSPC, errno.EDQUOT}
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(StoreUnavailable, match="Nothing saved before is affected") as failure:
            say(session, "lost")
        with pytest.raises(StoreUnavailable):
            session.settings["model"] = "lost"
        with pytest.raises(StoreUnavailable):
            session.reset()
    assert isinstance(failure.value, VolumeFull) == full
    assert key not in str(failure.value)
    assert str(path) not in str(failure.value)
    unchanged(session, path, data)
    assert dict(session.settings) == {}
    say(session, "b")
    assert texts(store.open(key)) == ["a", "b"]


def test_an_interrupted_append_is_rolled_back(
    store: SessionStore, key: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception that is no OSError, such as KeyboardInterrupt, leaves the log as it was."""
    session = store.open(key)
    say(session, "a")
    data = path.read_bytes()
    sync = os.fsync
    calls = iter([True])

    def interrupt(fd: int) -> None:
        if next(calls, False):
            raise KeyboardInterrupt
        sync(fd)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", interrupt)
        with pytest.raises(KeyboardInterrupt):
            say(session, "lost")
    unchanged(session, path, data)


def test_a_rollback_that_fails_leaves_a_tail_that_is_cut_later(
    store: SessionStore, key: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the volume refuses even to shorten the file, the next append does it."""
    session = store.open(key)
    say(session, "a")
    size = path.stat().st_size

    def fail(*_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(os, "ftruncate", fail)
        with file_size_limit(size + 20), pytest.raises(VolumeFull):
            say(session, "does not fit")
    assert path.stat().st_size == size + 20
    assert texts(store.open(key)) == ["a"]
    say(session, "b")
    assert texts(store.open(key)) == ["a", "b"]
    assert session.notice is None


def left_whole(session: Session, text: str) -> None:
    """Append what the volume takes, but refuses to make durable, and to take back."""
    sync = os.fsync

    def fail(fd: int, *_: int) -> None:
        if files.is_regular(fd):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        sync(fd)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        patch.setattr(os, "ftruncate", fail)
        with pytest.raises(StoreUnavailable):
            say(session, text)


@pytest.mark.parametrize("said", [[], ["a"]])
def test_what_could_not_even_be_taken_back_is_not_said_twice(
    said: list[str], store: SessionStore, key: str
) -> None:
    """Who tries again, with the same or something else, finds it cut; the first record, too."""
    session = store.open(key)
    say(session, *said)
    for text in ("again", "else"):
        before = texts(session)
        left_whole(session, "again")
        assert texts(session) == before
        assert texts(store.open(key)) == [*before, "again"], "it is whole, for all that can be told"
        say(session, text)
        assert texts(session) == texts(store.open(key)) == [*before, text]
    assert session.notice is None


def test_what_could_not_be_taken_back_stays_once_it_was_seen_or_added_to(
    store: SessionStore, key: str
) -> None:
    """A user who saw it in the conversation does not lose it, nor does an answer its question."""
    session = store.open(key)
    say(session, "a")
    left_whole(session, "b")
    say(store.open(key), "of another replica")
    say(session, "c")
    left_whole(session, "d")
    assert session.refresh()
    say(session, "e")
    expected = ["a", "b", "of another replica", "c", "d", "e"]
    assert texts(session) == texts(store.open(key)) == expected


def test_a_missing_volume_is_not_an_empty_one(tmp_path: Path, key: str) -> None:
    """Nothing is made where no volume is mounted, and the error says what to do."""
    store = SessionStore(tmp_path / "missing")
    expected = rf"/missing .* uid {os.getuid()}: .*ENOENT.*Mount the volume"
    with pytest.raises(StoreUnavailable, match=expected):
        store.check_writable()
    with pytest.raises(StoreUnavailable):
        store.open(key)
    assert tree(tmp_path) == set()


def test_a_volume_that_vanishes_does_not_empty_a_session(store: SessionStore, key: str) -> None:
    """An unmounted volume leaves its empty mount point: that is an error, not a wiped session."""
    session = store.open(key)
    say(session, "a")
    away = store.root.with_name("away")
    (store.root / "sessions").rename(away)
    with pytest.raises(StoreUnavailable):
        session.refresh()
    assert texts(session) == ["a"]
    away.rename(store.root / "sessions")
    assert not session.refresh()


@pytest.mark.parametrize("depth", range(3))
def test_a_file_in_place_of_a_folder_is_an_error_and_stays(
    depth: int, store: SessionStore, key: str, path: Path
) -> None:
    """Whichever folder is a file, nothing of it is touched and one sentence says that it fails."""
    blocker = [*reversed(path.relative_to(store.root).parents)][depth]
    blocked = store.root / blocker
    if depth == 0:
        store.root.rmdir()
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_text("in the way")
    with pytest.raises(StoreUnavailable):
        store.open(key)
    if depth < 2:
        with pytest.raises(StoreUnavailable, match="ENOTDIR"):
            store.check_writable()
    assert blocked.read_text() == "in the way"


def test_another_user_s_volume_is_refused_with_the_cure(key: str) -> None:
    """A volume owned by somebody else names path, uid and the chown that helps."""
    if os.getuid():
        pytest.skip("becoming another user takes root")
    program = """
import os, sys
from app.sessions import SessionStore, StoreUnavailable
os.setgid(12345)
os.setuid(12345)
store = SessionStore(sys.argv[1])
for attempt in (store.check_writable, lambda: store.open(sys.argv[2])):
    try:
        attempt()
    except StoreUnavailable as error:
        print(error)
"""
    with tempfile.TemporaryDirectory() as root:
        Path(root).chmod(0o755)
        say(SessionStore(root).open(key), "a")
        done = subprocess.run(
            [sys.executable, "-c", program, root, key],
            cwd=Path(__file__).parents[3],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    reason = "Permission denied (EACCES)"
    cure = "Give it to that user: chown -R 12345:12345 on the volume."
    comfort = "Nothing saved before is affected; try again in a moment."
    assert done.stdout.splitlines() == [
        f"The session volume {root} cannot be written by uid 12345: {reason}. {cure}",
        f"This conversation cannot be read right now (Permission denied). {comfort}",
    ]


def test_checking_leaves_nothing_behind(store: SessionStore) -> None:
    """The check really writes, and cleans up after itself."""
    store.check_writable()
    store.check_writable()
    assert tree(store.root) == {"sessions"}
