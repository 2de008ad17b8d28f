"""One version's front end as one file on the shared volume, for replicas of other versions.

    front-ends/1.67.0-1a2b3c4d.zip      Streamlit's version, and a digest of the names of all files
    front-ends/.draft-RANDOM            what is to become one

The names of Streamlit's files have a hash of their content in them, so the file in which one of
them is found does not matter. An archive is written aside, synced and renamed, and never changed
then; several replicas may do so at once, with the same content. Whoever uses a version stamps its
archive every hour, and removes those that nobody has stamped for long, by the volume's clock.

Nothing in it is compressed: at a quarter of a processor that takes seconds, and storage is cheap.
A check of each file is kept beside it (ZIP's CRC-32) and compared at each read.
"""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZIP_STORED, ZipFile

from app.sessions.files import exists_now, make_folder, open_to_write

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import BinaryIO

FOLDER = "front-ends"
DRAFT = ".draft-"
KEPT_SECONDS = 86_400
BUFFER = 2**20
NAME = re.compile(r"[0-9][0-9A-Za-z.+-]*-[0-9a-f]{8}\.zip", re.ASCII)


class _OneWay:
    """Written from start to end: ZipFile would go back to each file's header, for a write more."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, data: bytes) -> int:
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def files_below(folders: Mapping[str, str]) -> dict[str, Path]:
    """Return all files of some folders: by their path as a URL has it, where they are.

    folders: the same of folders, such as "static": site-packages/streamlit/static/static.
    """
    return {
        f"{url}{place.removeprefix(folder)}/{name}": Path(place, name)
        for url, folder in folders.items()
        for place, _, names in os.walk(folder)
        for name in sorted(names)
    }


def name_of(version: str, urls: Iterable[str]) -> str:
    """Return the name of the archive of a front end that consists of those files."""
    return f"{version}-{sha256(' '.join(sorted(urls)).encode()).hexdigest()[:8]}.zip"


def listed(root: Path) -> list[str]:
    """Return the archives on the volume, as they are now.

    To list a folder is to open it, and so an NFS client asks for its attributes: an old listing
    does not get in the way. Raises OSError.
    """
    folder = root / FOLDER
    if not exists_now(folder, root):
        return []
    return sorted(filter(NAME.fullmatch, os.listdir(folder)))  # noqa: PTH208 - names are enough


def publish(root: Path, name: str, files: Mapping[str, Path]) -> bool:
    """Have an archive of those files on the volume, stamped now; tell whether it was missing.

    Raises OSError.
    """
    if name in listed(root):
        with suppress(FileNotFoundError):  # removed just now
            os.utime(root / FOLDER / name)
            return False
    make_folder(root / FOLDER)
    draft = root / FOLDER / f"{DRAFT}{secrets.token_hex(8)}"
    try:
        descriptor = open_to_write(draft)
        with os.fdopen(descriptor, "wb", buffering=BUFFER) as file:
            with ZipFile(_OneWay(file), "w", ZIP_STORED) as archive:
                for url, path in files.items():
                    archive.write(path, url)
            file.flush()
            os.fsync(descriptor)
        draft.rename(root / FOLDER / name)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
    return True


def tidy(root: Path, own: str) -> list[str]:
    """Remove archives and drafts that nobody has stamped for a day; return their names.

    own: the archive that was stamped just now, which tells the volume's time. Raises OSError.
    """
    now = (root / FOLDER / own).stat().st_mtime
    removed = []
    for entry in os.scandir(root / FOLDER):
        is_ours = NAME.fullmatch(entry.name) or entry.name.startswith(DRAFT)
        if is_ours and now - entry.stat(follow_symlinks=False).st_mtime > KEPT_SECONDS:
            with suppress(FileNotFoundError):  # another replica was faster
                (root / FOLDER / entry.name).unlink()
                removed.append(entry.name)
    return removed
