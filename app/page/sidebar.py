"""The sidebar: which replica answered, which session this is, the model, and a fresh start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.page import wishes
from app.settings import read_settings

if TYPE_CHECKING:
    from app.browser.identity import Identity
    from app.conversation import Turn
    from app.sessions import Session


def show(session: Session, identity: Identity, turns: list[Turn]) -> str:
    """Draw the sidebar and return the model that this session uses."""
    show_place(session, identity)
    with st.sidebar:
        model_id = _choose_model(session)
        st.button(
            "Reset conversation",
            icon=":material/delete:",
            width="stretch",
            on_click=wishes.note,
            args=(session.reset,),
        )
        with st.container(key="usage"):
            _show_usage(turns)
    return model_id


def show_place(session: Session, identity: Identity) -> None:
    """Draw which replica this is, and which session."""
    with st.sidebar:
        with st.container(key="replica"):
            st.markdown(f"Replica: `{read_settings().replica}`")
        with st.container(key="session"):
            st.markdown(f"Session: `{session.id}` ({identity.origin.value})")


def _choose_model(session: Session) -> str:
    """Return the session's model; a choice made here is stored, one made elsewhere is shown.

    The stored model is put into the widget whenever it differs from the one that this page saw
    last, so that a stale widget in one tab does not undo a choice made in another.
    """
    settings = read_settings()
    current = settings.model(session.settings.get("model"))
    if st.session_state.get("model_seen") != current:
        st.session_state.model = current
    chosen = st.selectbox("Model", settings.model_ids, key="model")
    st.session_state.model_seen = chosen
    if chosen != current:
        session.settings["model"] = chosen
    return chosen


def _show_usage(turns: list[Turn]) -> None:
    answers = [turn.answer for turn in turns if turn.answer is not None]
    usage = answers[-1].get("usage") if answers else None
    if usage:
        st.caption(
            f"Last answer: {usage['inputTokens']:,} tokens in, {usage['outputTokens']:,} tokens out"
        )
