"""GET /attachments/...: what is attached to the browser's own conversation, from any replica.

    /attachments/SESSION/SHA-256?name=plan.pdf

The cookie says whose it is; SESSION, the public id, must belong to it, and only keeps an address
from showing another conversation's file after the browser has got another key. Nothing is asked of
the conversation's log: the SHA-256 names the file, and its first bytes say what it is.

What anybody uploads is never a page of this site: images are shown, all else is only saved, and the
sandbox keeps even what a browser would show from running anything.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote, urlencode

from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app.browser.names import SESSION_COOKIE
from app.file_response import OpenFile, answer, asked_part, no_such_part
from app.sessions import (
    BlobMissing,
    SessionError,
    SessionStore,
    is_valid,
    public_id,
)
from app.sessions.media import HEAD, image_type
from app.settings import read_settings
from app.volume_threads import in_thread

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from app.sessions import Attachment

FOLDER = "attachments"
_LONGEST_NAME = 120  # letters: some firewalls let no longer query pass than 2 KB
# What no file system takes, and what firewalls take for an attack.
_UNSAVABLE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u202a-\u202e\u2066-\u2069]')
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_NOT_FOUND = "not found"
_HEADERS = {
    "Accept-Ranges": "bytes",
    # What is at an address never changes; but no browser need keep it for long, nor others at all.
    "Cache-Control": "private, max-age=86400, immutable",
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def address(session: str, attachment: Attachment) -> str:
    """Return where an attachment is, relative to the page. session: its public id."""
    name = _UNSAVABLE.sub("_", attachment["name"][-_LONGEST_NAME:])
    return f"{FOLDER}/{session}/{attachment['sha256']}?{urlencode({'name': name})}"


async def _get(request: Request) -> Response:
    """Send an attachment, or the part of it that is asked for."""
    key = request.cookies.get(SESSION_COOKIE)
    sha256 = request.path_params["sha256"]
    # One answer to all that is not there, for whatever reason.
    if not (is_valid(key) and public_id(key) == request.path_params["session"]):
        return PlainTextResponse(_NOT_FOUND, 404)
    if not _SHA256.fullmatch(sha256):
        return PlainTextResponse(_NOT_FOUND, 404)
    try:
        file = await in_thread(_open, key, sha256)
    except BlobMissing:
        return PlainTextResponse(_NOT_FOUND, 404)
    except SessionError as error:
        return PlainTextResponse(str(error), 503)
    try:
        return await _answer(request, file)
    except BaseException:
        file.close()
        raise


def _open(key: str, sha256: str) -> BinaryIO:
    return SessionStore(read_settings().session_root).open_attachment(key, sha256)


async def _answer(request: Request, file: BinaryIO) -> Response:
    size = os.fstat(file.fileno()).st_size
    headers = {**_HEADERS, "ETag": f'"{request.path_params["sha256"]}"'}
    image = image_type(await in_thread(file.read, HEAD))
    type_, how = (image, "inline") if image else ("application/octet-stream", "attachment")
    name = quote(request.query_params.get("name", "")[:_LONGEST_NAME], safe="")
    headers["Content-Disposition"] = f"{how}; filename*=utf-8''{name}" if name else how
    try:
        part = asked_part(request, size)
    except ValueError:
        file.close()
        return PlainTextResponse("no such range", 416, no_such_part(size))
    opened = OpenFile(lambda at, length: os.pread(file.fileno(), length, at), file.close)
    return answer(request, opened, part, headers, type_)


route = Route(f"/{FOLDER}/{{session}}/{{sha256}}", _get, methods=["GET"])
