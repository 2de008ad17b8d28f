"""GET and HEAD of media, on any replica, for who may see them.

As Streamlit's own route (starlette_routes.create_media_routes) does it: one range, no If-Range, no
ETag. Besides, `Cache-Control: private`, for not everybody may have what is at an address.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from streamlit.runtime.media_file_storage import MediaFileKind
from streamlit.runtime.memory_media_file_storage import get_extension_for_mimetype
from streamlit.web.server.starlette.starlette_routes import _set_cors_headers

from app.file_response import OpenFile, answer, asked_part, no_such_part
from app.shared_files import owners
from app.shared_files.media import without_ending
from app.shared_files.refusal import RefusedError
from app.volume_threads import in_thread

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from app.file_response import Part
    from app.shared_files.kept import About, Files

_UNQUOTABLE = re.compile(r'["\\\x00-\x1f\x7f]')


async def get(request: Request, files: Files, name: str) -> Response:
    """Send a medium, or the part of it that is asked for."""
    file = await in_thread(files.open, without_ending(name))
    if file is None:
        raise RefusedError(404, "File not found")
    try:
        _require_owner(file.about, owners.holder(request.cookies))
        part = _part(request, file.size)
        opened = OpenFile(file.piece, file.close)
        type_ = file.about.type or "text/plain"
        response = answer(request, opened, part, _headers(file.about), type_)
        await _set_cors_headers(request, response)
    except BaseException:
        file.close()
        raise
    return response


def _require_owner(about: About, browser: str) -> None:
    """Refuse another browser, and without a word of difference to what is not there."""
    if about.owner not in {"", browser}:
        raise RefusedError(404, "File not found")


def _part(request: Request, size: int) -> Part:
    """Return what is asked for. Raises RefusedError where that is no range of it."""
    try:
        return asked_part(request, size)
    except ValueError as error:
        raise RefusedError(416, "Invalid range", no_such_part(size)) from error


def _headers(about: About) -> dict[str, str]:
    headers = {"Accept-Ranges": "bytes", "Cache-Control": "private"}
    if about.kind == MediaFileKind.DOWNLOADABLE.value:
        headers["Content-Disposition"] = _disposition(about)
    return headers


def _disposition(about: About) -> str:
    """Return under which name to save it: quoted where that is safe, else as RFC 5987 has it."""
    name = about.name or f"streamlit_download{get_extension_for_mimetype(about.type)}"
    if name.isascii() and not _UNQUOTABLE.search(name):
        return f'attachment; filename="{name}"'
    return f"attachment; filename*=utf-8''{quote(name, safe='')}"
