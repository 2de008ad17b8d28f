"""A walk through the store's folders, a few at a time: there may be 65,536 of them."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HEX = re.compile(r"[0-9a-f]{2}", re.ASCII)


def folders_after(top: Path, cursor: str) -> Iterator[tuple[str, Path]]:
    """Yield the folders of logs behind a place in the walk, in order, each with its own place.

    A place is the four digits of `ab/cd`, the start "". Lists each folder when it comes to it.
    """
    for first in _listed(top):
        if first >= cursor[:2]:
            for second in _listed(top / first):
                if first + second > cursor:
                    yield first + second, top / first / second


def _listed(folder: Path) -> list[str]:
    try:
        names = os.listdir(folder)  # noqa: PTH208 - names are enough
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(name for name in names if _HEX.fullmatch(name))
