"""What a replica does for pages of other versions than its own: an ASGI middleware.

A page's files come from whichever replica a request meets, so each replica serves the files of all
versions. Its websocket must meet one of the page's own version: a replica of another one refuses
it as long as the page is new, and Streamlit tries again at once, elsewhere. Afterwards it is taken,
whatever the version; the page then finds that it is of another one, and reloads (see stamp.py).
"""

from __future__ import annotations

import mimetypes
import re
from typing import TYPE_CHECKING

from anyio import CapacityLimiter, to_thread
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response

from app.front_end.stamp import COOKIE

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from app.front_end.front_ends import FrontEnds

# Nothing of a request but a name like this one is ever looked up, and only among those in archives.
FILE = re.compile(r"(?:static|component)(?:/[A-Za-z0-9_-][A-Za-z0-9_.@~-]*){1,8}", re.ASCII)
HASHED = "static/"
LONGEST = 300
STREAM = "/_stcore/stream"
# What Streamlit says of its own: these names have a hash of the content in them.
FOR_EVER = {"Cache-Control": "public, immutable, max-age=31536000"}
EACH_TIME = {"Cache-Control": "no-cache"}
NEVER = {"Cache-Control": "no-store"}
# Threads that may hang on a volume which does not answer; Streamlit's own files need others.
READERS = 4


class VersionSkew:
    """Wraps Streamlit's own application."""

    def __init__(self, app: ASGIApp, front_ends: FrontEnds) -> None:
        self._app = app
        self._front_ends = front_ends
        self._readers = CapacityLimiter(READERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what concerns other versions, and pass on all else."""
        if self._is_strange(scope):
            await receive()
            await send({"type": "websocket.close"})  # before it is accepted: 403
            return
        if url := self._foreign(scope):
            body = await to_thread.run_sync(self._front_ends.read, url, limiter=self._readers)
            if body is not None or url.startswith(HASHED):
                await _answer(url, body)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _is_strange(self, scope: Scope) -> bool:
        """Tell whether this is the websocket of a new page of another version."""
        if scope["type"] != "websocket" or not scope["path"].endswith(STREAM):
            return False
        return HTTPConnection(scope).cookies.get(COOKIE, self._front_ends.version) != (
            self._front_ends.version
        )

    def _foreign(self, scope: Scope) -> str:
        """Return which file is asked for, if it may be one of another version; else nothing."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            return ""
        url = str(scope["path"]).removeprefix("/")
        if len(url) > LONGEST or url in self._front_ends.own or not FILE.fullmatch(url):
            return ""
        return url


def _answer(url: str, body: bytes | None) -> Response:
    """Return a file; or that there is none, where Streamlit would send its index.html instead."""
    if body is None:
        return PlainTextResponse("no version in use has this file", 404, headers=NEVER)
    kind = mimetypes.guess_type(url)[0] or "application/octet-stream"
    headers = FOR_EVER if url.startswith(HASHED) else EACH_TIME
    return Response(body, media_type=kind, headers=headers)
