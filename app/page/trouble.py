"""What the page shows while the session's storage fails; it tries again until that works."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import streamlit as st

from app.page import sidebar, transcript, volume
from app.sessions import QuotaReached, SessionError

if TYPE_CHECKING:
    from app.browser.identity import Identity
    from app.browser.outbox import Prompt
    from app.sessions import Session

RETRY_SECONDS = 3


def show_all(error: SessionError, me: Identity, prompts: list[Prompt]) -> NoReturn:
    """Draw the conversation as far as it is known, and below it what `show` does."""
    if (session := volume.held(me)) is not None:
        sidebar.show_place(session, me)
    transcript.show_known(session, prompts)
    show(error, prompts)


def show(error: SessionError, prompts: list[Prompt]) -> NoReturn:
    """Say what is wrong with the session's storage, and try again until it works."""
    st.error(str(error))
    if prompts:
        st.warning("Your message is not stored yet. It will be, as soon as that works again.")
    if isinstance(error, QuotaReached):
        _offer_room(prompts)
    _later()
    st.stop()


def _offer_room(prompts: list[Prompt]) -> None:
    """Let the user choose what to do without: the conversation so far, or what was just typed."""
    session: Session = st.session_state.session[1]
    st.button("Reset conversation", icon=":material/delete:", on_click=session.reset)
    st.button("Go on without the new message", on_click=prompts.clear)


@st.fragment(run_every=RETRY_SECONDS)
def _later() -> None:
    if not st.session_state.setdefault("waited", False):
        st.session_state.waited = True
        return
    st.session_state.waited = False
    st.rerun()
