"""The conversation so far."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from app.conversation import State, edit_record, read_turns, retry_record
from app.page import attached, wishes
from app.sessions import SessionError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.browser.identity import Identity
    from app.browser.outbox import Prompt
    from app.conversation import Turn
    from app.sessions import Session

# A longer prompt is kept and sent whole, but drawn in part: a megabyte would freeze the page.
DRAWN_CHARACTERS = 20_000


def show(session: Session, turns: list[Turn], me: Identity) -> None:
    """Draw every turn, oldest first, or a welcome where there is none."""
    if session.notice:
        st.info(session.notice)
    if not turns:
        _welcome()
    for turn in turns:
        _show_turn(turn, session.id, me, retry_in=session if turn is turns[-1] else None)


def show_known(session: Session | None, prompts: Iterable[Prompt]) -> None:
    """Draw what was read of a session whose storage fails, if it was, and what is not stored yet.

    A page that was idle for long holds nothing that it could show.
    """
    with suppress(SessionError):
        for turn in read_turns(session.messages) if session else []:
            _show_turn(turn, session.id if session else "", None, retry_in=None)
    show_prompts(prompts)


def show_prompts(prompts: Iterable[Prompt]) -> None:
    """Draw what is not stored yet."""
    for prompt in prompts:
        with st.chat_message("user"):
            if prompt.text.strip():
                _draw(prompt.text)
            attached.show_waiting(prompt.files)


def _welcome() -> None:
    with st.container(key="welcome"):
        st.subheader("What would you like to know?")
        st.markdown(
            "Ask below, and attach images or documents if you like. Your conversation is kept:"
            " refresh the page, open a second tab, or let the server behind it be replaced, and it"
            " is still here."
        )


def _show_turn(turn: Turn, session: str, me: Identity | None, *, retry_in: Session | None) -> None:
    with st.chat_message("user"):
        if turn.prompt:
            _draw(turn.prompt)
        attached.show(turn.attachments, session, me)
    if turn.pending:
        return
    with st.chat_message("assistant"):
        text = turn.answer["text"] if turn.answer else turn.failure and turn.failure.get("partial")
        if text:
            st.markdown(text)
        if turn.failure is not None:
            st.warning(turn.failure["text"])
        if turn.state is State.STOPPED:
            st.caption("Stopped.")
        if turn.left_out:
            st.caption(_left_out(turn.left_out))
        if turn.hidden:
            st.caption(_hidden(turn.hidden))
        if retry_in:
            _offer_another(retry_in, turn)


def _left_out(turns: int) -> str:
    oldest = "turn was" if turns == 1 else f"{turns:,} turns were"
    return f"The conversation is too long for the model: the oldest {oldest} not shown to it."


def _hidden(attachments: int) -> str:
    if attachments == 1:
        which = "One file of an earlier message was"
    else:
        which = f"{attachments:,} files of earlier messages were"
    return f"{which} not shown to the model: it takes none such, or not so many."


def _offer_another(session: Session, turn: Turn) -> None:
    """Let the user have the last answer once more, or ask in other words."""
    label = "Regenerate" if turn.state is State.DONE else "Try again"
    with st.container(horizontal=True):
        again = partial(wishes.ask_anew, session, retry_record(turn))
        st.button(label, icon=":material/refresh:", on_click=wishes.note, args=(again,))
        st.button("Edit", icon=":material/edit:", on_click=_begin_or_end_edit, args=(turn.id,))
    if st.session_state.get("edited") == turn.id:
        # Not in a popover, of which the lower half would lie below the window.
        with st.form("edit", border=False):
            text = st.text_area("Your message", turn.prompt)
            if st.form_submit_button("Send") and (text.strip() or turn.attachments):
                wishes.note(partial(wishes.ask_anew, session, edit_record(turn, text)))
                _begin_or_end_edit(turn.id)
                st.rerun()


def _begin_or_end_edit(turn_id: str) -> None:
    st.session_state.edited = None if st.session_state.get("edited") == turn_id else turn_id


def _draw(text: str) -> None:
    if len(text) <= DRAWN_CHARACTERS:
        st.markdown(text)
    else:
        st.text(text[:DRAWN_CHARACTERS])
        st.caption(f"{len(text):,} characters; the first {DRAWN_CHARACTERS:,} are shown.")
