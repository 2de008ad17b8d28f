"""What st.image, st.audio, st.video and st.download_button show, on the shared volume.

Streamlit's MediaFileManager knows which session shows what; it asks a storage, by the
MediaFileStorage protocol, while it holds its one lock, for which its event loop waits, too, when a
session ends. So the manager here stores first and takes the lock then.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from streamlit.runtime.download_data_util import convert_data_to_bytes_and_infer_mime
from streamlit.runtime.media_file_manager import MediaFileManager, MediaFileMetadata
from streamlit.runtime.media_file_storage import (
    MediaFileKind,
    MediaFileStorage,
    MediaFileStorageError,
)
from streamlit.runtime.memory_media_file_storage import get_extension_for_mimetype

from app.shared_files import owners
from app.shared_files.kept import ID, About, Files
from app.shared_files.tickets import shared_tickets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.shared_files.upkeep import Upkeep

ENDPOINT = "/media"
FOLDER = "media"
# For so long a medium that was seen on the volume is taken to be there, and not touched again.
CONFIRMED_SECONDS = 60.0
_CHUNK = 2**18


def files_of(root: Path) -> Files:
    """Return the folder of media on a volume."""
    return Files(root, FOLDER)


class Stored(str):
    """The id of a medium that is on the volume already, given in the place of its path."""

    __slots__ = ()


class SharedMedia(MediaFileStorage):
    """Keeps media on the volume; in memory, only which of them are there."""

    def __init__(self, root: Path, upkeep: Upkeep) -> None:
        self._files = files_of(root)
        self._upkeep = upkeep
        self._lock = threading.Lock()
        self._confirmed: dict[str, float] = {}

    def load_and_get_id(
        self,
        path_or_data: str | bytes,
        mimetype: str,
        kind: MediaFileKind,
        filename: str | None = None,
    ) -> str:
        """Return the id of a medium, which is on the volume by then. See `store`."""
        if isinstance(path_or_data, Stored):
            return str(path_or_data)
        return self.store(path_or_data, mimetype, kind, filename, owners.running_session())

    def store(
        self,
        path_or_data: str | bytes,
        mimetype: str,
        kind: MediaFileKind,
        filename: str | None,
        session: str,
    ) -> Stored:
        """Put a medium of a session on the volume, unless it is there; return its id.

        The id is its owner's own, or else the session's own. It ends as its type's files do.
        Raises MediaFileStorageError, caused by an OSError, where this cannot be.
        """
        owner = owners.owner_of(session)
        name = filename or ""
        try:
            hashed = shared_tickets().medium(owner or session, kind.value, mimetype, name)
            for chunk in _chunks(path_or_data):
                hashed.update(chunk)
            medium = hashed.hexdigest()
            if not self._is_there(medium):
                about = About(name, mimetype, kind.value, session, owner)
                self._write(medium, about, path_or_data)
        except OSError as error:
            raise MediaFileStorageError(f"This cannot be shown: {error.strerror}") from error
        with self._lock:
            self._confirmed[medium] = time.monotonic()
        return Stored(medium + get_extension_for_mimetype(mimetype))

    def get_url(self, file_id: str) -> str:
        """Return where the browser gets it; asks nothing of the volume."""
        if not ID.fullmatch(without_ending(file_id)):
            raise MediaFileStorageError(f"Bad media id '{file_id}'")
        return f"{ENDPOINT}/{file_id}"

    def delete_file(self, file_id: str) -> None:
        """Let go of what no session of this replica shows any more; upkeep may remove it."""
        medium = without_ending(file_id)
        with self._lock:
            self._confirmed.pop(medium, None)
        self._upkeep.release(medium)

    def _is_there(self, medium: str) -> bool:
        seen = self._confirmed.get(medium)
        if seen is not None and time.monotonic() - seen < CONFIRMED_SECONDS:
            return True
        return self._files.touch(medium)

    def _write(self, medium: str, about: About, path_or_data: str | bytes) -> None:
        draft = self._files.draft()
        try:
            for chunk in _chunks(path_or_data):
                draft.write(chunk)
            draft.keep(medium, about)
        finally:
            draft.discard()


class SharedMediaManager(MediaFileManager):
    """Streamlit's own, but for when it stores: without its lock held."""

    def __init__(self, storage: SharedMedia) -> None:
        super().__init__(storage)
        self._shared = storage

    def add(
        self,
        path_or_data: bytes | str,
        mimetype: str,
        coordinates: str,
        file_name: str | None = None,
        is_for_static_download: bool = False,  # noqa: FBT001, FBT002 - the overridden method's
    ) -> str:
        """Store what a script shows, note it as shown, and return its URL."""
        kind = MediaFileKind.DOWNLOADABLE if is_for_static_download else MediaFileKind.MEDIA
        session = owners.running_session()
        stored = self._shared.store(path_or_data, mimetype, kind, file_name, session)
        return super().add(stored, mimetype, coordinates, file_name, is_for_static_download)

    def execute_deferred(self, file_id: str) -> str:
        """Make what a deferred download button promised, store it, and return its URL.

        The button's session is on this replica, as its click came by its websocket.
        """
        with self._lock:
            entry = self._deferred_callables.get(file_id)
        if entry is None:
            raise MediaFileStorageError(f"Deferred file {file_id} not found")
        try:
            made = entry["callable"]()
        except Exception as error:
            raise MediaFileStorageError(f"Callable execution failed: {error}") from error
        data, inferred = convert_data_to_bytes_and_infer_mime(
            made,
            unsupported_error=MediaFileStorageError(f"Callable returned a {type(made).__name__}"),
        )
        kind = MediaFileKind.DOWNLOADABLE
        stored = self._shared.store(
            data, entry["mimetype"] or inferred, kind, entry["filename"], entry["session_id"]
        )
        with self._lock:
            self._file_metadata[str(stored)] = MediaFileMetadata(kind)
        return self._shared.get_url(stored)

    def in_use(self) -> set[str]:
        """Return the media that sessions on this replica show."""
        with self._lock:
            shown = set[str]().union(
                *(each.values() for each in self._files_by_session_and_coord.values())
            )
        return {medium for each in shown if ID.fullmatch(medium := without_ending(each))}


def without_ending(name: str) -> str:
    """Return the id in the last part of a URL, which may end as files of its type do."""
    return name.partition(".")[0]


def _chunks(path_or_data: str | bytes) -> Iterator[bytes | memoryview]:
    """Yield what is to be stored: bytes, or the content of a file of this replica."""
    if isinstance(path_or_data, str):
        with Path(path_or_data).open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    else:
        yield memoryview(path_or_data)
