"""One answer being written: by a thread of this replica, whether a page looks on or not."""

from __future__ import annotations

import secrets
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from app import log
from app.answers.recorder import record_growth
from app.conversation import (
    answer_record,
    failure_record,
    model_messages,
    read_turns,
    release_record,
    with_left_out,
)
from app.model import Answer, ModelError
from app.model.context import fit
from app.sessions import BlobMissing, Conflict, SessionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.conversation import Record, Turn
    from app.sessions import LiveWriter, Position, Session

RETRY_SECONDS = 1.0
CRASHED = "The answer broke off because of an error in this app. Its log says more."

# What this replica writes now, by claim.
running: dict[str, Generation] = {}


class Generation:
    """An answer that grows; `text` is what there is of it, `over` when no more is to come."""

    def __init__(self, session: Session, turn: Turn, model_id: str, messages: list[Record]) -> None:
        self.session = session
        self.turn = turn
        self.text = ""
        self.over = threading.Event()
        self._model_id = model_id
        self._started = time.monotonic()
        self._first_at: float | None = None
        shown = fit(messages, model_id)
        self._left_out, self._hidden = shown.turns, shown.attachments
        self._answer = Answer(model_id, shown.messages, self.over, self._load)
        self._settling = threading.Lock()

    def start(self, live: LiveWriter) -> None:
        """Write, and record, until it is over."""
        running[str(self.turn.claim)] = self
        self._log(
            "turn_answering",
            left_out=self._left_out,
            attachments=len(self.turn.attachments) or None,
            hidden=self._hidden or None,
        )
        threading.Thread(target=self._write, name="answer", daemon=True).start()
        threading.Thread(
            target=record_growth, args=(self, live), name="answer-recorder", daemon=True
        ).start()

    def stop(self) -> None:
        """Settle with what there is of it; does nothing to one that is settled."""
        self._settle(answer_record(self.turn, self.text, self._model_id, stopped=True))

    @property
    def heard(self) -> int:
        """How many events of the model came since its text began to."""
        return self._answer.heard

    def give_up_on_model(self) -> None:
        """Settle as failed: the model writes no more, though its connection is open."""
        self._fail(self._answer.stalled())

    def abandon(self) -> None:
        """Write no more, and say nothing: another replica has the turn."""
        if self._settling.acquire(blocking=False):
            self._end("turn_lost")

    def hand_over(self) -> None:
        """Write no more, and let another replica begin at once."""
        if self._settling.acquire(blocking=False):
            with suppress(SessionError):  # else the lease runs out
                self.session.messages.append(release_record(self.turn))
            self._end("turn_released")

    def _load(self, attachment: Mapping[str, Any]) -> bytes | None:
        """Return what is attached, None if it is gone. Raises ModelError."""
        try:
            return self.session.read(attachment)
        except BlobMissing:
            return None
        except SessionError as error:
            raise ModelError(str(error), "storage") from error

    def _write(self) -> None:
        try:
            for piece in self._answer:
                if self.over.is_set():
                    return
                if self._first_at is None:
                    self._first_at = time.monotonic()
                self.text += piece
        except ModelError as error:
            self._fail(error)
        except Exception:  # noqa: BLE001 - else the turn would wait for ever for a dead thread
            log.error("answer_crashed", session=self.session.id, turn=self.turn.id)
            self._fail(ModelError(CRASHED, "crashed"))
        else:
            record = answer_record(self.turn, self.text, self._model_id, self._answer.usage)
            self._settle(record)

    def _fail(self, error: ModelError) -> None:
        self._settle(failure_record(self.turn, str(error), self.text), reason=error.reason)

    def _settle(self, record: Record, **fields: object) -> None:
        """Append how the turn ended, once, and only if it is still this claim's to end.

        While the volume refuses, it is tried again: an answer that was paid for is not thrown away.
        """
        if not self._settling.acquire(blocking=False):
            return
        record = with_left_out(record, self._left_out, self._hidden + self._answer.hidden)
        while (done := self._append(record)) is None:
            time.sleep(RETRY_SECONDS)
        if not done:
            self._end("turn_lost")
        elif record["role"] == "failure":
            self._end("turn_failed", **fields)
        else:
            self._end("turn_stopped" if record.get("stopped") else "turn_answered")

    def _append(self, record: Record) -> bool | None:
        """Return whether it was appended; None if that is to be tried again."""
        try:
            self.session.refresh()
            if not holds(self.session, self.turn):
                return False
            self.session.messages.append(record, after=self.session.position)
        except (Conflict, SessionError):
            return None
        return True

    def _end(self, event: str, **fields: object) -> None:
        usage = self._answer.usage or {}
        self._log(
            event,
            **fields,
            tries=self._answer.tries,
            characters=len(self.text),
            input_tokens=usage.get("inputTokens"),
            output_tokens=usage.get("outputTokens"),
            first_token_seconds=self._first_at and round(self._first_at - self._started, 3),
            seconds=round(time.monotonic() - self._started, 3),
        )
        # Only then: a replica that drains ends as soon as nothing is running.
        running.pop(str(self.turn.claim), None)
        self.over.set()

    def _log(self, event: str, **fields: object) -> None:
        """Log what happened to the turn; what is not known is left out."""
        log.event(
            event,
            session=self.session.id,
            turn=self.turn.id,
            lease=self.turn.claim,
            model=self._model_id,
            **{name: value for name, value in fields.items() if value is not None},
        )


