"""What an idle page does: notice that it is on another replica, or that another tab wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import streamlit as st

from app import active_chats
from app.browser import identity
from app.sessions import SessionError

if TYPE_CHECKING:
    from app.browser.identity import Identity
    from app.browser.outbox import Prompt
    from app.sessions import Session

FOLLOW_SECONDS = 2
RETRY_SECONDS = 3


@st.fragment(run_every=FOLLOW_SECONDS)
def follow(session: Session, me: Identity, prompts: list[Prompt]) -> None:
    """Run the page again when the session has grown elsewhere, or prompts wait to be taken in.

    The timer is the browser's: after a hop its next tick asks the new replica for a fragment that
    it does not know, and so makes it run the whole page, which would otherwise stay an intact
    picture over an empty server-side session.

    A key that came as a cookie is written into local storage on the first tick, not in the page's
    own run: mounting the component costs a fetch of its files, which no refresh should wait for.
    """
    active_chats.seen(session.id)
    if not st.session_state.setdefault("followed", False):
        st.session_state.followed = True
        return
    identity.remember_later(me)
    try:
        grown = session.refresh()
    except SessionError:
        grown = True
    if grown or prompts:
        st.rerun()


def try_again(error: SessionError, prompts: list[Prompt]) -> NoReturn:
    """Say what is wrong with the session's storage, and try again until it works."""
    st.error(str(error))
    if prompts:
        st.warning("Your message is not stored yet. It will be, as soon as that works again.")
        for prompt in prompts:
            st.text(prompt.text)
    _later()
    st.stop()


@st.fragment(run_every=RETRY_SECONDS)
def _later() -> None:
    if not st.session_state.setdefault("waited", False):
        st.session_state.waited = True
        return
    st.session_state.waited = False
    st.rerun()
