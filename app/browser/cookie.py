"""The cookie that mirrors the session key, and the claim that settles which key a browser has.

A websocket cannot set an HttpOnly cookie, so the page posts its key to this route once. Tabs post
one after another (a Web Lock), and a browser that already has a key keeps it: of two tabs opened at
the same moment, the later one is told the earlier one's key and takes it over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import streamlit as st
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app import log
from app.browser.names import SESSION_COOKIE
from app.sessions import is_valid

if TYPE_CHECKING:
    from starlette.requests import Request

PATH = "/session"
# Browsers cap a cookie's life at 400 days.
MAX_AGE_SECONDS = 400 * 24 * 3600
MAX_BODY_BYTES = 256
_SCHEME_HEADERS = ("CloudFront-Forwarded-Proto", "X-Forwarded-Proto")
# What the load balancer says of a client, by the field of the log that tells it.
_CLIENT_HEADERS = {
    "forwarded_for": "X-Forwarded-For",
    "forwarded_proto": "X-Forwarded-Proto",
    "forwarded_port": "X-Forwarded-Port",
    "trace_id": "X-Amzn-Trace-Id",
}
_LOGGED_CHARACTERS = 1024  # of each header: the client wrote most of it

_CLAIM = """
const pause = () => new Promise((resolve) => setTimeout(resolve, 1000));

// Asks until it is answered: a network that changes drops what is under way.
async function post(key, isCurrent) {
  while (isCurrent()) {
    try {
      const body = { method: "POST", headers: { "Content-Type": "text/plain" }, body: key };
      const answer = await fetch(new URL("session", document.baseURI), body);
      if (answer.ok) return await answer.text();
    } catch (error) {
      console.info("parity: the session cookie will be set later", error);
    }
    await pause();
  }
}

export default function ({ data, parentElement, setStateValue }) {
  if (parentElement.claimed === data.key) return;
  parentElement.claimed = data.key;
  const claim = async () => {
    const held = await post(data.key, () => parentElement.claimed === data.key);
    if (held) setStateValue("held", held);
  };
  // Web Locks exist in secure contexts only (https, localhost); elsewhere the claim is not queued.
  navigator.locks ? navigator.locks.request("parity-session", claim) : claim();
}
"""


_component = st.components.v2.component("session_claim", js=_CLAIM)


def read() -> str | None:
    """Return the key that the browser sent when it connected, if it is one."""
    key = st.context.cookies.get(SESSION_COOKIE)
    return key if is_valid(key) else None


def claim(key: str) -> str | None:
    """Post the key from the browser, once; return the key that it holds now, None until it says."""
    # A state, not a trigger: a run that ends before this line must not be the only one to see it.
    held = _component(data={"key": key}, key="session_claim", on_held_change=lambda: None).get(
        "held"
    )
    return held if is_valid(held) else None


async def _post(request: Request) -> PlainTextResponse:
    """Answer with the key this browser holds from now on, and set it as a cookie."""
    if not _same_origin(request):
        return _refuse(request, "cross-origin", status=403)
    offered = await _body(request)
    if not is_valid(offered):
        return _refuse(request, "not a session key", status=400)
    cookie = request.cookies.get(SESSION_COOKIE)
    key = cookie if is_valid(cookie) else offered
    answer = PlainTextResponse(key, headers={"Cache-Control": "no-store"})
    answer.set_cookie(
        SESSION_COOKIE,
        key,
        max_age=MAX_AGE_SECONDS,
        httponly=True,
        samesite="lax",
        secure=_over_https(request),
    )
    return answer


def _refuse(request: Request, reason: str, *, status: int) -> PlainTextResponse:
    """Log who it was: no page of the app's own posts such a thing."""
    said = {
        field: ", ".join(request.headers.getlist(header))[:_LOGGED_CHARACTERS]
        for field, header in _CLIENT_HEADERS.items()
    }
    log.event("claim_refused", reason=reason, **said)
    return PlainTextResponse(reason, status_code=status)


def _over_https(request: Request) -> bool:
    """Tell whether the browser's request came by HTTPS, if any of those in between says so.

    Behind CloudFront the balancer hears of plain HTTP only. Whoever forges a header gets Secure on
    a cookie of their own, and cannot take it away.
    """
    said = {request.headers.get(name) for name in _SCHEME_HEADERS}
    return "https" in {*said, request.url.scheme}


def _same_origin(request: Request) -> bool:
    """Refuse another site's post, which could otherwise plant its own key in this browser."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return urlsplit(request.headers.get("origin", "")).netloc == request.headers.get("host")


async def _body(request: Request) -> str | None:
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                return None
    except ClientDisconnect:
        return None
    return body.decode("ascii", errors="replace")


route = Route(PATH, _post, methods=["POST"])
