"""Files on the volume: whole or not there, and never found by anything but an id."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from app.shared_files.kept import HEAD, About, Files

if TYPE_CHECKING:
    from pathlib import Path

ID = "ab" * 32
ABOUT = About("a.txt", "text/plain", "upload", "session", "owner")


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Give a folder that is yet to be made."""
    return Files(tmp_path, "uploads")


def keep(files: Files, content: bytes = b"content", about: About = ABOUT) -> None:
    """Keep a file."""
    draft = files.draft()
    draft.write(content)
    draft.keep(ID, about)


def test_file_is_found_with_all_that_was_said_of_it(files: Files) -> None:
    """And read from its beginning, its end, or anywhere."""
    keep(files)
    file = files.open(ID)
    assert file is not None
    with file:
        assert file.about == About("a.txt", "text/plain", "upload", "session", "owner", 7)
        assert file.read() == b"content"
        assert file.read() == b""
        assert (file.seek(3), file.read(2), file.tell()) == (3, b"te", 5)


def test_draft_is_not_found_and_leaves_nothing(files: Files) -> None:
    """Neither while it is written nor when it is given up."""
    draft = files.draft()
    draft.write(b"a" * 100)
    assert files.open(ID) is None
    draft.discard()
    assert list(files.folder.iterdir()) == []


def test_discarding_what_was_kept_does_nothing(files: Files) -> None:
    """So it can stand in a `finally`."""
    draft = files.draft()
    draft.keep(ID, ABOUT)
    draft.discard()
    assert files.open(ID) is not None


@pytest.mark.parametrize(
    "name", ["", "..", "../uploads", "AB" * 32, "ab" * 31, "ab" * 33, "ab/" * 21 + "a", ID + "\n"]
)
def test_what_is_no_id_is_never_looked_for(files: Files, name: str) -> None:
    """Even where something has that name."""
    keep(files)
    assert files.open(name) is None


@pytest.mark.parametrize("cut", [0, 1, 100, HEAD, HEAD + 6])
def test_file_that_is_not_whole_is_not_there(files: Files, cut: int) -> None:
    """As a host that lost its power may leave one."""
    keep(files)
    os.truncate(files.folder / ID, cut)
    assert files.open(ID) is None


def test_link_is_not_followed(files: Files, tmp_path: Path) -> None:
    """Whoever could write to the volume could otherwise have any file served."""
    keep(files)
    (files.folder / ID).rename(tmp_path / "elsewhere")
    (files.folder / ID).symlink_to(tmp_path / "elsewhere")
    assert files.open(ID) is None


@pytest.mark.parametrize("name", ["é" * 5000, "\U0001f600" * 5000, '"' * 5000, "\ud800.txt"])
def test_any_name_fits(files: Files, name: str) -> None:
    """Its end is kept, where its type is."""
    keep(files, about=About(name + ".txt", "t" * 9999, "upload", "s" * 64, "o" * 64))
    file = files.open(ID)
    assert file is not None
    with file:
        assert file.name.endswith(".txt")
        assert file.read() == b"content"


def test_unused_file_goes_and_a_touched_one_stays(files: Files) -> None:
    """By its time stamp alone."""
    keep(files)
    os.utime(files.folder / ID, (1000, 1000))
    assert files.remove_unused(ID, since=1000) is False
    assert files.touch(ID)
    assert files.remove_unused(ID, since=1001) is False
    os.utime(files.folder / ID, (1000, 1000))
    assert files.remove_unused(ID, since=1001) is True
    assert not files.touch(ID)
    assert list(files.folder.iterdir()) == []
    assert files.remove_unused(ID, since=1001) is False


def test_file_that_is_used_while_it_is_removed_is_moved_back(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another replica touches it between the look at it and its removal."""
    keep(files)
    os.utime(files.folder / ID, (1000, 1000))
    rename = type(files.folder).rename

    def touched_before(path: Path, target: Path) -> Path:
        if path.name == ID:
            os.utime(path)
        return rename(path, target)

    monkeypatch.setattr(type(files.folder), "rename", touched_before)
    assert files.remove_unused(ID, since=1001) is False
    assert [each.name for each in files.folder.iterdir()] == [ID]


def test_only_what_belongs_there_is_listed(files: Files) -> None:
    """Somebody else's files are nobody's to remove."""
    assert list(files.names()) == []
    keep(files)
    files.draft()
    (files.folder / "notes.txt").write_text("mine")
    assert len(list(files.names())) == 2
