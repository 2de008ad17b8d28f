"""Put an answer on the volume as it grows; notice that it grows or is wanted no more."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from app.conversation import read_turns
from app.model.answer import STALL_SECONDS
from app.sessions import SessionError

if TYPE_CHECKING:
    from app.answers.generation import Generation
    from app.sessions import LiveWriter

# What is written is at most so old when another replica can read it.
WRITE_SECONDS = 0.5
# A model may think for long; then this says that its replica lives.
SIGN_OF_LIFE_SECONDS = 1.5
# How soon a stop from elsewhere is obeyed, at the price of a look at the log.
LOOK_SECONDS = 2.5


def record_growth(generation: Generation, live: LiveWriter) -> None:
    """Write what is new until the answer is over; then the live text is removed.

    A volume that refuses for a while costs nothing but time: the whole is appended in the end.
    """
    recorded, written_at = 0, time.monotonic()
    heard = quiet = 0
    looked_at = time.monotonic()
    while not generation.over.wait(WRITE_SECONDS):
        now, text = time.monotonic(), generation.text
        # In rounds, not by the clock: when a frozen replica wakes up, no model has stalled.
        heard, quiet = generation.heard, quiet + 1 if heard == generation.heard else 0
        if heard and quiet * WRITE_SECONDS > STALL_SECONDS:
            generation.give_up_on_model()
            break
        try:
            if len(text) > recorded or now - written_at > SIGN_OF_LIFE_SECONDS:
                live.extend(text[recorded:])
                recorded, written_at = len(text), now
            if now - looked_at > LOOK_SECONDS or not live.is_wanted:
                looked_at = now
                _obey(generation)
        except SessionError:
            continue
    live.close()


def _obey(generation: Generation) -> None:
    """Stop if the user wants that; give up if another replica has the turn."""
    generation.session.refresh()
    turns = {turn.id: turn for turn in read_turns(generation.session.messages)}
    turn = turns.get(generation.turn.id)
    if turn is None or not turn.pending or turn.claim != generation.turn.claim:
        generation.abandon()
    elif turn.stop_wanted:
        generation.stop()
