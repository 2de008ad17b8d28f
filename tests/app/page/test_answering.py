"""Prompts are taken in once, whatever runs of the page's script do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.browser.outbox import Prompt
from app.conversation import read_turns
from app.page.answering import accept
from app.sessions import Session, SessionStore, mint

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from app.shared_files import KeptFile


class NoUploads:
    """Nobody uploaded anything."""

    def find(self, _file_id: str) -> KeptFile | None:
        """Return None."""
        return None

    def remove(self, _file_id: str) -> None:
        """Do nothing."""


NONE = NoUploads()


def test_run_that_was_preempted_takes_nothing_from_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on beside it until its next call of Streamlit; both find the same prompts."""
    session = SessionStore(tmp_path).open(mint())
    prompts = [Prompt("1", "one"), Prompt("2", "two")]
    room = Session.require_room
    runs = iter([True])

    def meanwhile(held: Session, size: int) -> None:
        room(held, size)
        if next(runs, False):
            accept(held, prompts[:1], NONE)
            prompts.pop(0)

    monkeypatch.setattr(Session, "require_room", meanwhile)
    accept(session, prompts, NONE)
    assert prompts == []
    assert [turn.prompt for turn in read_turns(session.messages)] == ["one", "two"]
