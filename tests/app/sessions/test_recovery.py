"""The table of all that may have happened to a log, and what becomes of it.

A tail of zeros, as a loss of power may leave, is no torn append: zeros may stand where records
were that had been acknowledged, and then the user is to know.
"""

import contextlib
import logging
import os
import re
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.sessions import (
    NewerFormat,
    SessionError,
    SessionStore,
    StoreUnavailable,
    digest,
    record,
)
from app.sessions.log import Log
from app.sessions.removal import remove

from .helpers import aside, flipped, say, texts

USER = 12345
WORDS = ["one", "two", "three"]
NOTICE = (
    "Part of this conversation could not be read. What came before it is shown; "
    "the unreadable part was kept aside and nothing was deleted."
)
NEWER = (
    "This conversation was saved by a newer release of this app and cannot be opened by this one. "
    "Nothing of it was changed; try again when the update is complete."
)
REFUSED = (
    "This conversation cannot be read right now (Permission denied). "
    "Nothing saved before is affected; try again in a moment."
)
SET_ASIDE = r"{} at byte \d+; {} records kept, the whole file set aside as \*\.log\.damaged-\S+"
NOT_KNOWN = "format 2, which is not known here; left as it is"
IN_PLACE = "no file in the log's place; set aside"
DENIED = r"cannot be read: Permission denied \(EACCES\)"


@dataclass(frozen=True)
class Case:
    """One thing that happened, and what is to be seen of it.

    happens: to the log at a path. served: how many of WORDS. sentence: for the user; "" for none.
    kept: where the file is then: "in place", as it was, or "aside".
    line: of the log, as a pattern; "" for none. error: what opening raises, if it does.
    """

    happens: Callable[[Path], object]
    served: int
    sentence: str
    kept: str
    line: str
    error: type[SessionError] | None = None


def cut(size: int) -> Callable[[Path], object]:
    """Return what cuts a log short by some bytes."""
    return lambda path: os.truncate(path, path.stat().st_size - size)


def begins(size: int) -> Callable[[Path], object]:
    """Return what leaves some bytes of a log."""
    return lambda path: os.truncate(path, size)


def flips(at: int) -> Callable[[Path], object]:
    """Return what changes one bit."""
    return lambda path: path.write_bytes(flipped(path.read_bytes(), at, 3))


def grows(tail: bytes) -> Callable[[Path], object]:
    """Return what adds bytes."""
    return lambda path: path.write_bytes(path.read_bytes() + tail)


def becomes(content: bytes) -> Callable[[Path], object]:
    """Return what puts another file into its place."""
    return lambda path: path.write_bytes(content)


def zeroes(size: int) -> Callable[[Path], object]:
    """Return what makes zeros of the last bytes, which were a record."""
    return lambda path: path.write_bytes(path.read_bytes()[:-size] + bytes(size))


def of_version(number: int) -> Callable[[Path], object]:
    """Return what makes it a sound log of another version, so far as a header can tell."""

    def change(path: Path) -> None:
        fields = bytearray(path.read_bytes())
        struct.pack_into(">H", fields, 8, number)
        struct.pack_into(">I", fields, 20, zlib.crc32(fields[:20]))
        other = path.with_suffix(".new")
        other.write_bytes(fields)
        other.rename(path)

    return change


def unfinished(path: Path) -> None:
    """Leave most of an append, as a process that is killed does."""
    whole = path.read_bytes()
    torn, _ = record.frame(1, b'{"text":"never acknowledged"}', record.scan(whole).end)
    path.write_bytes(whole + torn[:-5])


def replaced(make: Callable[[Path], object]) -> Callable[[Path], object]:
    """Return what puts something that is no file into the log's place."""

    def change(path: Path) -> None:
        path.unlink()
        make(path)

    return change


def taken_away(path: Path) -> None:
    """Let the log belong to somebody else, or to nobody who may read it."""
    if os.getuid():
        path.chmod(0)
        return
    for folder in path.parents[:3]:
        os.chown(folder, USER, USER)
    os.chown(path, USER + 1, USER + 1)


