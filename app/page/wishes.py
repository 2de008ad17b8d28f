"""What the user asked for by a button: like a prompt, it waits until the volume takes it.

A button's callback runs before the page knows its session, and may neither wait nor fail. So it
only notes the wish here; the run that follows carries it out where the volume's troubles are told.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from app.conversation import read_turns
from app.sessions import Conflict

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.conversation import Record
    from app.sessions import Session

TOO_LATE = "The conversation has gone on in another tab; your message is as it was."


def note(wish: Callable[[], None]) -> None:
    """Have something done at the start of the next run; it may raise SessionError."""
    _queue().append(wish)


def carry_out() -> None:
    """Do what is noted, oldest first. Raises SessionError; what is left stays noted."""
    wishes = _queue()
    while wishes:
        wish = wishes[0]
        wish()
        with suppress(ValueError):  # a preempted run may have been here, too
            wishes.remove(wish)


def forget() -> None:
    """Drop what is noted and not done."""
    _queue().clear()


def ask_anew(session: Session, record: Record) -> None:
    """Append a retry or an edit if its turn is still the last one, and settled.

    Raises SessionError.
    """
    while (turns := read_turns(session.messages)) and turns[-1].id == record["to"]:
        if turns[-1].pending:
            return
        try:
            session.messages.append(record, after=session.position)
        except Conflict:
            session.refresh()
        else:
            return
    if record["role"] == "edit":
        st.toast(TOO_LATE)


def _queue() -> list[Callable[[], None]]:
    wishes: list[Callable[[], None]] = st.session_state.setdefault("wishes", [])
    return wishes
