"""A log's successor takes its place in steps, between any two of which others look, or it dies."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.sessions import SessionStore, digest, files, garbage
from app.sessions.command import main
from app.sessions.compaction import compact
from app.sessions.housekeeping import Housekeeper
from app.sessions.log import Log
from app.sessions.reading import Mark
from app.sessions.record import Kind
from app.sessions.removal import remove

from .helpers import say, texts

if TYPE_CHECKING:
    from collections.abc import Callable

RENAME = Path.rename


def log_of(store: SessionStore, key: str) -> Log:
    """Return the log of a key, as housekeeping opens it."""
    return Log(store.root, digest(key), key[:8], 1)


@pytest.fixture
def session_key(store: SessionStore, key: str) -> str:
    """The key of a session that is mostly garbage, and then two messages and a setting."""
    session = store.open(key)
    say(session, *["x" * 5000] * 20)
    session.settings["model"] = "nova"
    session.reset()
    say(session, "a", "b")
    return key


@pytest.fixture
def in_between(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Give a function that has something done while no file has the log's name.

    As an NFS client renames: what it has open goes out of the way, and only then comes the new.
    """

    def arrange(act: Callable[[], object]) -> None:
        def rename(self: Path, target: Path) -> Path:
            if target.suffix == ".log" and target.exists():
                silly = target.with_name(".nfs0000000000000001")
                RENAME(target, silly)
                act()
                moved = RENAME(self, target)
                silly.unlink()
                return moved
            return RENAME(self, target)

        monkeypatch.setattr(Path, "rename", rename)

    return arrange


