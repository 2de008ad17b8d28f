"""A live text: what one process writes, every other sees grow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from app.sessions import SessionStore

NAME = "0123456789abcdef"


def test_each_piece_is_seen_once_it_is_written(store: SessionStore, key: str) -> None:
    """Whatever its characters, also where a piece of another writer's buffer ends within one."""
    writer = store.open(key).write_live(NAME)
    reader = store.open(key).watch_live(NAME)
    assert not reader.look()
    for piece, so_far in (("Größe", "Größe"), (" 🚀", "Größe 🚀")):
        writer.extend(piece)
        assert reader.look()
        assert reader.text == so_far
        assert not reader.look()


def test_character_that_is_half_there_waits_for_the_rest(
    store: SessionStore, key: str, path: Path
) -> None:
    """A reader may come while it is written."""
    store.open(key).write_live(NAME)
    reader = store.open(key).watch_live(NAME)
    file = path.with_suffix(f".live-{NAME}")
    file.write_bytes("é".encode()[:1])
    assert reader.look()
    assert reader.text == ""
    file.write_bytes("é".encode())
    reader.look()
    assert reader.text == "é"


def test_sign_of_life_says_nothing(store: SessionStore, key: str) -> None:
    """But it is one."""
    writer = store.open(key).write_live(NAME)
    reader = store.open(key).watch_live(NAME)
    writer.extend("")
    assert reader.look()
    writer.extend("a\0b")
    reader.look()
    assert reader.text == "ab"


def test_writer_learns_that_its_text_was_removed(store: SessionStore, key: str) -> None:
    """By another process; what it writes then is lost, and harms nobody."""
    session = store.open(key)
    writer = session.write_live(NAME)
    reader = session.watch_live(NAME)
    writer.extend("a")
    assert writer.is_wanted
    store.open(key).remove_live(NAME)
    assert not writer.is_wanted
    writer.extend("b")
    assert not reader.look()
    writer.close()
    session.remove_live(NAME)


def test_close_leaves_nothing(store: SessionStore, key: str) -> None:
    """What it said is in the log by then."""
    store.open(key).write_live(NAME).close()
    assert [path for path in store.root.rglob("*") if path.is_file()] == []


def test_it_is_private(store: SessionStore, key: str, path: Path) -> None:
    """As the log is."""
    store.open(key).write_live(NAME)
    assert path.with_suffix(f".live-{NAME}").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["", "../../x", "0" * 15, "0" * 17, "0123456789ABCDEF", "é" * 16])
def test_name_is_no_path(store: SessionStore, key: str, name: str) -> None:
    """It may come from a record, and that from anywhere."""
    with pytest.raises(ValueError, match="no name of a live text"):
        store.open(key).watch_live(name)
