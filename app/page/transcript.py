"""The conversation so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.conversation import retry_record

if TYPE_CHECKING:
    from app.conversation import Turn
    from app.sessions import Session

# A longer prompt is kept and sent whole, but drawn in part: a megabyte would freeze the page.
DRAWN_CHARACTERS = 20_000


def show(session: Session, turns: list[Turn]) -> None:
    """Draw every turn, oldest first, or a welcome where there is none."""
    if session.notice:
        st.info(session.notice)
    if not turns:
        _welcome()
    for turn in turns:
        _show_turn(session, turn, is_last=turn is turns[-1])


def _welcome() -> None:
    with st.container(key="welcome"):
        st.subheader("What would you like to know?")
        st.markdown(
            "Ask below. Your conversation is kept: refresh the page, open a second tab, or let the"
            " server behind it be replaced, and it is still here."
        )


def _show_turn(session: Session, turn: Turn, *, is_last: bool) -> None:
    with st.chat_message("user"):
        _draw(turn.prompt)
    if turn.answer is not None:
        with st.chat_message("assistant"):
            st.markdown(turn.answer["text"])
    elif turn.failure is not None:
        with st.chat_message("assistant"):
            if turn.failure.get("partial"):
                st.markdown(turn.failure["partial"])
            st.warning(turn.failure["text"])
            if is_last and st.button("Try again", icon=":material/refresh:"):
                session.messages.append(retry_record(turn))
                st.session_state.mine.add(turn.id)
                st.rerun()


def _draw(text: str) -> None:
    if len(text) <= DRAWN_CHARACTERS:
        st.markdown(text)
    else:
        st.text(text[:DRAWN_CHARACTERS])
        st.caption(f"{len(text):,} characters; the first {DRAWN_CHARACTERS:,} are shown.")
