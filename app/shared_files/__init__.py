"""No affinity needed: uploads, media and components, whichever replica a request lands on.

Streamlit keeps uploaded files and media in the memory of the replica that a page is connected to,
and knows of a component what its own scripts have imported. Here the shared volume keeps them,
behind Streamlit's own protocols. docs/no-affinity.md tells what Streamlit does, and the limits.

    app = st.App(
        "page.py",
        lifespan=lifespan,                                # calls install(root, Path("page.py"))
        middleware=[Middleware(SharedFileRoutes, root=root)],
    )

`install` puts three things into Streamlit's Runtime in the place of its own: tests/app/shared_files
names the version of Streamlit that this is made for, and fails where another one differs.

Streamlit's widgets then give a page its uploads as ever. For one that has only an id and a key:

    with shared_files.find_upload(root, file_id, key) as file:     # or None
        session.attach(file)                       # an open file with name, type, size
    shared_files.remove_upload(root, file_id, key)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamlit.runtime import Runtime

from app.sessions import digest
from app.shared_files import components, media, uploads
from app.shared_files.kept import KeptFile
from app.shared_files.media import SharedMedia, SharedMediaManager
from app.shared_files.owners import belongs_to, running_session
from app.shared_files.routes import SharedFileRoutes
from app.shared_files.upkeep import Upkeep
from app.shared_files.uploads import SharedUploads, UnreadUploads

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "KeptFile",
    "SharedFileRoutes",
    "belongs_to",
    "find_upload",
    "install",
    "remove_upload",
]


def install(root: Path, *scripts: Path, read_uploads: bool = True) -> None:
    """Let the running server keep its files on the volume, and know its scripts' components.

    To be called in the lifespan of st.App, before any request comes. root: where the volume is
    mounted. scripts: the page, and others that Streamlit runs. read_uploads: whether Streamlit's
    widgets give them the content of files; else they give ids, and empty files (see UnreadUploads).
    Asks nothing of the volume.
    """
    upkeep = Upkeep(uploads.files_of(root), media.files_of(root))
    shared_uploads = (SharedUploads if read_uploads else UnreadUploads)(root, upkeep)
    shared_media = SharedMediaManager(SharedMedia(root, upkeep))
    runtime = Runtime.instance()
    # Only who makes the Runtime can hand these in, and st.App makes it itself. No session is there
    # yet, and nothing else holds on to them but routes that are never reached (see routes.py).
    for holder, name, ours in (
        (runtime, "_uploaded_file_mgr", shared_uploads),
        (runtime._session_mgr, "_uploaded_file_mgr", shared_uploads),  # noqa: SLF001
        (runtime, "_media_file_mgr", shared_media),
    ):
        setattr(holder, name, ours)
    upkeep.watch(shared_uploads.in_use, shared_media.in_use)
    upkeep.start()
    components.register(*scripts)


def find_upload(root: Path, file_id: str, key: str) -> KeptFile | None:
    """Return an uploaded file of the browser that has this session key, on any replica.

    Or of the Streamlit session whose script calls this.
    It is open for reading, has `name`, `type` and `size`, and is to be closed. None where there is
    none, or where it is another browser's, which nobody can tell apart. Raises OSError.
    """
    return uploads.open_upload(uploads.files_of(root), file_id, running_session(), digest(key))


def remove_upload(root: Path, file_id: str, key: str) -> None:
    """Remove an uploaded file of that browser, if it is there. Raises OSError."""
    file = find_upload(root, file_id, key)
    if file is not None:
        file.close()
        uploads.files_of(root).remove(file_id)
