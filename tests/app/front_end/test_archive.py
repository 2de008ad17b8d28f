"""A front end on the volume: whole or not there, published by many at once, gone when unused."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from app.front_end import archive

if TYPE_CHECKING:
    from pathlib import Path

NAME = "1.67.0-0123abcd.zip"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Give a front end of two files."""
    folder = tmp_path / "site-packages" / "static"
    (folder / "js").mkdir(parents=True)
    (folder / "js" / "index.abc.js").write_text("1")
    (folder / "logo.png").write_bytes(b"\0" * 100_000)
    return archive.files_below({"static": str(folder)})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a volume on which nothing was published."""
    (tmp_path / "volume").mkdir()
    return tmp_path / "volume"


def content(root: Path, name: str = NAME) -> dict[str, bytes]:
    """Return what an archive holds."""
    with ZipFile(root / archive.FOLDER / name) as found:
        return {each: found.read(each) for each in found.namelist()}


def test_archive_holds_every_file_by_its_url(root: Path, files: dict[str, Path]) -> None:
    """Published once; after that it is only stamped."""
    assert archive.listed(root) == []
    assert archive.publish(root, NAME, files)
    assert not archive.publish(root, NAME, files)
    assert archive.listed(root) == [NAME]
    assert (root / archive.FOLDER / NAME).stat().st_mode & 0o777 == 0o600
    assert content(root) == {"static/js/index.abc.js": b"1", "static/logo.png": b"\0" * 100_000}


def test_name_tells_versions_apart_and_builds_of_one(files: dict[str, Path]) -> None:
    """An image from which some files were trimmed is another front end."""
    names = {
        archive.name_of("1.67.0", files),
        archive.name_of("1.66.1", files),
        archive.name_of("1.67.0", list(files)[1:]),
    }
    assert len(names) == 3
    assert all(archive.NAME.fullmatch(name) for name in names)
    assert archive.name_of("1.67.0", reversed(list(files))) in names


def test_replicas_that_start_together_leave_one_whole_archive(
    root: Path, files: dict[str, Path]
) -> None:
    """And none of their drafts."""
    with ThreadPoolExecutor(8) as replicas:
        made = [replicas.submit(archive.publish, root, NAME, files) for _ in range(8)]
        assert any(each.result() for each in made)
    assert os.listdir(root / archive.FOLDER) == [NAME]  # noqa: PTH208
    assert len(content(root)) == 2


def test_failure_leaves_nothing_behind(root: Path, files: dict[str, Path]) -> None:
    """Nobody ever finds a part of an archive."""
    with pytest.raises(FileNotFoundError):
        archive.publish(root, NAME, files | {"static/js/gone.js": root / "gone"})
    assert os.listdir(root / archive.FOLDER) == []  # noqa: PTH208


def test_what_nobody_stamps_goes_after_a_day(root: Path, files: dict[str, Path]) -> None:
    """Of archives and drafts; what else lies there stays, as does what is in use."""
    old, draft, other = "1.66.1-0123abcd.zip", f"{archive.DRAFT}0", "readme"
    for name in (NAME, old, "1.65.0-0123abcd.zip"):
        archive.publish(root, name, files)
    for name in (draft, other):
        (root / archive.FOLDER / name).touch()
    long_ago = time.time() - archive.KEPT_SECONDS - 60
    for name in (NAME, old, draft, other):
        os.utime(root / archive.FOLDER / name, (long_ago, long_ago))
    archive.publish(root, NAME, files)
    assert sorted(archive.tidy(root, NAME)) == sorted([old, draft])
    assert archive.listed(root) == ["1.65.0-0123abcd.zip", NAME]
    assert (root / archive.FOLDER / other).exists()
