import logging
import os
import shutil
from pathlib import Path

import pytest

from app.sessions import Session, SessionStore, digest, record

from .helpers import aside, flipped, is_prefix, say, texts

WORDS: list[object] = ["one", "two", "three"]


@pytest.fixture
def whole(store: SessionStore, key: str, path: Path) -> bytes:
    """The bytes of a log with three messages, which is on the volume."""
    say(store.open(key), *WORDS)
    return path.read_bytes()


def works(store: SessionStore, key: str, kept: list[object]) -> None:
    """Assert that the session shows `kept`, takes another message, and is clean afterwards."""
    session = store.open(key)
    assert texts(session) == kept
    say(session, "next")
    again = store.open(key)
    assert texts(again) == [*kept, "next"]
    assert again.notice is None


def test_a_torn_tail_of_any_length_costs_nothing_acknowledged(
    store: SessionStore, key: str, path: Path, whole: bytes
) -> None:
    """An append that died after any number of bytes is cut away by the next; no notice, no copy."""
    ends = [each.end.offset for each in record.scan(whole).records]
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        kept = sum(end <= size for end in ends)
        assert store.open(key).notice is None
        assert path.stat().st_size == size, "reading repairs nothing"
        works(store, key, WORDS[:kept])
    assert aside(path) == []


def test_a_torn_tail_under_a_session_already_open_is_cut_away(
    store: SessionStore, key: str, path: Path, whole: bytes
) -> None:
    """A replica that knew the log before another died in an append goes on where it was."""
    session = store.open(key)
    torn, _ = record.frame(1, b'{"text":"lost"}', record.scan(whole).end)
    for size in range(1, len(torn)):
        path.write_bytes(whole + torn[:size])
        assert not session.refresh()
        say(session, "next")
        assert texts(store.open(key)) == [*WORDS, "next"]
        path.write_bytes(whole)
        assert session.refresh()
    assert aside(path) == []


def test_a_torn_tail_longer_than_the_next_record_leaves_no_rest(
    store: SessionStore, key: str, path: Path, whole: bytes
) -> None:
    """A long prompt that was cut short does not show behind the short one that comes next."""
    lost, _ = record.frame(1, b'{"text":"' + b"x" * 1000 + b'"}', record.scan(whole).end)
    path.write_bytes(whole + lost[:-1])
    works(store, key, WORDS)
    assert path.stat().st_size < len(whole) + 100
    assert aside(path) == []


def test_each_flipped_byte_leaves_what_was_before_it(
    store: SessionStore, key: str, path: Path, whole: bytes
) -> None:
    """Damage anywhere is set aside whole, once; what came before is served, and work goes on."""
    ends = [each.end.offset for each in record.scan(whole).records]
    for at in range(len(whole)):
        damaged = flipped(whole, at, at % 8)
        path.write_bytes(damaged)
        kept = WORDS[: sum(end <= at for end in ends)]
        session = store.open(key)
        assert texts(session) == kept
        assert session.notice is not None
        assert [copy.read_bytes() for copy in aside(path)] == [damaged]
        works(store, key, kept)
        assert len(aside(path)) == 1
        aside(path)[0].unlink()


@pytest.mark.parametrize("tail", [bytes(12), bytes(4096), b"\xff" * 40, b"more text\n" * 9])
def test_a_tail_that_is_no_append_is_set_aside(
    tail: bytes, store: SessionStore, key: str, path: Path, whole: bytes
) -> None:
    """Zeros or rubbish behind the last record may be the remains of records, so they are kept."""
    path.write_bytes(whole + tail)
    session = store.open(key)
    assert texts(session) == WORDS
    assert session.notice is not None
    assert path.read_bytes() == whole
    assert aside(path)[0].read_bytes() == whole + tail
    works(store, key, WORDS)


def test_damage_met_by_an_append_is_set_aside_too(
    store: SessionStore, key: str, path: Path, whole: bytes
) -> None:
    """A session that is open when damage happens learns of it and goes on behind the good part."""
    session = store.open(key)
    path.write_bytes(flipped(whole, len(whole) - 20, 1) + bytes(100))
    say(session, "next")
    assert session.notice is not None
    assert texts(session) == ["one", "two", "next"]
    assert texts(store.open(key)) == ["one", "two", "next"]
    assert len(aside(path)) == 1


def test_damage_behind_a_session_is_noticed_by_all(
    store: SessionStore, key: str, path: Path, whole: bytes
) -> None:
    """After a repair that made the log shorter, a session that knew more shows what is there."""
    here = store.open(key)
    path.write_bytes(flipped(whole, 60, 1))
    there = store.open(key)
    say(there, "next", "and", "more", "than", "before")
    assert here.refresh()
    assert here.messages == there.messages == store.open(key).messages
    assert is_prefix(["next"], texts(here)) or is_prefix(["one", "next"], texts(here))


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x04K\x01.",
        b"PK\x03\x04" + bytes(100),
        b"x",
        b"\0",
        b"\0" * 30,
        b"\x89PKS\n\x1a\n" * 9,
    ],
)
def test_a_foreign_file_is_set_aside(
    content: bytes, store: SessionStore, key: str, path: Path, whole: bytes
) -> None:
    """Whatever else lies in the log's place is kept beside it, and a new log begins."""
    assert whole
    path.write_bytes(content)
    session = store.open(key)
    assert (list(session.messages), session.exists) == ([], False)
    assert session.notice is not None
    assert aside(path)[0].read_bytes() == content
    works(store, key, [])


