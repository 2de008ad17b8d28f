"""Uploaded files, behind Streamlit's UploadedFileManager protocol, on the shared volume."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import TYPE_CHECKING

from streamlit.runtime import Runtime
from streamlit.runtime.uploaded_file_manager import (
    UploadedFileManager,
    UploadedFileRec,
    UploadFileUrlInfo,
)

from app import log
from app.shared_files import owners
from app.shared_files.kept import ID, Files, code_of
from app.shared_files.tickets import shared_tickets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from streamlit.runtime.stats import Stat

    from app.shared_files.kept import KeptFile
    from app.shared_files.upkeep import Upkeep

ENDPOINT = "/_stcore/upload_file"
KIND = "upload"
FOLDER = "uploads"


def files_of(root: Path) -> Files:
    """Return the folder of uploads on a volume."""
    return Files(root, FOLDER)


def open_upload(files: Files, file_id: str, session: str, owner: str) -> KeptFile | None:
    """Return an uploaded file that a session or its owner may have; None where there is none."""
    file = files.open(file_id)
    if file is None or file.about.is_open_to(session, owner):
        return file
    file.close()
    return None


class SharedUploads(UploadedFileManager):
    """Gives a script the files of its session and of its browser, whichever replica took them.

    Nothing is kept in memory but ids: of the files that this replica's sessions may still ask for,
    which are touched from time to time so that no replica takes them for forgotten.
    """

    def __init__(self, root: Path, upkeep: Upkeep) -> None:
        self._files = files_of(root)
        self._upkeep = upkeep
        self._lock = threading.Lock()
        self._in_use: defaultdict[str, set[str]] = defaultdict(set)

    def get_files(self, session_id: str, file_ids: Sequence[str]) -> list[UploadedFileRec]:
        """Return those of the files that are there and that this session may have.

        One that the volume does not give is left out, as one that is gone: Streamlit asks in the
        midst of reading a widget, where an error would lose the text that came with the file.
        """
        owner = owners.owner_of(session_id)
        found = []
        for file_id in file_ids:
            try:
                record = self._read(file_id, session_id, owner)
            except OSError as error:
                log.event("file_unavailable", method="read", error=code_of(error))
                continue
            if record is not None:
                found.append(record)
        self._use(session_id, (each.file_id for each in found))
        return found

    def get_upload_urls(
        self, session_id: str, file_names: Sequence[str]
    ) -> list[UploadFileUrlInfo]:
        """Return where the page may upload so many files to; asks nothing of the volume."""
        owner, tickets = owners.owner_of(session_id), shared_tickets()
        ids = [tickets.issue(session_id, owner) for _ in file_names]
        with self._lock:
            self._in_use[session_id].update(ids)
        urls = ((each, f"{ENDPOINT}/{session_id}/{each}") for each in ids)
        return [UploadFileUrlInfo(each, url, url) for each, url in urls]

    def remove_session_files(self, session_id: str) -> None:
        """Let go of a session that has ended here; its browser may go on elsewhere.

        What only this session could have is removed, in the upkeep's thread: Streamlit calls this
        in its event loop.
        """
        with self._lock:
            ids = self._in_use.pop(session_id, set())
        owners.forget(session_id)
        if ids:
            self._upkeep.soon(lambda: self._remove_unowned(ids))

    def in_use(self) -> set[str]:
        """Return the ids that sessions on this replica may still ask for."""
        with self._lock:
            return set().union(*self._in_use.values())

    @property
    def stats_families(self) -> Sequence[str]:
        """Return nothing: no memory is used that would be worth a figure."""
        return ()

    def get_stats(
        self,
        family_names: Sequence[str] | None = None,  # noqa: ARG002 - the protocol's
    ) -> Mapping[str, Sequence[Stat]]:
        """Return nothing."""
        return {}

    def _use(self, session_id: str, file_ids: Iterable[str]) -> None:
        """Note that a session, if it is one of this replica's, may ask for files again."""
        if Runtime.instance().is_active_session(session_id):
            with self._lock:
                self._in_use[session_id].update(file_ids)

    def _read(self, file_id: str, session: str, owner: str) -> UploadedFileRec | None:
        file = open_upload(self._files, file_id, session, owner)
        if file is None:
            return None
        with file:
            return UploadedFileRec(file_id, file.name, file.type, file.read())

    def _remove_unowned(self, ids: set[str]) -> None:
        for file_id in ids:
            file = self._files.open(file_id)
            if file is None:
                continue
            with file:
                if file.about.owner:
                    continue
            self._files.remove(file_id)


class UnreadUploads(SharedUploads):
    """Gives a script no more than the ids: for a page that opens its uploads itself.

    Streamlit asks for files in the midst of reading a widget, before the script runs. A volume that
    stalls then could be told to nobody, a file that is not given is left out without a word, and a
    hundred photos at once would be more than a replica's memory. So this asks nothing of the
    volume, gives an empty file for each id, and the page calls find_upload. A widget of such a page
    must name a media type among the types that it takes, or Streamlit misses the ending of a name.
    """

    def get_files(self, session_id: str, file_ids: Sequence[str]) -> list[UploadedFileRec]:
        """Return an empty file for each id that could be one."""
        ids = [each for each in file_ids if ID.fullmatch(each)]
        self._use(session_id, ids)
        return [UploadedFileRec(each, "", "", b"") for each in ids]
