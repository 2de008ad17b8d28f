"""What the page shows while it does not yet know its session."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import streamlit as st

from app.browser import identity

if TYPE_CHECKING:
    from app.browser.identity import Identity

AGAIN_SECONDS = 5
UNAVAILABLE = (
    "This browser does not let the page use its local storage, where the key to your conversation"
    " is kept. Allow storage for this site and reload the page, or go on without it: then only a"
    " cookie remembers the conversation."
)


def for_local_storage() -> Identity:
    """Return the identity once local storage has answered; until then the run ends here."""
    return identity.ask() or _not_yet()


def _not_yet() -> NoReturn:
    if identity.waited_too_long():
        st.warning(UNAVAILABLE)
        if st.button("Go on without local storage"):
            identity.start_without_local_storage()
            st.rerun()
        _ask_again()
    else:
        st.caption("Looking for your conversation …")
        _look_again()
    st.stop()


@st.fragment(run_every=1)
def _look_again() -> None:
    """Notice the time-out even though nothing of the page changes."""
    if identity.waited_too_long():
        st.rerun()


@st.fragment(run_every=AGAIN_SECONDS)
def _ask_again() -> None:
    """Ask once more: a replica that goes may have taken the component's files with it."""
    if st.session_state.get("asks_again"):
        st.session_state.asks_again = False
        identity.ask_anew()
        st.rerun()
    st.session_state.asks_again = True
