"""The conversation so far."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from app.conversation import read_turns, retry_record
from app.sessions import SessionError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.browser.outbox import Prompt
    from app.conversation import Turn
    from app.sessions import Session

# A longer prompt is kept and sent whole, but drawn in part: a megabyte would freeze the page.
DRAWN_CHARACTERS = 20_000
# Notice or welcome, what is being sent, the outbox, the fragment that follows the session.
BESIDE_TURNS = 4


def show(session: Session, turns: list[Turn]) -> None:
    """Draw every turn, oldest first, or a welcome where there is none."""
    if session.notice:
        st.info(session.notice)
    if not turns:
        _welcome()
    for turn in turns:
        _show_turn(turn, retry_in=session if turn is turns[-1] else None)


def show_known(session: Session | None, prompts: Iterable[Prompt]) -> int:
    """Draw what was read of a session whose storage fails, if it was, and what is not stored yet.

    A page that was idle for long holds nothing that it could show. Returns how many elements a
    whole run draws of the same, at most.
    """
    turns: list[Turn] = []
    with suppress(SessionError):
        turns = read_turns(session.messages if session else [])
    for turn in turns:
        _show_turn(turn, retry_in=None)
    for prompt in prompts:
        with st.chat_message("user"):
            _draw(prompt.text)
    return 2 * len(turns) + BESIDE_TURNS


def _welcome() -> None:
    with st.container(key="welcome"):
        st.subheader("What would you like to know?")
        st.markdown(
            "Ask below. Your conversation is kept: refresh the page, open a second tab, or let the"
            " server behind it be replaced, and it is still here."
        )


def _show_turn(turn: Turn, *, retry_in: Session | None) -> None:
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
            if retry_in and st.button("Try again", icon=":material/refresh:"):
                retry_in.messages.append(retry_record(turn))
                st.session_state.mine.add(turn.id)
                st.rerun()


def _draw(text: str) -> None:
    if len(text) <= DRAWN_CHARACTERS:
        st.markdown(text)
    else:
        st.text(text[:DRAWN_CHARACTERS])
        st.caption(f"{len(text):,} characters; the first {DRAWN_CHARACTERS:,} are shown.")
