"""A model that says what a test has it say, when it has it; and sessions as replicas see them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from app.answers import generation, watching
from app.model import ModelError
from app.sessions import Session, SessionStore, mint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Script:
    """What the model says: `say` pieces, then `end` or `fail`; `asked` are the calls so far."""

    def __init__(self) -> None:
        self.asked: list[list[dict[str, object]]] = []
        self._said: list[str | ModelError | None] = []
        self._changed = threading.Condition()

    def say(self, *pieces: str | ModelError | None) -> None:
        """Say more."""
        with self._changed:
            self._said += pieces
            self._changed.notify_all()

    def end(self) -> None:
        """Say that this was all."""
        self.say(None)

    def listen(self) -> Iterator[str]:
        """Yield what is said to one listener, from the beginning."""
        at = 0
        while True:
            with self._changed:
                while len(self._said) <= at:
                    self._changed.wait()
                said = self._said[at]
            at += 1
            if said is None:
                return
            if isinstance(said, ModelError):
                raise said
            yield said


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    """Give the model's words; what still waits for more of them is let go in the end."""
    script = Script()

    class Answer:
        def __init__(
            self, _model: str, messages: list[dict[str, object]], _: object, _load: object
        ) -> None:
            self.usage = {"inputTokens": 2, "outputTokens": 1}
            self.tries, self.heard, self.hidden = 1, 0, 0
            self._messages = messages

        def __iter__(self) -> Iterator[str]:
            script.asked.append(self._messages)
            for piece in script.listen():
                self.heard += 1
                yield piece

        def stalled(self) -> ModelError:
            return ModelError("It stalled.", "stall")

    monkeypatch.setattr(generation, "Answer", Answer)
    yield script
    for each in list(generation.running.values()):
        each.abandon()
    script.end()


@pytest.fixture
def replica(tmp_path: Path) -> Callable[[], Session]:
    """Give a function that opens the one session as another replica would."""
    key = mint()
    return lambda: SessionStore(tmp_path).open(key)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let who watches be on another replica than who writes."""
    monkeypatch.setattr(watching, "running", {})
