from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.sessions import Follower, Session, SessionStore, StoreUnavailable, follow
from app.sessions.follow import QUIET_SECONDS, WITHIN
from app.sessions.removal import remove
from bench.calls import Calls, counted

from .helpers import say, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
WRITER = """
import sys
from app.sessions import SessionStore
session = SessionStore(sys.argv[1]).open(sys.argv[2])
for line in sys.stdin:
    session.messages.append({"text": line})
    print(flush=True)
"""


class Clock:
    """A clock that a test sets; sleeping sets it, too."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """Return what it shows."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        assert seconds >= 0
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time, as the test wants it: a follower's alone, as other threads may sleep meanwhile."""
    clock = Clock()
    monkeypatch.setattr(follow, "time", clock)
    return clock


@pytest.fixture
def elsewhere(store: SessionStore, key: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that appends when told to: the time at which it does."""
    command = [sys.executable, "-c", WRITER, str(store.root), key]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        yield process
        process.kill()


def appended(process: subprocess.Popen[bytes]) -> None:
    """Have a record appended elsewhere."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"\n")
    process.stdin.flush()
    process.stdout.readline()


def test_what_another_process_appends_is_seen(
    store: SessionStore, key: str, elsewhere: subprocess.Popen[bytes]
) -> None:
    """Each in its turn, the first record of a session that did not exist included."""
    session = store.open(key)
    seen = threading.Event()

    def watch() -> None:
        for _, each in zip(range(4), Follower(session), strict=False):
            assert each is session
            seen.set()

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    for number in range(1, 5):
        appended(elsewhere)
        assert seen.wait(10)
        seen.clear()
        assert len(texts(session)) == number
        time.sleep(0.13 * number)  # so that appends fall anywhere between two looks
    watching.join()


def test_a_look_opens_and_closes_and_no_more(store: SessionStore, key: str) -> None:
    """Three calls, which an NFS client makes two requests of; nothing is read or written."""
    session = store.open(key)
    say(session, *["x" * 1000] * 50)
    follower = Follower(session, within=0)
    with counted() as calls:
        assert not follower.news()
    assert calls == Calls(metadata_reads=3)


def test_only_what_is_new_is_read(store: SessionStore, key: str) -> None:
    """The new record, and four bytes to see that it follows."""
    session, other = store.open(key), store.open(key)
    say(other, *["x" * 1000] * 50)
    follower = Follower(session, within=0)
    assert follower.news()
    say(other, "y")
    with counted() as calls:
        assert follower.news()
    assert calls == Calls(metadata_reads=3, data_reads=1, bytes_read=16 + len('{"text":"y"}') + 4)


def test_a_log_begun_anew_is_not_taken_for_the_one_that_was_removed(
    store: SessionStore, key: str
) -> None:
    """Though it is as long, and the file system gave it the inode of the old one."""
    writer, reader = store.open(key), store.open(key)
    say(writer, "old")
    reader.refresh()
    for session in (writer, reader):
        for word in ("new", "two"):
            remove(session._replay.log)
            say(store.open(key), word)
            assert session.refresh()
            assert texts(session) == texts(store.open(key)) == [word]
            assert session.position == store.open(key).position


def test_asking_again_before_a_look_is_due_costs_nothing(
    store: SessionStore, key: str, clock: Clock
) -> None:
    """A fragment may ask as often as it runs."""
    follower = Follower(store.open(key))
    with counted() as calls:
        for _ in range(100):
            assert not follower.news()
    assert calls == Calls()
    assert WITHIN < 1, "what others add is seen within a second"
    clock.sleep(WITHIN)
    with counted() as calls:
        assert not follower.news()
        assert not follower.news()
    assert calls.metadata_reads > 0


def looks_in(seconds: float, follower: Follower, clock: Clock) -> int:
    """Ask ten times a second; return how many looks that made."""
    looks = 0
    for _ in range(round(seconds * 10)):
        clock.sleep(0.1)
        looks += follower.due_in == 0
        follower.news()
    return looks


def test_a_quiet_session_is_looked_at_less_if_allowed(
    store: SessionStore, key: str, clock: Clock
) -> None:
    """Slow while nobody else says anything, quick for a minute after somebody did."""
    session, other = store.open(key), store.open(key)
    say(other, "a")
    session.refresh()
    follower = Follower(session, within=0.45, quiet_within=4.95)
    assert looks_in(60, follower, clock) == 12
    assert not follower.busy
    say(session, "mine")
    assert looks_in(60, follower, clock) == 12, "one's own words are no news"
    say(other, "b")
    clock.sleep(5)
    assert follower.news()
    assert follower.busy
    assert looks_in(QUIET_SECONDS - 1, follower, clock) == pytest.approx(118, abs=2)
    clock.sleep(2)
    assert not follower.busy
    follower.expect()
    assert follower.busy


def test_waiting_ends_with_news_or_in_time(store: SessionStore, key: str, clock: Clock) -> None:
    """True for news, False after the timeout, and no look is left out for it."""
    session, other = store.open(key), store.open(key)
    follower = Follower(session)
    started = clock.now
    assert not follower.wait(3)
    assert clock.now == pytest.approx(started + 3)
    assert not follower.wait(0)
    say(other, "a")
    assert follower.wait(3)
    assert texts(session) == ["a"]
    say(other, "b")
    assert [texts(each) for _, each in zip(range(1), follower, strict=False)] == [["a", "b"]]


def test_a_volume_that_fails_is_followed_again_when_it_works(store: SessionStore, key: str) -> None:
    """The error is the follower's to raise; what it follows stays."""
    session, other = store.open(key), store.open(key)
    say(other, "a")
    follower = Follower(session, within=0)
    assert follower.news()
    away = store.root.with_name("away")
    (store.root / "sessions").rename(away)
    with pytest.raises(StoreUnavailable):
        follower.news()
    assert texts(session) == ["a"]
    away.rename(store.root / "sessions")
    say(other, "b")
    assert follower.news()
    assert texts(session) == ["a", "b"]


def test_a_session_at_rest_is_followed_all_the_same(store: SessionStore, key: str) -> None:
    """It stays at rest until there is news, and then shows everything."""
    session, other = store.open(key), store.open(key)
    say(other, "a")
    follower = Follower(session, within=0)
    assert follower.news()
    session.rest()
    assert not follower.news()
    assert session._replay._state is None
    other.settings["x"] = 1
    say(other, "b")
    assert follower.news()
    assert texts(session) == ["a", "b"]
    assert not follower.news()


def use(session: Session) -> dict[str, object]:
    """Return what a session shows."""
    return {
        "texts": texts(session),
        "settings": dict(session.settings),
        "position": session.position,
        "exists": session.exists,
    }


def test_rest_is_not_noticed(store: SessionStore, key: str) -> None:
    """Whatever comes first after a rest, the session shows and does what it would have."""
    session, awake = store.open(key), store.open(key)
    say(session, "a")
    session.settings["x"] = [1]
    awake.refresh()
    session.rest()
    assert use(session) == use(awake)
    position = session.position
    session.rest()
    session.messages.append({"text": "b"}, after=position)
    awake.refresh()
    assert use(session) == use(awake)
    session.rest()
    session.settings["x"] = [1]
    session.rest()
    session.reset()
    awake.refresh()
    assert use(session) == use(awake)


def test_a_rest_that_cannot_end_empties_nothing(store: SessionStore, key: str) -> None:
    """While the volume is away that is said; afterwards everything is shown."""
    session = store.open(key)
    say(session, "a")
    session.rest()
    away = store.root.with_name("away")
    (store.root / "sessions").rename(away)
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            len(session.messages)
    away.rename(store.root / "sessions")
    assert texts(session) == ["a"]


def test_a_name_believed_to_be_missing_is_asked_for_anew(
    store: SessionStore, key: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An NFS client may believe for a minute that a log is missing; opening its folder tells."""
    session = store.open(key)
    say(store.open(key), "a")
    believed = {"missing": True}
    real = os.open

    def opened(name: Path, flags: int, mode: int = 0o777) -> int:
        if Path(name) == path.parent:
            believed["missing"] = False
        if Path(name) == path and believed["missing"]:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        return real(name, flags, mode)

    monkeypatch.setattr(os, "open", opened)
    assert session.refresh()
    assert texts(session) == ["a"]
