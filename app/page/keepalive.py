"""What an idle page does: notice that it is on another replica, or that another tab wrote."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import streamlit as st

from app import active_chats
from app.browser import identity
from app.page import slowness
from app.sessions import Follower, SessionError

if TYPE_CHECKING:
    from app.browser.identity import Identity
    from app.browser.outbox import Prompt
    from app.sessions import Session

FOLLOW_SECONDS = 2
BUSY_SECONDS = 0.8
REST_SECONDS = 300


def follow(session: Session, me: Identity, prompts: list[Prompt], *, expecting: bool) -> None:
    """Run the page again when the session has grown elsewhere, or prompts wait to be taken in.

    What another tab or replica adds is seen within a second while such things come, or while
    `expecting` an answer that another page streams; the first one after a quiet minute, within two.
    So a chat that is open in one place only costs a look every two seconds.

    The timer is the browser's: after a hop its next tick asks the new replica for a fragment that
    it does not know, and so makes it run the whole page, which would otherwise stay an intact
    picture over an empty server-side session.

    A key that came as a cookie is written into local storage on the first tick, not in the page's
    own run: mounting the component costs a fetch of its files, which no refresh should wait for.
    """
    follower = _follower(session)
    if expecting:
        follower.expect()
    st.session_state.ran_at = time.monotonic()
    pace = BUSY_SECONDS if follower.busy else FOLLOW_SECONDS
    st.fragment(_look, run_every=pace)(follower, me, prompts, fast=pace == BUSY_SECONDS)


def _follower(session: Session) -> Follower:
    held: Follower | None = st.session_state.get("follower")
    if held is None or held.session is not session:
        # The timer sets the pace; this only keeps late and early ticks from looking twice.
        held = Follower(session, within=BUSY_SECONDS / 2, quiet_within=FOLLOW_SECONDS / 2)
        st.session_state.follower = held
    return held


def _look(follower: Follower, me: Identity, prompts: list[Prompt], *, fast: bool) -> None:
    session = follower.session
    active_chats.seen(session.id)
    if not st.session_state.setdefault("followed", False):
        st.session_state.followed = True
        return
    identity.remember_later(me)
    try:
        with slowness.told():
            grown = follower.news()
    except SessionError:
        grown = True
    if grown or prompts or (fast and not follower.busy):
        st.rerun()
    if time.monotonic() - st.session_state.ran_at > REST_SECONDS:
        session.rest()
