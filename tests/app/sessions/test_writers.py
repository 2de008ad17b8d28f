import fcntl
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.sessions import SessionStore, StoreBusy

from .helpers import aside, say, texts

ROOT = Path(__file__).parents[3]


def eventually(holds: Callable[[], bool], within: float = 10) -> bool:
    """Poll until something holds; give up after `within` seconds."""
    deadline = time.monotonic() + within
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.001)
    return True


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
