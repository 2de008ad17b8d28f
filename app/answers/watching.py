"""Watch an answer grow on whichever replica the user is; notice when nobody writes it any more."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from app.answers.generation import running
from app.conversation import read_turns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.answers.generation import Generation
    from app.conversation import Turn
    from app.sessions import Session

# Who writes an answer gives a sign of life each 1.5 s. Measured by the watcher's own clock alone,
# from its own first look: no two hosts need agree on the time.
LEASE_SECONDS = 5.0
LOOK_SECONDS = 0.4
DRAW_SECONDS = 0.1


class Abandoned(Exception):  # noqa: N818 - no error: the turn is to be taken over
    """Its replica gave no sign of life for as long as the lease lasts."""

    def __init__(self, partial: str) -> None:
        super().__init__(partial)
        self.partial = partial


def watch(session: Session, turn: Turn) -> Iterator[str]:
    """Yield what there is of the answer, again and again, until the turn goes on otherwise.

    Also where nothing is new, so that a page that draws it can be interrupted. Raises Abandoned
    when the turn is to be taken over, and StoreUnavailable.
    """
    generation = running.get(str(turn.claim))
    return _here(generation) if generation else _elsewhere(session, turn)


def _here(generation: Generation) -> Iterator[str]:
    shown: str | None = None
    shown_at = 0.0
    # Pieces are drawn together: each drawing costs CPU.
    while not generation.over.wait(0 if shown is None else DRAW_SECONDS):
        text, now = generation.text, time.monotonic()
        if text != shown or now - shown_at > LOOK_SECONDS:
            yield text
            shown, shown_at = text, now
    yield generation.text


def _elsewhere(session: Session, turn: Turn) -> Iterator[str]:
    try:
        reader = session.watch_live(str(turn.claim))
    except ValueError as error:  # forged, or from another app: nobody writes under such a name
        raise Abandoned("") from error
    alive_at = looked_at = time.monotonic()
    while True:
        if reader.look():
            alive_at = time.monotonic()
        yield reader.text
        now = time.monotonic()
        # While it grows, nothing else is to be seen of the turn than a stop.
        if now - max(alive_at, looked_at) > 2 * LOOK_SECONDS:
            looked_at = now
            session.refresh()
            if _goes_on_otherwise(session, turn):
                return
        if now - alive_at > LEASE_SECONDS:
            raise Abandoned(reader.text)
        time.sleep(LOOK_SECONDS)


def _goes_on_otherwise(session: Session, turn: Turn) -> bool:
    turns = {each.id: each for each in read_turns(session.messages)}
    now = turns.get(turn.id)
    return now is None or not now.pending or now.claim != turn.claim
