"""Take prompts in, and have them answered. A prompt is durable before the model hears of it."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from app import log
from app.conversation import (
    answer_record,
    failure_record,
    model_messages,
    prompt_record,
    read_turns,
)
from app.model import Answer, ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.browser.outbox import Prompt
    from app.conversation import Record, Turn
    from app.sessions import Session

# Another tab may be answering; only after this long is its replica taken for dead.
ABANDONED_SECONDS = 60
# No prompt is taken in unless there is room for its answer: asking the model is not for free.
ANSWER_BYTES = 2**20
# Pieces are drawn together: each drawing is a message to the browser and costs CPU.
DRAW_SECONDS = 0.1


def accept(session: Session, prompts: list[Prompt]) -> None:
    """Append what the user sent to the session. Raises SessionError; what is left stays queued."""
    turns = {turn.id: turn for turn in read_turns(session.messages)}
    mine: set[str] | None = st.session_state.get("mine")
    if mine is None:
        # First run of this page, after a load or a hop: what waits has lost whoever answered it.
        mine = {turn.id for turn in turns.values() if turn.pending}
        st.session_state.mine = mine
    while prompts:
        prompt = prompts[0]
        if prompt.id not in turns:
            session.require_room(ANSWER_BYTES)
            session.messages.append(prompt_record(prompt.id, prompt.text))
        mine.add(prompt.id)
        # A run that was preempted while it waited for the volume may still be in here, too.
        with suppress(ValueError):
            prompts.remove(prompt)


def answer_pending(session: Session, turns: list[Turn], model_id: str) -> None:
    """Stream the answer to the oldest prompt that waits and is this page's to answer."""
    for turn in turns:
        if turn.pending and _is_mine(turn):
            _answer(session, turn, model_messages(turns, turn), model_id)
            # Shown once more from the session, so that page and volume cannot differ.
            st.rerun()


def _is_mine(turn: Turn) -> bool:
    return turn.id in st.session_state.mine or time.time() - turn.asked_at > ABANDONED_SECONDS


def _answer(session: Session, turn: Turn, messages: list[Record], model_id: str) -> None:
    started = time.monotonic()
    answer = Answer(model_id, messages)
    text = ""
    with st.chat_message("assistant"):
        place = st.empty()
        place.caption("…")
        try:
            for text in _growing(answer):
                place.markdown(text)
        except ModelError as error:
            record = failure_record(turn, str(error), text)
        else:
            record = answer_record(turn, text, model_id, answer.usage)
    session.refresh()
    if any(other.id == turn.id and other.pending for other in read_turns(session.messages)):
        session.messages.append(record)
    log.event(
        "turn_" + ("answered" if record["role"] == "assistant" else "failed"),
        session=session.id,
        turn=turn.id,
        model=model_id,
        seconds=round(time.monotonic() - started, 3),
    )


def _growing(answer: Answer) -> Iterator[str]:
    """Yield the text so far, each time about DRAW_SECONDS of it have come, and once at its end.

    Not st.write_stream, which asks pandas and pyarrow whether an iterator is a data frame, and
    thereby loads 60 MiB.
    """
    text = ""
    drawn_at = time.monotonic()
    try:
        for piece in answer:
            text += piece
            if time.monotonic() - drawn_at > DRAW_SECONDS:
                yield text
                drawn_at = time.monotonic()
    except ModelError:
        yield text  # what had arrived is kept
        raise
    yield text
