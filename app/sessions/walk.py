"""A walk through the store's folders, a few at a time: there may be 4,096 of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .layout import PLACE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def folders_after(top: Path, cursor: str) -> Iterator[tuple[str, Path]]:
    """Yield the folders of logs behind a place in the walk, in order, each with its own place.

    A place is the name of such a folder, the start "".
    """
    try:
        names = os.listdir(top)  # noqa: PTH208 - names are enough
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in sorted(name for name in names if PLACE.fullmatch(name)):
        if name > cursor:
            yield name, top / name
