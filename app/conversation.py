"""What the records of a session mean: turns to show, prompts to answer, what the model gets.

A record is one of
    {"role": "user", "id": ..., "text": ..., "at": Unix time in seconds}
    {"role": "assistant", "to": id, "text": ..., "model": ..., "usage": {"inputTokens": ..., ...}}
    {"role": "failure", "to": id, "text": one sentence, "partial": text that had arrived}
    {"role": "retry", "to": id}                     the user asked for that prompt again

Answers name their prompt, because two tabs may both be waiting for one. The first answer to a
prompt is the answer; a later one is passed over, on every replica alike, as the log has one order.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Record = dict[str, Any]


@dataclass
class Turn:
    """A prompt, and what became of it; with neither answer nor failure it waits for an answer."""

    id: str
    prompt: str
    asked_at: float
    answer: Mapping[str, Any] | None = None
    failure: Mapping[str, Any] | None = None

    @property
    def pending(self) -> bool:
        """True while the prompt waits for its answer."""
        return self.answer is None and self.failure is None


def prompt_record(prompt_id: str, text: str) -> Record:
    """Return a new prompt. Two records with one id are one prompt that arrived twice."""
    return {"role": "user", "id": prompt_id, "text": text, "at": time.time()}


def answer_record(turn: Turn, text: str, model_id: str, usage: Mapping[str, int] | None) -> Record:
    """Return the whole answer to a turn."""
    return {"role": "assistant", "to": turn.id, "text": text, "model": model_id, "usage": usage}


def failure_record(turn: Turn, sentence: str, partial: str) -> Record:
    """Return the reason why a turn has no answer, and what had arrived of it."""
    return {"role": "failure", "to": turn.id, "text": sentence, "partial": partial}


def retry_record(turn: Turn) -> Record:
    """Return the wish to have a failed turn answered after all."""
    return {"role": "retry", "to": turn.id}


def read_turns(records: Iterable[Mapping[str, Any]]) -> list[Turn]:
    """Fold records into turns, oldest first; what names no known turn is passed over."""
    turns: dict[str, Turn] = {}
    for record in records:
        if record.get("role") == "user":
            turns.setdefault(record["id"], Turn(record["id"], record["text"], record["at"]))
            continue
        turn = turns.get(record.get("to", ""))
        if turn is None or turn.answer is not None:
            continue
        match record.get("role"):
            case "assistant":
                turn.answer, turn.failure = record, None
            case "failure":
                turn.failure = record
            case "retry":
                turn.failure = None
    return list(turns.values())


def model_messages(turns: list[Turn], asked: Turn) -> list[Record]:
    """Return Converse messages that ask one turn, after the answered turns before it.

    Turns without an answer are left out: Bedrock wants the roles to alternate, and a prompt that
    the model refused would make it refuse every later one too.
    """
    messages = []
    for turn in turns:
        if turn.id == asked.id:
            break
        if turn.answer is not None:
            messages.append(_message("user", turn.prompt))
            messages.append(_message("assistant", turn.answer["text"]))
    return [*messages, _message("user", asked.prompt)]


def _message(role: str, text: str) -> Record:
    return {"role": role, "content": [{"text": text}]}
