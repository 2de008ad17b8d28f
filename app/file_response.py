"""A file, or the part of it that a request asks for, sent piece by piece."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import Response, StreamingResponse
from streamlit.web.server.starlette.starlette_app_utils import parse_range_header

from app.volume_threads import in_thread

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

_PIECE_BYTES = 2**18


@dataclass(frozen=True)
class Part:
    """What of a file is sent: bytes from start to before end, and what says so."""

    status: int
    start: int
    end: int
    headers: dict[str, str]


@dataclass(frozen=True)
class OpenFile:
    """A file to send: read returns so many bytes from an offset, none at its end."""

    read: Callable[[int, int], bytes]
    close: Callable[[], None]


def asked_part(request: Request, size: int) -> Part:
    """Return what is asked for of a file of that size. Raises ValueError if that is no part."""
    asked = request.headers.get("range")
    if not asked:
        return Part(200, 0, size, {"Content-Length": str(size)})
    start, last = parse_range_header(asked, size)
    said = {"Content-Range": f"bytes {start}-{last}/{size}"}
    return Part(206, start, last + 1, said | {"Content-Length": str(last + 1 - start)})


def no_such_part(size: int) -> dict[str, str]:
    """Return the headers of a 416."""
    return {"Content-Range": f"bytes */{size}"}


def answer(
    request: Request, file: OpenFile, part: Part, headers: Mapping[str, str], media_type: str
) -> Response:
    """Return the answer to a GET or HEAD; it lets go of the file however it ends."""
    whole = {**headers, **part.headers}
    if request.method == "HEAD":
        file.close()
        return Response(None, part.status, whole, media_type)
    return _FileResponse(file, part, whole, media_type)


class _FileResponse(StreamingResponse):
    def __init__(
        self, file: OpenFile, part: Part, headers: Mapping[str, str], media_type: str
    ) -> None:
        super().__init__(_pieces(file, part), part.status, headers, media_type)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._file.close()


async def _pieces(file: OpenFile, part: Part) -> AsyncGenerator[bytes]:
    at = part.start
    while at < part.end:
        piece = await in_thread(file.read, at, min(_PIECE_BYTES, part.end - at))
        if not piece:
            return
        yield piece
        at += len(piece)
