import fcntl
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.sessions import SessionStore, StoreBusy

from .helpers import aside, say, texts
from .workers import append_many

ROOT = Path(__file__).parents[3]


def eventually(holds: Callable[[], bool], within: float = 10) -> bool:
    """Poll until something holds; give up after `within` seconds."""
    deadline = time.monotonic() + within
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.001)
    return True


def test_processes_that_write_at_once_lose_nothing(store: SessionStore, key: str) -> None:
    """Appends of several processes are all there, once each, in each writer's own order."""
    names, times = ["a", "b", "c"], 200
    spawn = multiprocessing.get_context("spawn")
    round_ = spawn.Barrier(len(names))
    writers = [
        spawn.Process(target=append_many, args=(store.root, key, name, times, round_))
        for name in names
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0] * len(names)
    session = store.open(key)
    assert session.notice is None
    assert len(session.messages) == times * len(names)
    turns = [message["writer"] for message in session.messages]
    assert turns != sorted(turns), "they really wrote at the same time"
    for name in names:
        numbers = [each["number"] for each in session.messages if each["writer"] == name]
        assert numbers == list(range(times))


@pytest.mark.parametrize("shared", [False, True], ids=["own session each", "one session"])
def test_threads_that_write_at_once_lose_nothing(
    shared: bool,  # noqa: FBT001 - pytest hands it over
    store: SessionStore,
    key: str,
) -> None:
    """Script threads of one process exclude each other as processes do."""
    common = store.open(key)
    start = threading.Barrier(4)

    def write(name: int) -> None:
        session = common if shared else store.open(key)
        start.wait(10)
        for number in range(100):
            session.messages.append({"writer": name, "number": number})
            session.settings[f"last of {name}"] = number

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    common.refresh()
    assert common.messages == store.open(key).messages
    for name in range(4):
        numbers = [each["number"] for each in common.messages if each["writer"] == name]
        assert numbers == list(range(100))
        assert common.settings[f"last of {name}"] == 99


def test_a_killed_writer_loses_nothing_acknowledged(
    store: SessionStore, key: str, path: Path
) -> None:
    """After SIGKILL at any moment, what was acknowledged is there, and at most one append more."""
    chance = random.Random(11)  # noqa: S311 - repeatable
    total = 0
    for _ in range(30):
        writer = subprocess.Popen(
            [sys.executable, "-m", "tests.app.sessions.workers", store.root, key],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        assert writer.stdout is not None
        wanted = chance.randint(1, 40)
        acknowledged = 0
        while acknowledged < wanted:
            got = os.read(writer.stdout.fileno(), wanted - acknowledged)
            assert got, "the writer ended by itself"
            acknowledged += len(got)
        spin = time.perf_counter() + chance.random() / 500
        while time.perf_counter() < spin:
            pass
        writer.kill()
        acknowledged += len(writer.stdout.read())
        assert writer.wait(10) == -signal.SIGKILL
        writer.stdout.close()
        session = store.open(key)
        numbers = [message["number"] for message in session.messages]
        assert numbers == list(range(len(numbers)))
        assert total + acknowledged <= len(numbers) <= total + acknowledged + 1
        assert session.notice is None
        total = len(numbers)
    assert aside(path) == []


def test_a_writer_that_died_in_mid_write_is_cleaned_up_after(
    store: SessionStore, key: str, path: Path
) -> None:
    """Killed between two halves of a frame, really: the half is cut away, and nothing else."""
    say(store.open(key), "a")
    size = path.stat().st_size
    program = f"""
import os, signal
from app.sessions import SessionStore
write = os.pwrite
def half(fd, data, offset):
    write(fd, data[:len(data) // 2], offset)
    os.kill(os.getpid(), signal.SIGKILL)
session = SessionStore({str(store.root)!r}).open({key!r})
os.pwrite = half
session.messages.append({{"text": "lost"}})
"""
    died = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False)
    assert died.returncode == -signal.SIGKILL
    assert path.stat().st_size > size, "half a frame is there"
    session = store.open(key)
    assert texts(session) == ["a"]
    say(session, "b")
    assert texts(store.open(key)) == ["a", "b"]
    assert session.notice is None


def test_a_frozen_writer_does_not_freeze_the_others(
    store: SessionStore, key: str, path: Path
) -> None:
    """While a lock stays taken an append gives up with a sentence, and reading goes on."""
    session = SessionStore(store.root, patience=0.05).open(key)
    say(session, "a")
    with path.open("rb+") as frozen:
        fcntl.flock(frozen, fcntl.LOCK_EX)
        with pytest.raises(StoreBusy, match="nothing was changed"):
            say(session, "b")
        assert texts(store.open(key)) == ["a"]
    say(session, "b")
    assert texts(store.open(key)) == ["a", "b"]


@pytest.mark.parametrize("gone", ["renamed", "replaced", "removed"])
def test_a_writer_that_waited_finds_the_log_that_is_there_now(
    gone: str, store: SessionStore, key: str, path: Path
) -> None:
    """If the file goes away while a writer waits for it, the append lands in its successor."""
    waiting, other = store.open(key), store.open(key)
    say(other, "a")
    waiting.refresh()
    with path.open("rb+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        writer = threading.Thread(target=say, args=(waiting, "b"))
        writer.start()
        assert eventually(lambda: descriptors(path) == 2), "the writer has opened the old file"
        if gone == "renamed":
            path.rename(path.with_suffix(".elsewhere"))
        elif gone == "removed":
            path.unlink()
        else:
            path.with_suffix(".copy").write_bytes(path.read_bytes())
            path.with_suffix(".copy").rename(path)
        if gone != "replaced":
            say(store.open(key), "x")
    writer.join(10)
    assert texts(store.open(key)) == (["a", "b"] if gone == "replaced" else ["x", "b"])
    assert texts(waiting) == texts(store.open(key))


def test_two_that_find_a_folder_in_the_log_s_place_do_not_move_each_other_s_log(
    store: SessionStore, key: str, path: Path
) -> None:
    """Whoever comes second to set a folder aside finds the new log and leaves it alone."""
    path.mkdir(parents=True)
    guard = store.root / "sessions" / ".repair"
    with guard.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        second = threading.Thread(target=lambda: say(store.open(key), "b"))
        second.start()
        assert eventually(lambda: descriptors(guard) == 2), "the second has seen the folder"
        path.rename(path.with_suffix(".moved by the first"))
        say(store.open(key), "a")
    second.join(10)
    assert texts(store.open(key)) == ["a", "b"]
    assert aside(path) == []


def test_no_descriptor_stays_open(store: SessionStore, key: str, path: Path) -> None:
    """A session costs no file descriptor while it is idle, also after errors."""
    session = store.open(key)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - entries vanish under iterdir
    say(session, "a")
    session.refresh()
    path.write_bytes(path.read_bytes() + b"damage" * 9)
    session.refresh()
    store.open(key)
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 - as above
    assert descriptors(path) == 0


def descriptors(path: Path) -> int:
    """Count this process's open descriptors of a file."""
    found = 0
    for number in os.listdir("/proc/self/fd"):  # noqa: PTH208 - entries vanish under iterdir
        try:
            found += os.readlink(f"/proc/self/fd/{number}") == str(path)  # noqa: PTH115 - as above
        except FileNotFoundError:
            continue
    return found
