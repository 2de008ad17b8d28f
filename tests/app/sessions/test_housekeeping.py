from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import logging
import multiprocessing
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.sessions import Session, SessionStore, digest, garbage, housekeeping, mint
from app.sessions.housekeeping import Done, Housekeeper
from app.sessions.log import Log
from app.sessions.removal import remove

from .dying import killed_before, refused_at
from .helpers import aside, say, texts, tree

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = 86_400.0
AGE = 30 * DAY


@pytest.fixture(autouse=True)
def nothing_noted() -> Iterator[None]:
    """Let no test inherit another's notes."""
    garbage._noted.clear()
    yield
    garbage._noted.clear()


def path_of(store: SessionStore, key: str) -> Path:
    """Return where the log of a key is."""
    name = digest(key)
    return store.root / "sessions" / name[:3] / f"{name}.log"


def made(store: SessionStore, age: float, *words: str) -> str:
    """Make a session that was last used so many seconds ago, and return its key."""
    key = mint()
    say(store.open(key), *(words or ("a",)))
    grow_old(path_of(store, key), age)
    return key


def grow_old(path: Path, age: float) -> None:
    """Stamp something as last changed so many seconds ago."""
    then = time.time() - age
    os.utime(path, (then, then), follow_symlinks=False)


def lease_path(store: SessionStore) -> Path:
    """Return where the lease is."""
    return store.root / "sessions" / ".housekeeping"


def let_time_pass(
    store: SessionStore, *, since_run: float = 600, steady: float = 99 * DAY, cursor: str = ""
) -> None:
    """Make the lease say that the last run was then, and that a walk is due."""
    now = time.time()
    lease = {"at": now - since_run, "steady_since": now - steady, "cursor": cursor}
    lease["cycle_since"] = now - 2 * DAY
    lease_path(store).write_text(json.dumps(lease))


def kept(store: SessionStore, max_age: float = AGE) -> Done:
    """Keep house once."""
    return Housekeeper(store.root, max_age).run()


def exists(store: SessionStore, key: str) -> bool:
    """Tell whether the volume has a session, without using it."""
    return path_of(store, key).exists()


def test_what_nobody_used_for_long_is_removed_with_all_its_files(store: SessionStore) -> None:
    """Log and attachments go, a younger session keeps both."""
    old, young = made(store, AGE + 60), made(store, AGE - 60)
    for key in (old, young):
        blobs = path_of(store, key).with_suffix(".blobs")
        blobs.mkdir()
        (blobs / "0123").write_bytes(b"picture")
        grow_old(blobs, AGE + 60)
    let_time_pass(store)
    assert kept(store).expired == 1
    assert not exists(store, old)
    assert list(path_of(store, old).parent.iterdir()) == []
    assert texts(store.open(young)) == ["a"]
    assert (path_of(store, young).with_suffix(".blobs") / "0123").read_bytes() == b"picture"


def test_attachments_that_no_message_names_are_removed(store: SessionStore) -> None:
    """Of sessions used lately; what is named stays, and so does what was just attached."""
    key = made(store, 60)
    session = store.open(key)
    old, new = (session.attach(each, name="a.txt") for each in (b"old", b"new"))
    named = session.attach(b"named", name="a.txt")
    session.messages.append({"attachments": [named]})
    blobs = path_of(store, key).with_suffix(".blobs")
    for each in (old, named):
        grow_old(blobs / each["sha256"], DAY)
    let_time_pass(store)
    assert kept(store).left_overs == 1
    assert {each.name for each in blobs.iterdir()} == {new["sha256"], named["sha256"]}
    assert session.read(named) == b"named"


def test_looking_is_using(store: SessionStore, caplog: pytest.LogCaptureFixture) -> None:
    """Opening stamps a log, at most once a day and not its content; so it does not expire."""
    key = made(store, AGE + 60)
    data = path_of(store, key).read_bytes()
    session = store.open(key)
    stamp = path_of(store, key).stat().st_mtime_ns
    assert abs(time.time() - stamp / 1e9) < 60
    store.open(key)
    session.refresh()
    assert path_of(store, key).stat().st_mtime_ns == stamp
    assert path_of(store, key).read_bytes() == data
    let_time_pass(store)
    assert kept(store).expired == 0
    assert texts(session) == ["a"]
    assert caplog.text == ""