def test_an_empty_file_is_a_new_session(
    store: SessionStore, key: str, path: Path, whole: bytes
) -> None:
    """A log whose first append died before its first byte is as good as none."""
    assert whole
    path.write_bytes(b"")
    session = store.open(key)
    assert (session.exists, session.notice) == (False, None)
    works(store, key, [])
    assert aside(path) == []


@pytest.mark.parametrize("thing", ["folder", "fifo", "link", "dangling link"])
def test_what_is_no_file_is_set_aside(
    thing: str, store: SessionStore, key: str, path: Path, tmp_path: Path
) -> None:
    """A folder, FIFO or link in the log's place is renamed, never followed, waited on or lost."""
    path.parent.mkdir(parents=True)
    outside = tmp_path / "outside"
    if thing == "folder":
        path.mkdir()
        (path / "inside").write_text("kept")
    elif thing == "fifo":
        os.mkfifo(path)
    else:
        if thing == "link":
            outside.write_text("untouched")
        path.symlink_to(outside)
    session = store.open(key)
    assert list(session.messages) == []
    assert session.notice is not None
    works(store, key, [])
    assert len(aside(path)) == 1
    if thing == "folder":
        assert (aside(path)[0] / "inside").read_text() == "kept"
    assert outside.exists() == (thing == "link")
    assert thing != "link" or outside.read_text() == "untouched"


def test_a_folder_met_by_an_append_is_set_aside(
    store: SessionStore, key: str, path: Path, whole: bytes
) -> None:
    """A session that is open when its log turns into a folder says so and saves all the same."""
    assert whole
    session = store.open(key)
    path.unlink()
    path.mkdir()
    say(session, "next")
    assert session.notice is not None
    assert texts(store.open(key)) == ["next"]


def test_a_repair_is_logged_by_public_id_only(
    store: SessionStore,
    key: str,
    path: Path,
    whole: bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One line says what happened where and how much was kept; no key and no hash in it."""
    path.write_bytes(flipped(whole, len(whole) - 1, 0))
    with caplog.at_level(logging.DEBUG):
        session = store.open(key)
    (line,) = caplog.messages
    assert line.startswith(f"session {session.id}: a damaged record at byte ")
    assert "2 records kept" in line
    assert key not in line
    assert digest(key) not in line


def test_damage_on_a_volume_without_room_for_a_copy_is_served_and_kept(
    store: SessionStore,
    key: str,
    path: Path,
    whole: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where nothing can be set aside nothing is cut: the good part is shown, the file untouched."""

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    damaged = flipped(whole, len(whole) - 1, 0)
    path.write_bytes(damaged)
    with monkeypatch.context() as patch:
        patch.setattr("app.sessions.files.copy", refuse)
        session = store.open(key)
        assert texts(session) == WORDS[:2]
        assert session.notice is not None
        assert not session.refresh()
    assert path.read_bytes() == damaged
    assert aside(path) == []
    works(store, key, WORDS[:2])


def test_a_volume_that_was_wiped_is_a_new_start(
    store: SessionStore, key: str, path: Path, whole: bytes
) -> None:
    """A log removed under an open session leaves an empty session, which can be written to."""
    assert whole
    session = store.open(key)
    path.unlink()
    assert session.refresh()
    assert (list(session.messages), session.exists) == ([], False)
    say(session, "next")
    assert texts(store.open(key)) == ["next"]


def test_a_log_replaced_by_another_is_read_from_its_start(
    store: SessionStore, key: str, path: Path, whole: bytes
) -> None:
    """A log put back from a backup is shown as it is, not mixed with what was known before."""
    session = store.open(key)
    say(session, "since")
    backup = path.with_suffix(".backup")
    backup.write_bytes(whole)
    backup.rename(path)
    assert session.refresh()
    assert texts(session) == WORDS
    say(session, "next")
    assert texts(store.open(key)) == [*WORDS, "next"]


def test_a_log_of_equal_length_in_the_same_file_is_not_taken_for_the_known_one(
    store: SessionStore, key: str, path: Path, whole: bytes
) -> None:
    """A record seen before it was acknowledged may be rolled back and another take its place."""
    early, other = store.open(key), store.open(key)
    say(other, "AAAA")
    assert early.refresh()
    os.truncate(path, len(whole))
    say(store.open(key), "BBBB")
    say(early, "next")
    expected = [*WORDS, "BBBB", "next"]
    assert texts(early) == texts(store.open(key)) == expected
    assert early.notice is None
    assert aside(path) == []


def test_a_copied_volume_works_elsewhere(
    store: SessionStore, key: str, whole: bytes, tmp_path: Path
) -> None:
    """Nothing in a log depends on where it lies, so a plain copy is a backup."""
    assert whole
    shutil.copytree(store.root, tmp_path / "copy")
    session: Session = SessionStore(tmp_path / "copy").open(key)
    assert texts(session) == WORDS
