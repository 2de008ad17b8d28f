"""What a replica does for pages of other versions than its own: an ASGI middleware.

A page's files come from whichever replica a request meets, so each replica serves the files of all
versions. Its websocket must meet one of the page's own version: while the page is new, a replica of
another one refuses it, and Streamlit tries again at once, elsewhere. But not for ever: there may be
no replica of the page's version any more, or the balancer's turns may bring it back to this one
each time. Then it is taken; the page finds that it is of another version, and reloads (stamp.py).
"""

from __future__ import annotations

import mimetypes
import re
from typing import TYPE_CHECKING, NamedTuple

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response

from app.front_end.stamp import COOKIE, NEW_SECONDS

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from app.front_end.front_ends import FrontEnds

# Nothing of a request but a name like this one is ever looked up, and only among those in archives.
FILE = re.compile(r"(?:static|component)(?:/[A-Za-z0-9_-][A-Za-z0-9_.@~-]*){1,8}", re.ASCII)
HASHED = "static/"
LONGEST = 300
STREAM, PING = "/_stcore/stream", "/_stcore/health"
PAGE = re.compile(r"(?P<version>[0-9][0-9A-Za-z.+-]*):(?P<left>[0-9])", re.ASCII)
# What Streamlit says of its own: these names have a hash of the content in them.
FOR_EVER = {"Cache-Control": "public, immutable, max-age=31536000"}
EACH_TIME = {"Cache-Control": "no-cache"}
NEVER = {"Cache-Control": "no-store"}
# Threads that may hang on a volume which does not answer; Streamlit's own files need others.
READERS = 4


class _Page(NamedTuple):
    """A page that is new: its version, and how many connections it has left to be refused."""

    version: str
    left: int


class VersionSkew:
    """Wraps Streamlit's own application."""

    def __init__(self, app: ASGIApp, front_ends: FrontEnds) -> None:
        self._app = app
        self._front_ends = front_ends
        self._readers = CapacityLimiter(READERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what concerns other versions, and pass on all else."""
        if page := _new_page(scope):
            if scope["type"] == "http":
                send = _counting(send, page)
            elif page.version != self._front_ends.version:
                await receive()
                await send({"type": "websocket.close"})  # before it is accepted: 403
                return
        if url := self._foreign(scope):
            body = await to_thread.run_sync(self._front_ends.read, url, limiter=self._readers)
            if body is not None or url.startswith(HASHED):
                await _answer(url, body)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _foreign(self, scope: Scope) -> str:
        """Return which file is asked for, if it may be one of another version; else nothing."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            return ""
        url = str(scope["path"]).removeprefix("/")
        if len(url) > LONGEST or url in self._front_ends.own or not FILE.fullmatch(url):
            return ""
        return url


def _new_page(scope: Scope) -> _Page | None:
    """Return which new page connects, or asks whether it could; None for all else."""
    if (scope["type"], scope.get("path")) not in {("websocket", STREAM), ("http", PING)}:
        return None
    said = PAGE.fullmatch(HTTPConnection(scope).cookies.get(COOKIE, ""))
    return _Page(said["version"], int(said["left"])) if said and said["left"] != "0" else None


def _counting(send: Send, page: _Page) -> Send:
    """Have the answer to a page's ping say that it has one connection less to be refused.

    No browser takes a cookie from the refusal itself, but a ping goes before each connection.
    """
    counted = Response()
    counted.set_cookie(
        COOKIE, f"{page.version}:{page.left - 1}", max_age=NEW_SECONDS, samesite="lax"
    )

    async def send_counted(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).append("set-cookie", counted.headers["set-cookie"])
        await send(message)

    return send_counted


def _answer(url: str, body: bytes | None) -> Response:
    """Return a file; or that there is none, where Streamlit would send its index.html instead."""
    if body is None:
        return PlainTextResponse("no version in use has this file", 404, headers=NEVER)
    kind = mimetypes.guess_type(url)[0] or "application/octet-stream"
    headers = FOR_EVER if url.startswith(HASHED) else EACH_TIME
    return Response(body, media_type=kind, headers=headers)
