"""What the volume holds of a conversation, with what the app itself passes over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.conversation import Turn, read_turns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any


@dataclass(frozen=True)
class Stored:
    """A turn as stored.

    answers: how many records of its owner at that moment answer it; those of an owner that had lost
    it are fenced, and count not. state: in one word, and why if it failed.
    """

    text: str
    answers: int
    state: str


def stored_turns(records: Sequence[Mapping[str, Any]]) -> list[Stored]:
    """Return the turns of a session, in the order of its log."""
    return [
        Stored(turn.prompt, _answers(turn, records), _state(turn)) for turn in read_turns(records)
    ]


def _answers(turn: Turn, records: Sequence[Mapping[str, Any]]) -> int:
    """Count the answers that the turn's owner wrote, anew since the user last asked for one."""
    again, answers = Turn(turn.id, "", 0.0), 0
    for record in records:
        if record.get("role") == "user" and record["id"] == turn.id:
            again.claim = again.claim or record.get("by")
        if record.get("to") != turn.id:
            continue
        if record.get("role") in {"retry", "edit"}:
            answers = 0
        answers += record.get("role") == "assistant" and record.get("by") == again.claim
        again.take(record)
    return answers


def _state(turn: Turn) -> str:
    return f"{turn.state}: {turn.failure['text']}" if turn.failure is not None else str(turn.state)
