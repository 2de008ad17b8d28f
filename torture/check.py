"""Compare what clients saw with what is stored and what replicas show; decides, reads nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from app.conversation import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from torture.history import History, Prompt
    from torture.stored import Stored


class Kind(StrEnum):
    """What may be found."""

    LOST = "acknowledged prompt lost"
    DOUBLED = "prompt stored twice"
    REORDERED = "prompts out of order"
    FOREIGN = "prompt that nobody sent here"
    UNANSWERED = "acknowledged prompt without a finished answer"
    ANSWERED_TWICE = "prompt answered twice"
    CORRUPT = "session set aside as damaged"
    UNREADABLE = "replica that shows something else than is stored"
    STUCK = "prompt never answered on the page"
    ERROR = "exception shown on the page"
    UNSERVED = "page not loaded, and no fault explains it"
    LOGGED = "error in a log, and no fault explains it"


@dataclass(frozen=True)
class Finding:
    """Something that must not be. place: a client, or the container whose log says it."""

    place: str
    kind: Kind
    detail: str


def check(history: History, stored: Sequence[Stored], set_aside: Iterable[str]) -> list[Finding]:
    """Return all that is wrong with one session. set_aside: names of copies of damaged logs."""
    found = [
        *_prompts(history, stored),
        *_answers(history, stored),
        *_shown(history, stored),
        *((Kind.CORRUPT, name) for name in set_aside),
        *(
            (Kind.STUCK, f"{_known(prompt)}; the page held {prompt.left}")
            for prompt in history.prompts
            if prompt.answered is None
        ),
        *((Kind.ERROR, error) for error in history.errors),
    ]
    return [Finding(f"client {history.client}", kind, detail) for kind, detail in found]


def _known(prompt: Prompt) -> str:
    known = "not acknowledged" if prompt.acknowledged is None else "acknowledged"
    return f"{prompt.text}, {known}"


def _prompts(history: History, stored: Sequence[Stored]) -> Iterator[tuple[Kind, str]]:
    number = {prompt.text: place for place, prompt in enumerate(history.prompts)}
    count = Counter(turn.text for turn in stored)
    for prompt in history.prompts:
        if prompt.acknowledged is not None and not count[prompt.text]:
            yield Kind.LOST, prompt.text
    for text, times in count.items():
        if text not in number:
            yield Kind.FOREIGN, text
        elif times > 1:
            yield Kind.DOUBLED, f"{text}: {times} times"
    known = [turn.text for turn in stored if turn.text in number]
    for before, after in pairwise(dict.fromkeys(known)):
        if number[before] > number[after]:
            yield Kind.REORDERED, f"{before}, then {after}"


def _answers(history: History, stored: Sequence[Stored]) -> Iterator[tuple[Kind, str]]:
    acknowledged = {each.text for each in history.prompts if each.acknowledged is not None}
    for turn in stored:
        if turn.answers > 1:
            yield Kind.ANSWERED_TWICE, f"{turn.text}: {turn.answers} times"
        elif turn.text in acknowledged and (turn.state != State.DONE or not turn.answers):
            yield Kind.UNANSWERED, f"{turn.text}: {turn.state}"


def _shown(history: History, stored: Sequence[Stored]) -> Iterator[tuple[Kind, str]]:
    """Find each replica that does not draw every stored prompt, each with one answer after it."""
    wanted = [("user", turn.text) for turn in stored]
    for replica, messages in history.shown.items():
        roles = [role for role, _ in messages]
        empty = [text for role, text in messages if role == "assistant" and not text.strip()]
        prompts = [(role, text) for role, text in messages if role == "user"]
        if prompts != wanted or roles != ["user", "assistant"] * len(wanted) or empty:
            yield Kind.UNREADABLE, f"{replica}: {len(messages)} messages of {2 * len(wanted)}"
