"""Whose a file is: the digest of the session key that a browser holds in its cookie.

Streamlit's own session ends with its connection; the key goes with the browser from replica to
replica. On a first visit the websocket comes before the cookie, so the page says whose it is once
the browser holds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from app.browser.names import SESSION_COOKIE
from app.sessions import digest, is_valid

if TYPE_CHECKING:
    from collections.abc import Mapping

_known: dict[str, str] = {}  # by the id of Streamlit's session, of those on this replica


def belongs_to(key: str) -> None:
    """Say in a script run that its browser now holds this session key in its cookie."""
    if context := get_script_run_ctx(suppress_warning=True):
        _known[context.session_id] = digest(key)


def owner_of(session: str) -> str:
    """Return the owner of one of this replica's sessions, "" while its browser has no key."""
    if session not in _known and Runtime.exists():
        client = Runtime.instance().get_client(session)
        if client and (context := client.client_context) and (found := holder(context.cookies)):
            _known[session] = found
    return _known.get(session, "")


def holder(cookies: Mapping[str, str]) -> str:
    """Return whom the cookies of a request name, "" for nobody."""
    key = cookies.get(SESSION_COOKIE)
    return digest(key) if is_valid(key) else ""


def forget(session: str) -> None:
    """Forget a session that has ended."""
    _known.pop(session, None)


def running_session() -> str:
    """Return the id of the session whose script runs in this thread, "" outside of any."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else ""