def holds(session: Session, turn: Turn) -> bool:
    """Tell whether a turn is still this claim's to answer, as far as the session is known."""
    found = {each.id: each for each in read_turns(session.messages)}.get(turn.id)
    return found is not None and found.pending and found.claim == turn.claim


def log_asked(session: Session, turn_id: str) -> None:
    """Log that a prompt is on the volume."""
    log.event("turn_asked", session=session.id, turn=turn_id)


def log_taken_over(session: Session, lost: Turn, begun: Generation) -> None:
    """Log that a turn goes on here whose replica is gone."""
    lease = {"lease": begun.turn.claim, "lost_lease": lost.claim}
    log.event("turn_taken_over", session=session.id, turn=lost.id, **lease)


def settle_stopped(session: Session, turn: Turn, so_far: str, model_id: str) -> None:
    """Settle a turn that the user had stopped and whose replica is gone, unless somebody has."""
    shown = fit(model_messages(read_turns(session.messages), turn), model_id)
    record = answer_record(turn, so_far, model_id, stopped=True)
    with suppress(Conflict):
        session.messages.append(
            with_left_out(record, shown.turns, shown.attachments), after=session.position
        )
        about = {"session": session.id, "turn": turn.id, "lease": turn.claim, "model": model_id}
        log.event("turn_stopped", **about, characters=len(so_far))


def begin(
    session: Session,
    turn_id: str,
    record: Callable[[str], Record],
    model_id: str,
    *,
    after: Position | None = None,
) -> Generation | None:
    """Claim a turn by a record, and write its answer; None if somebody else was faster.

    record: what to append, given the claim. after: as for `Messages.append`. Raises SessionError
    with nothing claimed.
    """
    claim = secrets.token_hex(8)
    live = session.write_live(claim)  # first: who reads of the claim finds the text
    written = record(claim)
    try:
        session.messages.append(written, after=after)
    except Conflict:
        live.close()
        return None
    except BaseException:
        live.close()
        raise
    turns = read_turns(session.messages)
    turn = next((each for each in turns if each.id == turn_id and each.claim == claim), None)
    if turn is None:
        live.close()
        return None
    if written["role"] == "user":
        log_asked(session, turn_id)
    generation = Generation(session, turn, model_id, model_messages(turns, turn))
    generation.start(live)
    return generation
