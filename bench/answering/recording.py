"""What it costs to record an answer as it grows: processor time, and operations of EFS."""

from __future__ import annotations

import os
import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from app.answers import generation
from app.conversation import Turn, answer_record, model_messages, prompt_record, read_turns
from app.model import Answer
from app.sessions import SessionStore, mint
from bench.apps.conversation import MODEL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.sessions import Session
    from bench.keeping.volumes import Volume

PROMPT = "What does it cost to record this? [[tokens=500]]"
REGION = "us-east-1"


# At a time, as a busy replica writes them: one alone leaves the processor idle between two tokens,
# and what it takes then to wake up varies more than all that is measured here.
AT_A_TIME = 16


@dataclass(frozen=True)
class Cost:
    """Of one answer: seconds of processor time of this process, and file-system operations."""

    cpu: float
    operations: float


def recorded(session: Session) -> None:
    """Have an answer written as the app does: claimed, recorded as it grows, and appended."""
    prompt_id = secrets.token_hex(4)
    begun = generation.begin(session, prompt_id, partial(prompt_record, prompt_id, PROMPT), MODEL)
    assert begun is not None, "nobody else writes here"  # noqa: S101 - of the bench itself
    begun.over.wait()


def unrecorded(session: Session) -> None:
    """Stream the same answer, and append it when it is whole: the least that keeps it."""
    session.messages.append(prompt_record(secrets.token_hex(4), PROMPT))
    turn: Turn = read_turns(session.messages)[-1]
    answer = Answer(MODEL, model_messages(read_turns(session.messages), turn))
    text = "".join(answer)
    session.messages.append(answer_record(turn, text, MODEL, answer.usage))


def costs(volume: Volume, model_url: str, rounds: int) -> dict[str, list[Cost]]:
    """Return what each answer costs, one recorded and one not by turns, each in a new session."""
    os.environ |= {
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": model_url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "SESSION_ROOT": str(volume.here),
    }
    ways: tuple[Callable[[Session], None], ...] = (recorded, unrecorded)
    for way in ways:  # the first of each pays for imports and connections
        _cost(volume, way)
    found: dict[str, list[Cost]] = {way.__name__: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            found[way.__name__].append(_cost(volume, way))
    return found


def _cost(volume: Volume, way: Callable[[Session], None]) -> Cost:
    sessions = [_session(volume.here) for _ in range(AT_A_TIME)]
    spent = 0.0

    def answer() -> None:
        nonlocal spent
        before = time.process_time()
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            list(pool.map(way, sessions))
        for thread in threading.enumerate():
            if thread.name == "answer-recorder":  # which removes the live text
                thread.join()
        spent = time.process_time() - before

    asked = volume.cost(volume.here, answer)
    return Cost(spent / AT_A_TIME, asked.operations / AT_A_TIME)


def _session(root: Path) -> Session:
    """Return a session that is open and known, as that of a chat under way is."""
    session = SessionStore(root).open(mint())
    session.messages.append(prompt_record("first", "hello"))
    session.messages.append(
        answer_record(read_turns(session.messages)[-1], "Hello!", MODEL, {"inputTokens": 1})
    )
    return session
