"""Take prompts in, have them answered, and show an answer while it grows.

A prompt is durable before the model hears of it. The answer is written apart from this page (see
app/answers/), which only watches: a refresh, a hop or a second tab watches on.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from app.answers import generation
from app.answers.watching import Abandoned, watch
from app.conversation import claim_record, prompt_record, read_turns, stop_record
from app.page import attaching, slowness, wishes
from app.sessions import AttachmentRefused
from app.settings import read_settings

if TYPE_CHECKING:
    from app.browser.outbox import Prompt
    from app.conversation import Turn
    from app.page.attaching import Uploads
    from app.sessions import Session

# No prompt is taken in unless there is room for its answer: asking the model is not for free.
ANSWER_BYTES = 2**20


def accept(session: Session, prompts: list[Prompt], uploads: Uploads) -> None:
    """Append what the user sent to the session. Raises SessionError; what is left stays queued.

    What is attached is on the volume before the record that names it.
    """
    while prompts:
        prompt = prompts[0]
        try:
            if not _is_stored(session, prompt):
                _store(session, prompt, uploads)
        except AttachmentRefused:
            # The files go when they are attached: another run, or replica, may have been faster.
            session.refresh()
            if not _is_stored(session, prompt):
                raise
        attaching.forget(prompt, uploads)
        # A run that was preempted while it waited for the volume may still be in here, too.
        with suppress(ValueError):
            prompts.remove(prompt)


def _store(session: Session, prompt: Prompt, uploads: Uploads) -> None:
    session.require_room(ANSWER_BYTES)
    attachments = attaching.attach(session, prompt, uploads)
    text = prompt.text if prompt.text.strip() else ""
    record = partial(prompt_record, prompt.id, text, attachments=attachments)
    if any(turn.pending for turn in read_turns(session.messages)):
        # One after the other: the model is to know the answers before.
        session.messages.append(record())
        generation.log_asked(session, prompt.id)
    else:
        model_id = read_settings().model(session.settings.get("model"))
        generation.begin(session, prompt.id, record, model_id)


def _is_stored(session: Session, prompt: Prompt) -> bool:
    return any(turn.id == prompt.id for turn in read_turns(session.messages))


def show_pending(session: Session, turns: list[Turn], model_id: str) -> None:
    """Show the answer to the oldest prompt that waits for it, and see to it that it gets one."""
    turn = next((turn for turn in turns if turn.pending), None)
    if turn is None:
        return
    if turn.claim is None:
        _take_over(session, turn, model_id, "")
        st.rerun()
    with st.chat_message("assistant"):
        place = st.empty()
        place.caption("…")
        stop = partial(_stop, session, turn)
        st.button("Stop", icon=":material/stop_circle:", on_click=wishes.note, args=(stop,))
        try:
            with slowness.told() as volume_answered:
                for text in watch(session, turn):
                    volume_answered()
                    place.markdown(text or "…")
        except Abandoned as abandoned:
            _take_over(session, turn, model_id, abandoned.partial)
    session.refresh()
    # Shown once more from the session, so that page and volume cannot differ.
    st.rerun()


def _take_over(session: Session, turn: Turn, model_id: str, so_far: str) -> None:
    """Answer a turn that nobody answers; what the user had stopped is only settled.

    Where somebody else was faster, nothing happens: the next run sees it.
    """
    if turn.stop_wanted:
        generation.settle_stopped(session, turn, so_far, model_id)
    else:
        begun = generation.begin(
            session,
            turn.id,
            partial(claim_record, turn),
            model_id,
            after=session.position,
        )
        if begun and turn.claim is not None:
            generation.log_taken_over(session, turn, begun)
    _dismiss(session, turn)


def _stop(session: Session, turn: Turn) -> None:
    here = generation.running.get(str(turn.claim))
    if here is not None:
        here.stop()
    else:
        session.messages.append(stop_record(turn))
        _dismiss(session, turn)


def _dismiss(session: Session, turn: Turn) -> None:
    """Let whoever writes the answer know that it is not wanted; nobody writes a forged claim's."""
    if turn.claim is not None:
        with suppress(ValueError):
            session.remove_live(turn.claim)
