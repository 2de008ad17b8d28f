"""PUT and DELETE of uploads: from any browser that was given the address, on any replica.

As Streamlit's own routes (starlette_routes.create_upload_routes) do it, but for three things: the
session need not be on this replica, a file goes to the volume as it arrives, and it must be its
owner who sends or deletes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from streamlit import config
from streamlit.web.server.server_util import get_url, is_xsrf_enabled
from streamlit.web.server.starlette.starlette_app_utils import validate_xsrf_token
from streamlit.web.server.starlette.starlette_routes import _set_cors_headers
from streamlit.web.server.starlette.starlette_server_config import XSRF_COOKIE_NAME

from app.shared_files import owners
from app.shared_files.kept import About
from app.shared_files.multipart import MalformedBodyError, OneFile
from app.shared_files.refusal import RefusedError
from app.shared_files.tickets import shared_tickets
from app.shared_files.uploads import KIND
from app.volume_threads import in_thread

if TYPE_CHECKING:
    from starlette.requests import Request

    from app.shared_files.kept import Draft, Files

# What a body may be longer than the file in it; the file itself is measured. Upstream lets it be
# longer only where the body does not say its length.
_FRAMING_BYTES = 2**20
_PIECE_BYTES = 2**18  # held in memory of a file on its way to the volume
_MIB = 2**20


async def put(request: Request, files: Files, session: str, file_id: str) -> Response:
    """Take a file in; 204 when it is durable and every replica finds it."""
    _require_xsrf_token(request)
    owner = owners.holder(request.cookies)
    if not shared_tickets().is_issued(file_id, session, owner):
        raise RefusedError(404, "no such upload")
    limit = config.get_option("server.maxUploadSize") * _MIB
    _require_length(request, limit)
    draft = await in_thread(files.draft)
    try:
        name, type_ = await _receive(request, draft, limit)
        await in_thread(draft.keep, file_id, About(name, type_, KIND, session, owner))
    except ClientDisconnect as gone:
        raise RefusedError(400, "the upload broke off") from gone
    finally:
        with anyio.CancelScope(shield=True):
            await in_thread(draft.discard)
    return await _done(request)


async def delete(request: Request, files: Files, session: str, file_id: str) -> Response:
    """Remove a file; that it is gone already is no error, that it is another's is."""
    _require_xsrf_token(request)
    owner = owners.holder(request.cookies)
    await in_thread(_delete, files, file_id, session, owner)
    return await _done(request)


def _delete(files: Files, file_id: str, session: str, owner: str) -> None:
    file = files.open(file_id)
    if file is None:
        return
    with file:
        about = file.about
    if about.session != session or about.owner not in {"", owner}:
        raise RefusedError(404, "no such upload")
    files.remove(file_id)


async def _receive(request: Request, draft: Draft, limit: int) -> tuple[str, str]:
    """Write the file in the body into the draft as it arrives; return its name and type."""
    received, piece = 0, bytearray()
    try:
        body = OneFile(request.headers.get("content-type", ""))
        async for chunk in request.stream():
            received += len(chunk)
            piece += body.feed(chunk)
            if received > limit + _FRAMING_BYTES or draft.size + len(piece) > limit:
                raise RefusedError(413, "File too large")
            if len(piece) >= _PIECE_BYTES:
                await in_thread(draft.write, piece)
                piece.clear()
        body.finish()
    except MalformedBodyError as error:
        raise RefusedError(400, str(error)) from error
    if piece:
        await in_thread(draft.write, piece)
    return body.name, body.type


def _require_xsrf_token(request: Request) -> None:
    if is_xsrf_enabled() and not validate_xsrf_token(
        request.headers.get("X-Xsrftoken"), request.cookies.get(XSRF_COOKIE_NAME)
    ):
        raise RefusedError(403, "XSRF token missing or invalid")


def _require_length(request: Request, limit: int) -> None:
    """Refuse at once a body that says it is too long; one that lies is found out on its way."""
    given = request.headers.get("content-length", "0")
    if not (given.isascii() and given.isdigit()):
        raise RefusedError(400, "Invalid Content-Length header")
    if int(given) > limit + _FRAMING_BYTES:
        raise RefusedError(413, "File too large")


async def _done(request: Request) -> Response:
    """Answer 204, with what upstream tells another origin's page."""
    response = Response(status_code=204)
    response.headers["Access-Control-Allow-Methods"] = "PUT, OPTIONS, DELETE"
    response.headers["Access-Control-Allow-Headers"] = "Content-Type"
    if is_xsrf_enabled():
        address = config.get_option("browser.serverAddress")
        response.headers["Access-Control-Allow-Origin"] = get_url(address)
        response.headers["Access-Control-Allow-Headers"] = "X-Xsrftoken, Content-Type"
        response.headers["Vary"] = "Origin"
        response.headers["Access-Control-Allow-Credentials"] = "true"
    else:
        await _set_cors_headers(request, response)
    return response
