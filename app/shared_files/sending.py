"""GET and HEAD of media, on any replica, for who may see them.

As Streamlit's own route (starlette_routes.create_media_routes) does it: one range, no If-Range, no
ETag. Besides, `Cache-Control: private`, for not everybody may have what is at an address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse
from streamlit.runtime.media_file_storage import MediaFileKind
from streamlit.runtime.memory_media_file_storage import get_extension_for_mimetype
from streamlit.web.server.starlette.starlette_app_utils import parse_range_header
from streamlit.web.server.starlette.starlette_routes import _set_cors_headers

from app.shared_files import owners
from app.shared_files.media import without_ending
from app.shared_files.refusal import RefusedError
from app.shared_files.volume_threads import in_thread

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from app.shared_files.kept import About, Files, KeptFile

_PIECE_BYTES = 2**18
_UNQUOTABLE = re.compile(r'["\\\x00-\x1f\x7f]')


@dataclass(frozen=True)
class Extent:
    """What of a file is sent, from `start`, and the headers that say so."""

    status: int
    start: int
    length: int
    headers: dict[str, str]


async def get(request: Request, files: Files, name: str) -> Response:
    """Send a medium, or the part of it that is asked for."""
    file = await in_thread(files.open, without_ending(name))
    if file is None:
        raise RefusedError(404, "File not found")
    try:
        _require_owner(file.about, owners.holder(request.cookies))
        extent = _extent(request, file)
        type_ = file.about.type or "text/plain"
        response: Response
        if request.method == "HEAD":
            response = Response(None, extent.status, extent.headers, type_)
            file.close()
        else:
            response = _FileResponse(file, extent, type_)
        await _set_cors_headers(request, response)
    except BaseException:
        file.close()
        raise
    return response


def _require_owner(about: About, browser: str) -> None:
    """Refuse another browser, and without a word of difference to what is not there."""
    if about.owner not in {"", browser}:
        raise RefusedError(404, "File not found")


def _extent(request: Request, file: KeptFile) -> Extent:
    """Return what is asked for. Raises RefusedError where that is no range of it."""
    headers = {"Accept-Ranges": "bytes", "Cache-Control": "private"}
    if file.about.kind == MediaFileKind.DOWNLOADABLE.value:
        headers["Content-Disposition"] = _disposition(file.about)
    start, end, status = 0, file.size - 1, 200
    if asked := request.headers.get("range"):
        try:
            start, end = parse_range_header(asked, file.size)
        except ValueError as error:
            whole = {"Content-Range": f"bytes */{file.size}"}
            raise RefusedError(416, "Invalid range", whole) from error
        headers["Content-Range"] = f"bytes {start}-{end}/{file.size}"
        status = 206
    length = end + 1 - start
    return Extent(status, start, length, headers | {"Content-Length": str(length)})


def _disposition(about: About) -> str:
    """Return under which name to save it: quoted where that is safe, else as RFC 5987 has it."""
    name = about.name or f"streamlit_download{get_extension_for_mimetype(about.type)}"
    if name.isascii() and not _UNQUOTABLE.search(name):
        return f'attachment; filename="{name}"'
    return f"attachment; filename*=utf-8''{quote(name, safe='')}"


class _FileResponse(StreamingResponse):
    """A part of a file, read piece by piece as the browser takes it."""

    def __init__(self, file: KeptFile, extent: Extent, type_: str) -> None:
        super().__init__(_pieces(file, extent), extent.status, extent.headers, type_)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, and let go of the file however that ends."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._file.close()


async def _pieces(file: KeptFile, extent: Extent) -> AsyncGenerator[bytes]:
    at, end = extent.start, extent.start + extent.length
    while at < end:
        piece = await in_thread(file.piece, at, min(_PIECE_BYTES, end - at))
        yield piece
        at += len(piece)