CASES = {
    "torn tail": Case(unfinished, 3, "", "in place", ""),
    "cut short in the last record": Case(cut(9), 2, "", "in place", ""),
    "cut short behind a record": Case(cut(31), 2, "", "in place", ""),
    "cut short in the first record": Case(begins(40), 0, "", "in place", ""),
    "cut short in the file header": Case(begins(17), 0, "", "in place", ""),
    "empty": Case(begins(0), 0, "", "in place", ""),
    "bit flip in the last record": Case(
        flips(-7), 2, NOTICE, "aside", SET_ASIDE.format("a damaged record", 2)
    ),
    "bit flip in a length": Case(
        flips(27), 0, NOTICE, "aside", SET_ASIDE.format("a damaged record header", 0)
    ),
    "bit flip in the file header": Case(
        flips(9), 0, NOTICE, "aside", SET_ASIDE.format("a damaged file header", 0)
    ),
    "zeros behind it": Case(
        grows(bytes(4096)), 3, NOTICE, "aside", SET_ASIDE.format("a damaged record header", 3)
    ),
    "zeros for the last record": Case(
        zeroes(31), 2, NOTICE, "aside", SET_ASIDE.format("a damaged record header", 2)
    ),
    "zeros only": Case(
        becomes(bytes(4096)), 0, NOTICE, "aside", SET_ASIDE.format("no session log", 0)
    ),
    "rubbish behind it": Case(
        grows(b"rubbish and more"), 3, NOTICE, "aside", SET_ASIDE.format("a damaged .*", 3)
    ),
    "foreign file": Case(
        becomes(b"PK\3\4" + bytes(90)), 0, NOTICE, "aside", SET_ASIDE.format("no session log", 0)
    ),
    "version 0": Case(
        of_version(0), 0, NOTICE, "aside", SET_ASIDE.format("a damaged file header", 0)
    ),
    "folder": Case(replaced(Path.mkdir), 0, NOTICE, "aside", IN_PLACE),
    "FIFO": Case(replaced(os.mkfifo), 0, NOTICE, "aside", IN_PLACE),
    "link": Case(
        replaced(lambda path: path.symlink_to("/etc/passwd")), 0, NOTICE, "aside", IN_PLACE
    ),
    "future version": Case(of_version(2), 0, NEWER, "in place", NOT_KNOWN, NewerFormat),
    "wrong owner": Case(taken_away, 0, REFUSED, "in place", DENIED, StoreUnavailable),
}


@contextlib.contextmanager
def ordinary_user() -> Iterator[None]:
    """Be nobody special: root may read everything."""
    if os.getuid():
        yield
        return
    os.setegid(USER)
    os.seteuid(USER)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@pytest.fixture
def volume() -> Iterator[SessionStore]:
    """A store on a volume that an ordinary user can reach."""
    with tempfile.TemporaryDirectory() as name:
        yield SessionStore(name, patience=5)


def as_seen(path: Path) -> tuple[object, ...]:
    """Return what is at a path, as far as it can be compared."""
    status = path.lstat()
    content = path.read_bytes() if path.is_file() and not path.is_symlink() else None
    return status.st_ino, status.st_mode, status.st_uid, content


@pytest.mark.parametrize("name", CASES)
def test_whatever_happened_to_a_log_all_before_it_is_served(
    name: str, volume: SessionStore, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Served, said, kept and logged is what the table says, and then the session works again."""
    case = CASES[name]
    say(volume.open(key), *WORDS)
    (path,) = volume.root.rglob("*.log")
    case.happens(path)
    before = as_seen(path)
    caplog.set_level(logging.INFO)

    if case.error:
        denied = case.error is StoreUnavailable
        user = ordinary_user() if denied else contextlib.nullcontext()
        with user, pytest.raises(case.error) as raised:
            volume.open(key)
        assert str(raised.value) == case.sentence
    else:
        session = volume.open(key)
        assert texts(session) == WORDS[: case.served]
        assert (session.notice or "") == case.sentence

    assert len(caplog.messages) == bool(case.line)
    assert all(re.fullmatch(f"session [0-9a-f]{{8}}: {case.line}", x) for x in caplog.messages)
    assert digest(key) not in caplog.text

    copies = [as_seen(copy)[-1] for copy in aside(path)]
    if case.kept == "aside":
        assert copies == [before[-1]]
    else:
        assert copies == []
        assert as_seen(path) == before

    if case.error:
        return
    say(session, "next")
    again = volume.open(key)
    assert texts(again) == [*WORDS[: case.served], "next"]
    assert again.notice is None
    data = path.read_bytes()
    assert record.scan(data).end.offset == len(data), "the next append cuts a torn tail away"


def test_an_older_replica_leaves_the_log_of_a_newer_one_alone(
    volume: SessionStore, key: str
) -> None:
    """In the middle of a deployment: whoever had it open cannot write to it, nor see it changed."""
    session = volume.open(key)
    say(session, *WORDS)
    (path,) = volume.root.rglob("*.log")
    of_version(2)(path)
    before = as_seen(path)
    for attempt in (lambda: say(session, "next"), session.refresh, session.reset):
        with pytest.raises(NewerFormat):
            attempt()
    assert as_seen(path) == before
    assert texts(session) == WORDS
    assert aside(path) == []
    of_version(1)(path)
    say(session, "next")
    assert texts(volume.open(key)) == [*WORDS, "next"]


def test_housekeeping_leaves_the_log_of_a_newer_release_alone(
    volume: SessionStore, key: str
) -> None:
    """However old: only who can read a log may judge it. All others are judged as ever."""
    say(volume.open(key), *WORDS)
    (path,) = volume.root.rglob("*.log")
    of_version(2)(path)
    log = Log(volume.root, path.stem, "12345678", patience=0)
    with pytest.raises(NewerFormat):
        remove(log, unused_since=2e12)
    assert path.exists()