def test_an_open_page_stamps_once_a_day_whatever_its_clock_says(
    store: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the clock of this replica wrong by 40 days, either way, use is noted, once."""
    for wrong in (-40 * DAY, 40 * DAY):
        key = made(store, AGE - 60)
        with monkeypatch.context() as patch:
            right = time.time()
            patch.setattr(time, "time", lambda at=right + wrong: at)
            session = store.open(key)
            stamp = path_of(store, key).stat().st_mtime_ns
            assert abs(right - stamp / 1e9) < 60
            session.refresh()
            assert path_of(store, key).stat().st_mtime_ns == stamp


def test_a_session_in_use_is_left_alone(store: SessionStore) -> None:
    """Whoever holds the lock is not waited for."""
    key = made(store, AGE + 60)
    let_time_pass(store)
    with path_of(store, key).open("rb+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert kept(store) == Done(looks=2)
    assert texts(store.open(key)) == ["a"]


def test_age_is_judged_again_under_the_lock(store: SessionStore) -> None:
    """A session that was used since its age was read stays."""
    key = made(store, AGE + 60)
    log = Log(store.root, digest(key), key[:8], 1)
    limit = time.time() - AGE
    say(store.open(key), "b")
    assert not remove(log, unused_since=limit)
    assert texts(store.open(key)) == ["a", "b"]


def test_a_writer_that_waited_begins_anew(store: SessionStore) -> None:
    """An append that waits while its session expires is not lost with it."""
    key = made(store, 0)
    session = store.open(key)
    log = Log(store.root, digest(key), key[:8], 1)
    with log.writing():
        writer = threading.Thread(target=say, args=(session, "b"))
        writer.start()
        time.sleep(0.1)
        path_of(store, key).unlink()
    writer.join(10)
    assert texts(session) == texts(store.open(key)) == ["b"]
    assert remove(log)
    assert not store.open(key).exists
    assert session.refresh()
    assert not session.exists
    say(session, "c")
    assert texts(store.open(key)) == ["c"]


@pytest.mark.parametrize("full", [False, True])
def test_a_writer_whose_client_still_sees_what_was_removed_begins_anew(
    store: SessionStore, monkeypatch: pytest.MonkeyPatch, *, full: bool
) -> None:
    """As on NFS, where the name seems unchanged; also where the log could not be added to."""
    key = made(store, 0)
    session, path = store.open(key), path_of(store, key)
    old = path.with_suffix(".old")
    old.hardlink_to(path)

    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        if full:
            patch.setattr(os, "pwrite", no_room)
        assert remove(Log(store.root, digest(key), key[:8], 1))
    stale, real_open, real_current = [True], Log.open, Log.current

    def look_afresh(_: Log) -> bool:
        stale.clear()
        return True

    monkeypatch.setattr(Log, "look_afresh", look_afresh)
    monkeypatch.setattr(
        Log, "open", lambda log: os.open(old, os.O_RDWR) if stale else real_open(log)
    )
    monkeypatch.setattr(
        Log, "current", lambda log, fd: os.fstat(fd) if stale else real_current(log, fd)
    )
    say(session, "b")
    assert texts(session) == texts(store.open(key)) == ["b"]


@pytest.mark.parametrize(
    ("what", "since_run", "steady"),
    [
        ("set back by a minute", -60, 99 * DAY),
        ("set back by a year", -365 * DAY, 99 * DAY),
        ("ahead by eight days", 8 * DAY, 99 * DAY),
        ("ahead by a year", 365 * DAY, 366 * DAY),
        ("steady for a day only", 600, DAY),
        ("steady since some time to come", 600, -DAY),
    ],
)
def test_a_clock_that_jumped_expires_nothing(
    what: str, since_run: float, steady: float, store: SessionStore
) -> None:
    """Time counts only as far as it was seen to pass, so nothing is removed for 30 days."""
    key = made(store, AGE + 60)
    let_time_pass(store, since_run=since_run, steady=steady)
    assert kept(store).expired == 0, what
    if steady != DAY:
        now = json.loads(lease_path(store).read_text())
        assert now["steady_since"] == now["at"] == pytest.approx(time.time(), abs=60)
    assert exists(store, key)
    let_time_pass(store, steady=AGE + 60)
    assert kept(store).expired == 1


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"at": 1}', b"\xff" * 99, b'{"at": "x"}'])
def test_a_lease_that_cannot_be_read_begins_anew(content: bytes, store: SessionStore) -> None:
    """What a crash left of it expires nothing, and the next run knows the time again."""
    made(store, AGE + 60)
    lease_path(store).write_bytes(content)
    assert kept(store) == Done()
    lease = json.loads(lease_path(store).read_text())
    assert lease["at"] == lease["steady_since"] == lease["cycle_since"]


def test_one_replica_at_a_time(store: SessionStore) -> None:
    """While one holds the lease the others do nothing; nor soon after."""
    made(store, AGE + 60)
    let_time_pass(store)
    with lease_path(store).open("rb+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert kept(store) == Done()
    let_time_pass(store, since_run=100)
    assert kept(store) == Done()
    let_time_pass(store)
    assert kept(store).expired == 1
    made(store, AGE + 60)
    assert kept(store) == Done()


def test_replicas_that_come_at_once_do_the_work_once(store: SessionStore) -> None:
    """Four processes keep house at the same moment: each session is removed by one of them."""
    for _ in range(20):
        made(store, AGE + 60)
    let_time_pass(store)
    with multiprocessing.get_context("fork").Pool(4) as pool:
        done = pool.map(kept, [store] * 4, chunksize=1)
    assert sorted(each.expired for each in done) == [0, 0, 0, 20]
    assert {each.failure for each in done} == {""}


def test_walk_goes_on_where_it_ended_and_rests_for_a_day(
    store: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run looks at few files; together they look at each once; then there is nothing to do."""
    keys = [made(store, AGE + 60 if number % 2 else 0) for number in range(40)]
    monkeypatch.setattr(housekeeping, "SLICE", 30)
    let_time_pass(store)
    runs = []
    while True:
        runs.append(kept(store))
        lease = json.loads(lease_path(store).read_text())
        if not lease["cursor"]:
            break
        lease["at"] -= 600
        lease_path(store).write_text(json.dumps(lease))
    assert sum(run.expired for run in runs) == 20
    assert len(runs) > 5
    # A folder is done as a whole, and chance may have put several into one.
    most = max(Counter(path_of(store, key).parent for key in keys).values())
    assert max(run.looks for run in runs) < 30 + 15 * most
    assert [exists(store, key) for key in keys] == [True, False] * 20
    lease["at"] -= 600
    lease_path(store).write_text(json.dumps(lease))
    assert kept(store) == Done()


def test_left_overs_go_by_age(store: SessionStore, path: Path, key: str) -> None:
    """Copies of damaged logs as late as sessions, drafts after a day, attachments without a log."""
    say(store.open(key), "a")
    old = [
        path.with_name(f"{path.name}.damaged-20200101T000000Z-abcdef"),
        path.with_name(f"{path.name}.draft-12345678"),
        path.with_suffix(".blobs.removed-12345678"),
    ]
    old[0].mkdir()
    old[1].write_bytes(b"x")
    old[2].mkdir()
    (old[2] / "picture").write_bytes(b"x")
    old.append(path.with_name(".nfs0000000000a1b2c300000001"))
    old[3].write_bytes(b"x")
    old.append(path.with_suffix(".live-0123456789abcdef"))
    old[4].write_bytes(b"x")
    strange = path.with_name("notes.txt")
    strange.write_text("whose?")
    alone = path_of(store, mint()).with_suffix(".blobs")
    alone.mkdir(parents=True)
    (alone / "picture").write_bytes(b"x")
    for each in (*old, strange, alone):
        grow_old(each, AGE + 60)
    let_time_pass(store)
    # Renamed or written just now, whatever their stamps say: ctime cannot be set.
    assert kept(store) == Done(expired=1, looks=housekeeping._REMOVAL + 10)
    assert not alone.exists()
    assert all(each.exists() for each in old)
    future = time.time() + DAY + 600
    assert kept_at(store, future).left_overs == 4
    assert [each.exists() for each in old] == [True, False, False, False, False]
    assert kept_at(store, time.time() + AGE + 600).left_overs == 1
    assert not old[0].exists()
    assert strange.exists()


def kept_at(store: SessionStore, now: float) -> Done:
    """Keep house, with the volume's clock at another time, long and steadily so."""
    path = lease_path(store)
    times = {"at": now - 600, "steady_since": now - 99 * DAY, "cycle_since": now - 2 * DAY}
    path.write_text(json.dumps(times | {"cursor": ""}))
    real = os.utime

    def stamp(file: int, times: tuple[float, float] | None = None) -> None:
        real(file, times or (now, now))

    os.utime = stamp  # type: ignore[assignment]
    try:
        return kept(store)
    finally:
        os.utime = real


def test_for_ever_is_for_ever(store: SessionStore) -> None:
    """A maximal age of 0 removes nothing and writes nothing."""
    made(store, 999 * DAY)
    before = tree(store.root)
    assert kept(store, 0) == Done()
    assert tree(store.root) == before


def test_an_empty_volume_stays_empty(store: SessionStore) -> None:
    """Before the first session there is no house to keep."""
    assert kept(store) == Done()
    assert tree(store.root) == set()


def test_killed_before_any_file_operation(store: SessionStore) -> None:
    """SIGKILL at every point of an expiry: the young stay whole, and the old go the next time."""
    number, died = 1, True
    while died:
        shutil.rmtree(store.root / "sessions", ignore_errors=True)
        old, young = made(store, AGE + 60), made(store, DAY, "a", "b")
        blobs = path_of(store, old).with_suffix(".blobs")
        blobs.mkdir()
        (blobs / "picture").write_bytes(b"x")
        grow_old(blobs, AGE + 60)
        let_time_pass(store)
        died = killed_before(number, lambda: kept(store))
        session = store.open(young)
        assert texts(session) == ["a", "b"], number
        assert session.notice is None
        assert aside(path_of(store, young)) == []
        kept_at(store, time.time() + AGE + 2 * DAY)
        kept_at(store, time.time() + 2 * AGE)
        assert not [name for name in tree(store.root) if digest(old) in name], number
        number += 1
    assert number > 25


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC, errno.EROFS, errno.ESTALE])
def test_refused_at_any_file_operation(error: int, store: SessionStore) -> None:
    """No refusal raises, or costs a young session; the next walk does what this one could not."""
    number, reached = 1, True
    while reached:
        shutil.rmtree(store.root / "sessions", ignore_errors=True)
        old, young = made(store, AGE + 60), made(store, DAY, "a", "b")
        let_time_pass(store)
        reached = refused_at(number, error, lambda: kept(store))
        assert texts(store.open(young)) == ["a", "b"]
        let_time_pass(store)
        kept(store)
        if exists(store, old):  # its last record made it young
            kept_at(store, time.time() + AGE + DAY)
        assert not exists(store, old), number
        number += 1
    assert number > 20


