"""What the page shows while the session's storage fails; it tries again until that works."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import streamlit as st

from app.browser import outbox
from app.page import attached, sidebar, transcript, volume, wishes
from app.sessions import AttachmentRefused, QuotaReached, SessionError

if TYPE_CHECKING:
    from app.browser.identity import Identity
    from app.browser.outbox import Prompt
    from app.sessions import Session

RETRY_SECONDS = 3


def show_all(error: SessionError, me: Identity, prompts: list[Prompt]) -> NoReturn:
    """Draw the conversation as far as it is known, and below it what `show` does."""
    session = volume.held(me)
    if session is not None:
        sidebar.show_place(session, me)
    transcript.show_known(session, prompts)
    show(error, session, prompts)


def show(error: SessionError, session: Session | None, prompts: list[Prompt]) -> NoReturn:
    """Say what is wrong with the session's storage, and try again until it works."""
    refused = isinstance(error, AttachmentRefused)
    st.error(attached.as_text(str(error)))  # it may name a file
    if prompts and not refused:
        st.warning("Your message is not stored yet. It will be, as soon as that works again.")
    if session is not None and (refused or isinstance(error, QuotaReached)):
        _offer_way_on(error, session, prompts)
    _later()
    st.stop()


def _offer_way_on(error: SessionError, session: Session, prompts: list[Prompt]) -> None:
    """Let the user choose what to do without: the conversation so far, or what was just sent."""

    def reset() -> None:
        wishes.forget()  # what has no room would keep this from its turn
        wishes.note(session.reset)

    def go_on() -> None:
        wishes.forget()
        outbox.give_up()

    if isinstance(error, QuotaReached):
        st.button("Reset conversation", icon=":material/delete:", on_click=reset)
    if prompts and prompts[0].files and prompts[0].text.strip():
        st.button("Send the text alone", icon=":material/send:", on_click=outbox.send_without_files)
    st.button("Go on without the new message", on_click=go_on)


@st.fragment(run_every=RETRY_SECONDS)
def _later() -> None:
    if not st.session_state.setdefault("waited", False):
        st.session_state.waited = True
        return
    st.session_state.waited = False
    st.rerun()