@pytest.fixture
def after_a_look(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Give a function that has something done once, right after the next fresh look at names."""

    def arrange(act: Callable[[], object]) -> None:
        todo, look_afresh = [act], Log.look_afresh

        def look(self: Log) -> bool:
            found = look_afresh(self)
            if todo:
                todo.pop()()
            return found

        monkeypatch.setattr(Log, "look_afresh", look)

    return arrange


def died(act: Callable[[], object]) -> None:
    """Do it in a process that is expected to kill itself."""
    child = os.fork()
    if child == 0:
        try:
            act()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)


def kill_myself() -> None:
    """Die at once."""
    os.kill(os.getpid(), signal.SIGKILL)


def test_who_reads_in_between_sees_the_session(
    store: SessionStore, session_key: str, in_between: Callable[[Callable[[], object]], None]
) -> None:
    """Neither a page that knows it nor one that opens it takes it for gone."""
    known, seen = store.open(session_key), []

    def look() -> None:
        assert not known.refresh()
        seen.append(texts(known))
        seen.append(texts(store.open(session_key)))

    in_between(look)
    assert compact(log_of(store, session_key))
    assert seen == [["a", "b"], ["a", "b"]]
    assert texts(store.open(session_key)) == ["a", "b"]


def test_who_appends_in_between_loses_nothing(
    store: SessionStore, session_key: str, path: Path, in_between: Callable[..., None]
) -> None:
    """The file that a writer makes, where it finds none, is not written to: it would be replaced.

    Another page that looks while that empty file is there sees the session all the same.
    """
    session = store.open(session_key)
    writer = threading.Thread(target=say, args=(session, "c"))
    seen = []

    def begin() -> None:
        writer.start()
        deadline = time.monotonic() + 5
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.001)
        assert path.stat().st_size == 0
        seen.append(texts(store.open(session_key)))
        time.sleep(0.1)
        assert path.stat().st_size == 0

    in_between(begin)
    assert compact(log_of(store, session_key))
    writer.join(10)
    assert seen == [["a", "b"]]
    assert texts(session) == texts(store.open(session_key)) == ["a", "b", "c"]


def test_who_missed_the_last_step_loses_nothing(
    store: SessionStore,
    session_key: str,
    path: Path,
    after_a_look: Callable[[Callable[[], object]], None],
) -> None:
    """A writer finds no log, makes a file, and asks for the successor when that is the log already.

    Be it that the compaction came to its end, or that another writer has done it for a dead one.
    """
    successor = path.with_name(f"{path.name}.next")
    path.rename(successor)
    session = store.open(session_key)
    after_a_look(lambda: successor.rename(path))
    say(session, "c")
    assert texts(session) == texts(store.open(session_key)) == ["a", "b", "c"]


def test_a_successor_takes_no_other_place_than_that_of_the_empty_file(
    store: SessionStore,
    session_key: str,
    path: Path,
    after_a_look: Callable[[Callable[[], object]], None],
) -> None:
    """By the time that a writer asks, the log may be there again, with a successor that is none.

    For its compaction died before the last step, and the log goes on.
    """
    successor = path.with_name(f"{path.name}.next")
    path.rename(successor)
    session = store.open(session_key)

    def compact_again_and_die() -> None:
        successor.rename(path)
        with log_of(store, session_key).writing() as writer:
            writer.catch_up(Mark())
            writer.append(Kind.SUPERSEDED, b"{}")
        successor.write_bytes(path.read_bytes())

    after_a_look(compact_again_and_die)
    log = successor.stat().st_ino
    say(session, "c")
    assert path.stat().st_ino == log
    assert not successor.exists()
    assert texts(session) == texts(store.open(session_key)) == ["a", "b", "c"]


def test_the_session_is_there_though_its_host_died_in_between(
    store: SessionStore,
    session_key: str,
    path: Path,
    in_between: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The successor is all that is left: it is read, and the next append makes it the log."""
    in_between(kill_myself)
    died(lambda: compact(log_of(store, session_key)))
    monkeypatch.undo()
    path.with_name(".nfs0000000000000001").unlink()
    assert not path.exists()
    session = store.open(session_key)
    assert texts(session) == ["a", "b"]
    assert dict(session.settings) == {"model": "nova"}
    say(session, "c")
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert texts(session) == texts(store.open(session_key)) == ["a", "b", "c"]


def test_a_successor_that_came_to_nothing_is_revoked(
    store: SessionStore, session_key: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the third step was never begun, the old log goes on, and is the only one from then."""

    def rename(self: Path, target: Path) -> Path:
        if target == path:
            kill_myself()
        return RENAME(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", rename)
        died(lambda: compact(log_of(store, session_key)))
    successor = path.with_name(f"{path.name}.next")
    assert successor.exists()
    session = store.open(session_key)
    assert texts(session) == ["a", "b"]
    say(session, "c")
    assert not successor.exists()
    assert compact(log_of(store, session_key))
    assert texts(store.open(session_key)) == ["a", "b", "c"]


@pytest.mark.usefixtures("session_key")
def test_a_session_whose_log_is_still_its_successor_is_listed_and_expires(
    store: SessionStore, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Such as nobody opened after its host died in between."""
    garbage._noted.clear()
    path.rename(path.with_name(f"{path.name}.next"))
    assert main(["--root", str(store.root), "ls"]) == 0
    assert json.loads(capsys.readouterr().out)["messages"] == 2
    os.utime(path.with_name(f"{path.name}.next"), (1, 1))
    now = time.time()
    lease = {"at": now - 600, "steady_since": 0, "cycle_since": 0, "cursor": ""}
    (store.root / "sessions" / ".housekeeping").write_text(json.dumps(lease))
    assert Housekeeper(store.root, 86_400).run().expired == 1
    assert list(path.parent.iterdir()) == []


@pytest.mark.usefixtures("session_key")
@pytest.mark.parametrize("empty", [False, True])
def test_the_command_misses_no_session_whose_log_is_being_replaced(
    store: SessionStore,
    path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    empty: bool,
) -> None:
    """Neither where a writer has made an empty file, nor where the last step is taken as it looks.

    It says that nothing is wrong, and leaves nothing out.
    """
    successor = path.with_name(f"{path.name}.next")
    open_to_read = files.open_to_read

    def just_missed(asked: Path) -> int:
        if asked == successor and not empty:
            successor.rename(path)
        return open_to_read(asked)

    monkeypatch.setattr(files, "open_to_read", just_missed)
    for command, told in (("ls", '"messages": 2'), ("verify", '"ok": true'), ("export", '"b"')):
        path.rename(successor)
        if empty:
            path.touch()
        assert main(["--root", str(store.root), command]) == 0
        assert told in capsys.readouterr().out, command
        if empty:
            successor.rename(path)


@pytest.mark.parametrize("alone", [False, True])
def test_removal_leaves_no_successor(
    store: SessionStore, session_key: str, path: Path, *, alone: bool
) -> None:
    """What was removed does not come back by it, were it the log or not."""
    successor = path.with_name(f"{path.name}.next")
    successor.write_bytes(path.read_bytes())
    if alone:
        path.unlink()
    assert remove(log_of(store, session_key))
    assert list(path.parent.iterdir()) == []
    assert not store.open(session_key).exists