@pytest.fixture
def small() -> Iterator[SessionStore]:
    """A store on a real volume of 64 KiB."""
    with tempfile.TemporaryDirectory() as root:
        options = ["-t", "tmpfs", "-o", "size=64k,mode=700", "parity-test", root]
        mount = shutil.which("mount")
        if not mount or subprocess.run([mount, *options], check=False).returncode:
            pytest.skip("mounting a tmpfs takes root")
        try:
            yield SessionStore(root)
        finally:
            subprocess.run(["umount", "--lazy", root], check=True)


def test_a_read_only_volume_costs_one_line_and_no_more(
    small: SessionStore, caplog: pytest.LogCaptureFixture
) -> None:
    """While nothing can be written nothing is removed; afterwards it is."""
    key = made(small, AGE + 60)
    let_time_pass(small)
    subprocess.run(["mount", "-o", "remount,ro", small.root], check=True)
    assert kept(small).failure == "Read-only file system (EROFS)"
    assert len(caplog.records) == 1
    assert digest(key) not in caplog.text
    subprocess.run(["mount", "-o", "remount,rw", small.root], check=True)
    assert kept(small).expired == 1


def test_a_full_volume_is_made_room_on(
    small: SessionStore, caplog: pytest.LogCaptureFixture
) -> None:
    """Removing works where not a byte can be added, not even a log's last record."""
    page = 4096
    key = made(small, AGE + 60, "x" * (page - len('{"text":""}') - 24 - 16))
    assert path_of(small, key).stat().st_size == page
    let_time_pass(small)
    with contextlib.suppress(OSError), (small.root / "ballast").open("wb", buffering=0) as file:
        while file.write(bytes(page)):
            pass
    with path_of(small, key).open("ab", buffering=0) as log, pytest.raises(OSError, match="space"):
        log.write(b"x")
    grow_old(path_of(small, key), AGE + 60)
    assert kept(small).expired == 1
    assert not exists(small, key)
    assert caplog.text == ""


