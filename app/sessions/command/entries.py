"""The sessions on a volume, found by walking it; nothing is opened or changed."""
# ruff: noqa: TID252 - the package knows no name but its own

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from ..keys import PUBLIC_LENGTH
from ..layout import BLOBS, FOLDER, LOG, NEXT, folder_of
from ..log import Log
from ..walk import folders_after
from .problems import NotFound, Wrong

PATIENCE = 10.0
_NAME = re.compile(rf"([0-9a-f]{{64}})(?:{re.escape(LOG)}|{re.escape(BLOBS)})", re.ASCII)
_ID = re.compile(rf"[0-9a-f]{{{PUBLIC_LENGTH},64}}", re.ASCII)


@dataclass(frozen=True)
class Entry:
    """What is on the volume of one session.

    id: as many digits of its file's name as tell it from all others, at least 8.
    names: of all that is there of it, in order.
    """

    root: Path
    digest: str
    id: str
    names: tuple[str, ...]

    @property
    def log(self) -> Log:
        """The session's log; made by nothing but writing to it."""
        return Log(self.root, self.digest, self.id, PATIENCE)

    @property
    def has_log(self) -> bool:
        """Whether there is anything in the log's place, or about to be."""
        return any(f"{self.digest}{each}" in self.names for each in (LOG, LOG + NEXT))


def entries(root: Path) -> Iterator[Entry]:
    """Yield every session that has a log, in the order of their ids."""
    if not root.is_dir():
        raise NotFound(f"'{root}' is no folder; mount the volume there, or give --root FOLDER")
    for _, folder in folders_after(root / FOLDER, ""):
        yield from (entry for entry in _in_folder(root, folder) if entry.has_log)


def find(root: Path, text: str) -> Entry:
    """Return the one session whose id begins so. Raises Wrong and NotFound."""
    prefix = text.lower()
    if not _ID.fullmatch(prefix):
        raise Wrong(f"'{text}' is no session's id: those are {PUBLIC_LENGTH} digits, see `ls`")
    found = [
        entry
        for entry in _in_folder(root, folder_of(root, prefix))
        if entry.digest.startswith(prefix)
    ]
    if not found:
        raise NotFound(f"there is no session {prefix[:PUBLIC_LENGTH]} on '{root}'")
    if len(found) > 1:
        known = ", ".join(entry.id for entry in found)
        raise Wrong(f"{len(found)} sessions begin with {prefix}; say which: {known}")
    return found[0]


def wanted(root: Path, text: str | None) -> Iterator[Entry]:
    """Yield the one session that was asked for, or else all."""
    return entries(root) if text is None else iter((find(root, text),))


def _in_folder(root: Path, folder: Path) -> Iterator[Entry]:
    names = defaultdict(list)
    try:
        listed = sorted(os.listdir(folder))  # noqa: PTH208 - names are enough
    except (FileNotFoundError, NotADirectoryError):
        return
    digests = sorted({found[1] for name in listed if (found := _NAME.match(name))})
    for name in listed:
        names[name[:64]].append(name)
    lengths = dict.fromkeys(digests, PUBLIC_LENGTH)
    for one, other in pairwise(digests):
        needed = 1 + next(at for at in range(64) if one[at] != other[at])
        for each in (one, other):
            lengths[each] = max(lengths[each], needed)
    for digest in digests:
        yield Entry(root, digest, digest[: lengths[digest]], tuple(names[digest]))
