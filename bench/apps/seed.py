"""Put the conversation on the volume, inside a replica: seed.py kit KEY | seed.py article ID."""

from __future__ import annotations

import pickle
import sys

from app.conversation import answer_record, prompt_record, read_turns
from app.sessions import SessionStore
from app.settings import read_settings
from bench.apps.conversation import MESSAGES, MODEL, TURNS, USAGE


def seed_kit(key: str) -> None:
    """Append the turns as the chatbot does."""
    messages = SessionStore(read_settings().session_root).open(key).messages
    for number, (prompt, answer) in enumerate(TURNS):
        messages.append(prompt_record(f"seed-{number}", prompt))
        messages.append(answer_record(read_turns(messages)[-1], answer, MODEL, USAGE))


def seed_article(session_id: str) -> None:
    """Write the pickle that the article's app reads."""
    path = read_settings().session_root / f"{session_id}.pkl"
    path.write_bytes(pickle.dumps(list(MESSAGES)))


if __name__ == "__main__":
    {"kit": seed_kit, "article": seed_article}[sys.argv[1]](sys.argv[2])
