"""This replica's own front end, published for others; and those of others, read from the volume."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Never
from zipfile import BadZipFile, ZipFile

import streamlit
from streamlit import file_util

from app import log
from app.front_end import archive

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streamlit.components.types.base_custom_component import BaseCustomComponent

STAMP_SECONDS = 3600.0
RETRY_SECONDS = 10.0
# A start goes on without the volume after that, as the page is where its troubles are told.
PATIENCE_SECONDS = 10.0
# Between two looks for archives that are new; whoever publishes one is not in rotation before.
LOOK_SECONDS = 1.0


class FrontEnds:
    """The front ends of all versions that share a volume; one object a replica.

    own: the files of this one, as a URL has them, which Streamlit serves by itself.
    """

    version = streamlit.__version__

    def __init__(self, root: Path) -> None:
        self._root = root
        self.own: frozenset[str] = frozenset()
        self._name = ""
        self._published = threading.Event()
        self._open: dict[str, ZipFile] = {}
        self._looked_at = float("-inf")
        self._looking = threading.Lock()

    def publish(self, components: Iterable[BaseCustomComponent]) -> None:
        """Begin to publish this replica's files, and to keep them so.

        components: those of Streamlit's first kind that its pages use.
        """
        folders = {f"component/{each.name}": each.abspath for each in components if each.abspath}
        folders["static"] = str(Path(file_util.get_static_dir(), "static"))
        files = archive.files_below(folders)
        self.own = frozenset(files)
        self._name = archive.name_of(self.version, self.own)
        threading.Thread(target=self._keep, args=(files,), name="front-end", daemon=True).start()

    def wait_published(self) -> None:
        """Wait until they are: before, no page of this version may be loaded from anywhere."""
        if not self._published.wait(PATIENCE_SECONDS):
            log.event("front_end_unpublished", error="the volume does not answer")

    def read(self, url: str) -> bytes | None:
        """Return a file of another version, None if no version has it; its path is without `/`."""
        found = self._read(url)
        if found is None:
            self._look()
            found = self._read(url)
        return found

    def _read(self, url: str) -> bytes | None:
        for name, each in tuple(self._open.items()):
            try:
                return each.read(url)
            except KeyError:
                continue
            except (OSError, BadZipFile) as error:
                # Removed, or written anew; if it is there at all, the next look finds it again.
                log.event("front_end_unreadable", archive=name, error=str(error))
                self._open.pop(name, None)
        return None

    def _look(self) -> None:
        """Open what is new on the volume, unless that was just done."""
        with self._looking:
            if time.monotonic() - self._looked_at < LOOK_SECONDS:
                return
            try:
                names = set(archive.listed(self._root)) - {self._name}
            except OSError as error:
                log.event("front_end_unreadable", error=str(error))
            else:
                for gone in set(self._open) - names:
                    self._open.pop(gone, None)
                for new in names - set(self._open):
                    self._open_archive(new)
            self._looked_at = time.monotonic()

    def _open_archive(self, name: str) -> None:
        try:
            self._open[name] = ZipFile(self._root / archive.FOLDER / name)
        except (OSError, BadZipFile) as error:
            log.event("front_end_unreadable", archive=name, error=str(error))

    def _keep(self, files: Mapping[str, Path]) -> Never:
        """Publish, and stamp every hour what is published."""
        while True:
            began = time.monotonic()
            try:
                if archive.publish(self._root, self._name, files):
                    seconds = round(time.monotonic() - began, 3)
                    log.event("front_end_published", archive=self._name, seconds=seconds)
                self._published.set()
                for removed in archive.tidy(self._root, self._name):
                    self._open.pop(removed, None)  # or this client keeps the file under a new name
                    log.event("front_end_removed", archive=removed)
            except OSError as error:
                log.event("front_end_unpublished", archive=self._name, error=str(error))
            time.sleep(STAMP_SECONDS if self._published.is_set() else RETRY_SECONDS)