def test_one_that_cannot_be_removed_does_not_hold_up_the_rest(
    store: SessionStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure ends the slice, with one line; the next run goes on behind it."""
    keys = sorted((made(store, AGE + 60) for _ in range(3)), key=digest)
    bad = path_of(store, keys[0])
    real = os.unlink

    def refuse(path: Path, **options: int) -> None:
        if Path(path) == bad:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(path, **options)

    monkeypatch.setattr(os, "unlink", refuse)
    let_time_pass(store)
    with caplog.at_level(logging.WARNING, logger="app.sessions.housekeeping"):
        assert "Input/output error" in kept(store).failure
    mine = [each for each in caplog.records if each.name == "app.sessions.housekeeping"]
    assert len(mine) == 1
    lease = json.loads(lease_path(store).read_text())
    assert lease["cursor"] == bad.parent.name
    lease["at"] -= 600
    lease_path(store).write_text(json.dumps(lease))
    # Behind the whole folder; chance may have put another of them there.
    assert kept(store).expired == sum(path_of(store, key).parent != bad.parent for key in keys)
    assert [exists(store, key) for key in keys] == [True, False, False]


def test_a_session_that_said_nothing_since_it_expired_is_simply_new(
    store: SessionStore,
) -> None:
    """A page that is open while its session goes sees an empty one, and may start over."""
    key = made(store, AGE + 60)
    session: Session = store.open(key)
    grow_old(path_of(store, key), AGE + 60)
    let_time_pass(store)
    assert kept(store).expired == 1
    assert session.refresh()
    assert not session.exists
    say(session, "again")
    assert texts(store.open(key)) == ["again"]
