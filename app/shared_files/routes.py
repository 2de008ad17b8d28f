"""Which requests are answered here, before Streamlit's own routes for them are reached.

st.App takes no routes below /_stcore/ and /media/, but its middleware sees every request.
"""

from __future__ import annotations

import errno
import re
from functools import partial
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from streamlit import config

from app import log
from app.shared_files import media, receiving, sending, uploads
from app.shared_files.kept import code_of
from app.shared_files.refusal import RefusedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    Answer = Callable[[Request], Awaitable[Response]]

# Nothing else is looked at, and of nothing else a path is made.
_UPLOAD = re.compile(r"/([0-9A-Za-z-]{1,64})/([0-9a-f]{64})", re.ASCII)
_MEDIUM = re.compile(r"/([0-9a-f]{64}(?:\.[0-9A-Za-z.+-]{1,32})?)", re.ASCII)
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class SharedFileRoutes:
    """ASGI middleware that takes uploads in and sends media, from and to the volume."""

    def __init__(self, app: ASGIApp, root: Path) -> None:
        self._app = app
        base = (config.get_option("server.baseUrlPath") or "").strip("/")
        self._base = f"/{base}" if base else ""
        self._uploads = uploads.files_of(root)
        self._media = media.files_of(root)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what is for an upload or a medium; leave all else to Streamlit."""
        answer = self._answer(scope) if scope["type"] == "http" else None
        if answer is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            response = await answer(request)
        except RefusedError as refused:
            log.event("file_refused", method=request.method, status=refused.status, why=refused.why)
            response = PlainTextResponse(refused.why, refused.status, refused.headers)
        except OSError as error:
            log.event("file_unavailable", method=request.method, error=code_of(error))
            status = 507 if error.errno in _FULL else 503
            response = PlainTextResponse("The volume does not take or give it now", status)
        await response(scope, receive, send)

    def _answer(self, scope: Scope) -> Answer | None:
        path, method = scope["path"], scope["method"]
        if method in {"PUT", "DELETE"}:
            if (rest := self._below(uploads.ENDPOINT, path)) is not None:
                found = _UPLOAD.fullmatch(rest)
                act = receiving.put if method == "PUT" else receiving.delete
                if found is None:
                    return _refuse
                return partial(act, files=self._uploads, session=found[1], file_id=found[2])
        elif method in {"GET", "HEAD"} and (rest := self._below(media.ENDPOINT, path)) is not None:
            found = _MEDIUM.fullmatch(rest)
            return partial(sending.get, files=self._media, name=found[1]) if found else _refuse
        return None

    def _below(self, endpoint: str, path: str) -> str | None:
        """Return what follows an endpoint in a path; None where it leads elsewhere."""
        prefix = self._base + endpoint
        return path[len(prefix) :] if path.startswith(f"{prefix}/") else None


async def _refuse(_request: Request) -> Response:
    raise RefusedError(404, "File not found")
