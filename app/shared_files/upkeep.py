"""What keeps uploads and media on the volume as long as a session uses them, and no longer.

Each replica runs this in one thread; there is no leader. What its sessions use it touches every
TOUCH_SECONDS. What it has let go of it removes after RELEASED_SECONDS, unless somebody else has
touched it since. And once in SWEEP_SECONDS, whichever replica comes first removes what nobody has
touched for UNUSED_SECONDS: what replicas that died had let go of, or never did.

Where the last sweep was longer ago than it should be, or in the future, clocks cannot be trusted:
that sweep only notes the time.
"""

from __future__ import annotations

import logging
import os
import queue
import random
import time
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Never

from app import log
from app.sessions import files
from app.shared_files.kept import code_of, stamped_at

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.shared_files.kept import Files

TOUCH_SECONDS = 900.0
RELEASED_SECONDS = 3600.0
SWEEP_SECONDS = 3600.0
UNUSED_SECONDS = 86_400.0
_STEADY_SECONDS = 3 * SWEEP_SECONDS
_CLOCK, _SWEPT = ".clock", ".swept"

logger = logging.getLogger(__name__)


class Upkeep:
    """The upkeep of this replica's share of two folders."""

    def __init__(self, uploads: Files, media: Files) -> None:
        self._uploads = uploads
        self._media = media
        self._in_use: list[tuple[Files, Callable[[], set[str]]]] = []
        self._tasks: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._released: dict[str, float] = {}  # media, and when in monotonic seconds

    def watch(
        self, uploads_in_use: Callable[[], set[str]], media_in_use: Callable[[], set[str]]
    ) -> None:
        """Be told where to ask what this replica's sessions use."""
        self._in_use = [(self._uploads, uploads_in_use), (self._media, media_in_use)]

    def soon(self, task: Callable[[], None]) -> None:
        """Have something done in the upkeep's thread, by who must not wait for the volume."""
        self._tasks.put(task)

    def release(self, medium: str) -> None:
        """Note that this replica shows a medium no more; never waits."""
        now = time.monotonic()
        self.soon(lambda: self._released.__setitem__(medium, now))

    def start(self) -> None:
        """Do it for as long as this process lives, and not hold up its end."""
        Thread(target=self._run_forever, name="shared-files", daemon=True).start()

    def _run_forever(self) -> Never:
        due = time.monotonic() + TOUCH_SECONDS * random.random()  # noqa: S311 - no secret
        while True:
            with suppress(queue.Empty):
                task = self._tasks.get(timeout=max(0.0, due - time.monotonic()))
                self._try(task)
                continue
            self._try(self.run)
            due = time.monotonic() + TOUCH_SECONDS

    def _try(self, task: Callable[[], None]) -> None:
        """Do something; the volume's failure is told, and the next run tries again."""
        try:
            task()
        except OSError as error:
            logger.warning("upkeep of shared files: %s; tried again later", code_of(error))

    def run(self) -> None:
        """Touch what is used, remove what was let go of, and sweep if that is due."""
        for folder, in_use in self._in_use:
            for file_id in in_use():
                folder.touch(file_id)
        self._remove_released()
        self._sweep()

    def _remove_released(self) -> None:
        shown = self._in_use[1][1]() if self._released else set()
        for medium, at in tuple(self._released.items()):
            ago = time.monotonic() - at
            if medium in shown:
                del self._released[medium]
            elif ago > RELEASED_SECONDS:
                del self._released[medium]
                self._media.remove_unused(medium, _now(self._media) - ago)

    def _sweep(self) -> None:
        for folder in (self._uploads, self._media):
            if not files.exists_now(folder.folder, folder.root):
                continue
            now, last = _now(folder), _last_swept(folder)
            if 0 <= now - last < SWEEP_SECONDS:
                continue
            _stamp(folder.folder / _SWEPT)
            if 0 <= now - last < _STEADY_SECONDS:
                gone = sum(
                    folder.remove_unused(name, now - UNUSED_SECONDS) for name in folder.names()
                )
                if gone:
                    log.event("files_expired", of=folder.folder.name, files=gone)


def _now(folder: Files) -> float:
    """Return the time by the volume's clock."""
    return _stamp(folder.folder / _CLOCK)


def _last_swept(folder: Files) -> float:
    try:
        return stamped_at(folder.folder / _SWEPT)
    except FileNotFoundError:
        return 0.0


def _stamp(path: Path) -> float:
    """Set a file's time stamp to now, by the server's clock, and return it."""
    fd = files.open_to_write(path)
    try:
        os.utime(fd)
        return os.fstat(fd).st_mtime
    finally:
        files.close(fd)
