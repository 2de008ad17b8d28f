"""What the records of a session mean: turns to show, prompts to answer, what the model gets.

A record is one of
    {"role": "user", "id": ..., "text": ..., "at": Unix time in seconds, "by": claim,
        "attachments": [as `Session.attach` returned them, and "pixels" of an image: width, height]
        where there are any}
    {"role": "claim", "to": id, "by": claim}        a replica takes the turn over
    {"role": "release", "to": id, "by": claim}      a replica that goes gives the turn away
    {"role": "stop", "to": id}                      the user wants no more of the answer
    {"role": "assistant", "to": id, "by": claim, "text": ..., "model": ...,
        "usage": {"inputTokens": ..., ...}, "stopped": true where the user had it stopped,
        "left_out": how many earlier turns the model was not shown, where that is not 0,
        "hidden": how many attachments of other earlier turns, where that is not 0}
    {"role": "failure", "to": id, "by": claim, "text": one sentence, "partial": what had arrived,
        "left_out", "hidden": as above}
    {"role": "retry", "to": id, "by": claim}        the user asked for an answer once more
    {"role": "edit", "to": id, "text": ...}         the user put it in other words; what is
                                                    attached stays

`by` names who answers: a claim, which is also the name of the live text (see sessions/live.py) in
which the answer grows. The last claim of a turn holds; what others append is passed over, on every
replica alike, as the log has one order. A prompt without a claim waits for whoever comes first.
The first answer to a prompt is the answer, until the user asks for another one.

While one version of the app replaces another, each reads what the other wrote. What is not one of
the above is passed over, with all that names it; further fields are left to whoever knows them. So
a prompt that an older version must not answer has to have a role of its own.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from app.sessions import Attachment, AttachmentRefused, converse_format

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Record = dict[str, Any]

# What the model is asked where somebody sent files without a word: Bedrock wants a text.
NO_WORDS = "Please look at what is attached."


class Attached(Attachment, total=False):
    """What a prompt says of an attachment."""

    pixels: list[int]


class State(StrEnum):
    """Where a turn is."""

    ASKED = "asked"  # waits for somebody to answer
    ANSWERING = "answering"  # somebody said that they do
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass
class Turn:
    """A prompt, and what became of it.

    prompt: may be empty where there are attachments. claim: of who answers it, None if nobody does.
    stop_wanted: the user wants no more of it.
    """

    id: str
    prompt: str
    asked_at: float
    attachments: Sequence[Attached] = ()
    claim: str | None = None
    stop_wanted: bool = False
    answer: Mapping[str, Any] | None = None
    failure: Mapping[str, Any] | None = None

    @property
    def state(self) -> State:
        """Where the turn is."""
        if self.answer is not None:
            return State.STOPPED if self.answer.get("stopped") else State.DONE
        if self.failure is not None:
            return State.FAILED
        return State.ASKED if self.claim is None else State.ANSWERING

    @property
    def pending(self) -> bool:
        """True while the prompt waits for the end of its answer."""
        return self.answer is None and self.failure is None

    @property
    def left_out(self) -> int:
        """How many earlier turns the model was not shown when it answered."""
        return int((self.answer or self.failure or {}).get("left_out", 0))

    @property
    def hidden(self) -> int:
        """How many attachments of other earlier turns the model was not shown."""
        return int((self.answer or self.failure or {}).get("hidden", 0))

    def take(self, record: Mapping[str, Any]) -> None:
        """Take in a later record of this turn."""
        role = record.get("role")
        if role in _ANEW:
            self.prompt = record.get("text", self.prompt)
            self.claim, self.stop_wanted = record.get("by"), False
            self.answer = self.failure = None
        elif not self.pending or (role in _BY_OWNER and record.get("by") != self.claim):
            return
        elif role == "claim":
            self.claim = record.get("by")
        elif role == "release":
            self.claim = None
        elif role == "stop":
            self.stop_wanted = True
        elif role == "assistant":
            self.answer = record
        elif role == "failure":
            self.failure = record


_ANEW = {"retry", "edit"}
_BY_OWNER = {"release", "assistant", "failure"}
_PROMPT = {"id", "text", "at"}


def prompt_record(
    prompt_id: str, text: str, claim: str | None = None, attachments: Sequence[Attached] = ()
) -> Record:
    """Return a new prompt. Two records with one id are one prompt that arrived twice."""
    record = {"role": "user", "id": prompt_id, "text": text, "at": time.time(), "by": claim}
    return record | ({"attachments": list(attachments)} if attachments else {})


def claim_record(turn: Turn, claim: str) -> Record:
    """Return who answers the turn from now on."""
    return {"role": "claim", "to": turn.id, "by": claim}


def release_record(turn: Turn) -> Record:
    """Return that the turn may be taken over at once."""
    return {"role": "release", "to": turn.id, "by": turn.claim}


def stop_record(turn: Turn) -> Record:
    """Return the wish to have no more of the answer."""
    return {"role": "stop", "to": turn.id}


def retry_record(turn: Turn, claim: str | None = None) -> Record:
    """Return the wish to have a turn answered once more."""
    return {"role": "retry", "to": turn.id, "by": claim}


def edit_record(turn: Turn, text: str) -> Record:
    """Return the wish to have a turn answered in other words."""
    return {"role": "edit", "to": turn.id, "text": text}


def answer_record(
    turn: Turn,
    text: str,
    model_id: str,
    usage: Mapping[str, int] | None = None,
    *,
    stopped: bool = False,
) -> Record:
    """Return the whole answer to a turn, or what there was of it when the user stopped it."""
    whole = {"role": "assistant", "to": turn.id, "by": turn.claim, "text": text, "model": model_id}
    return whole | {"usage": usage} | ({"stopped": True} if stopped else {})


def failure_record(turn: Turn, sentence: str, partial: str) -> Record:
    """Return the reason why a turn has no answer, and what had arrived of it."""
    return {
        "role": "failure",
        "to": turn.id,
        "by": turn.claim,
        "text": sentence,
        "partial": partial,
    }


def with_left_out(record: Record, turns: int, hidden: int = 0) -> Record:
    """Return how a turn ended, and that the model was not shown so many earlier ones.

    hidden: attachments of those earlier ones that it was shown.
    """
    return record | {
        name: count for name, count in (("left_out", turns), ("hidden", hidden)) if count
    }


def read_turns(records: Iterable[Mapping[str, Any]]) -> list[Turn]:
    """Fold records into turns, oldest first; what names no known turn is passed over."""
    turns: dict[str, Turn] = {}
    for record in records:
        if record.get("role") == "user" and record.keys() >= _PROMPT:
            new = Turn(record["id"], record["text"], record["at"], attachments_of(record))
            new.claim = record.get("by")
            turns.setdefault(record["id"], new)
        elif (turn := turns.get(str(record.get("to", "")))) is not None:
            turn.take(record)
    return list(turns.values())


def model_messages(turns: list[Turn], asked: Turn) -> list[Record]:
    """Return Converse messages that ask one turn, after the answered turns before it.

    Turns without an answer are left out: Bedrock wants the roles to alternate, and a prompt that
    the model refused would make it refuse every later one too.
    """
    messages: list[Record] = []
    documents = itertools.count(1)
    for turn in turns:
        shown = _question(turn, documents)
        if turn.id == asked.id:
            return [*messages, shown]
        if turn.answer is not None and turn.answer["text"]:
            messages += [shown, _message("assistant", [{"text": turn.answer["text"]}])]
    return [*messages, _question(asked, documents)]


def _question(turn: Turn, documents: Iterator[int]) -> Record:
    """Return what a turn asks; documents: their numbers, which stay those of a whole conversation.

    So "Document 2" is the same one in all turns, also where the first is not shown any more.
    """
    content: list[Record] = []
    for each in turn.attachments:
        kind, format_ = converse_format(each["type"])
        part = {"attachment": each, "kind": kind, "format": format_}
        content.append(part | ({"number": next(documents)} if kind == "document" else {}))
    return _message("user", [*content, {"text": turn.prompt or NO_WORDS}])


def _message(role: str, content: list[Record]) -> Record:
    return {"role": role, "content": content}


def attachments_of(record: Mapping[str, Any]) -> list[Attached]:
    """Return what a prompt names; what is none, as it came from elsewhere, is passed over."""
    named = record.get("attachments")
    return [cast("Attached", each) for each in named or () if _is_attachment(each)]


def _is_attachment(value: Any) -> bool:  # noqa: ANN401 - whatever JSON may hold
    match value:
        case {"sha256": str(), "name": str(), "type": str(type_), "size": int()}:
            try:
                converse_format(type_)
            except AttachmentRefused:
                return False
            pixels = value.get("pixels", [1, 1])
            return (
                isinstance(pixels, list)
                and len(pixels) == 2  # noqa: PLR2004 - width and height
                and all(type(each) is int and each > 0 for each in pixels)
            )
    return False
