"""What a button asks for is done once, when the volume takes it, and only where it still fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import streamlit as st

from app.conversation import Record, State, edit_record, read_turns, retry_record
from app.page import wishes
from app.sessions import Session, SessionStore, StoreUnavailable, mint

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _nothing_noted() -> None:
    wishes.forget()


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Return a session of one answered turn."""
    session = SessionStore(tmp_path).open(mint())
    session.messages.append({"role": "user", "id": "1", "text": "one", "at": 0})
    session.messages.append(answer("1"))
    return session


def answer(turn: str) -> Record:
    """Return the end of a turn."""
    return {"role": "assistant", "to": turn, "text": "answer", "model": "m"}


def test_wish_waits_until_the_volume_takes_it_and_is_done_once() -> None:
    """In order: what was wished for later does not overtake it."""
    done: list[str] = []
    refusing = iter([True])

    def first() -> None:
        if next(refusing, False):
            raise StoreUnavailable("no")
        done.append("first")

    wishes.note(first)
    wishes.note(lambda: done.append("second"))
    with pytest.raises(StoreUnavailable):
        wishes.carry_out()
    assert done == []
    for _ in range(2):
        wishes.carry_out()
        assert done == ["first", "second"]


def test_last_turn_is_asked_anew_once_though_two_tabs_wish_for_it(session: Session) -> None:
    """The second one finds it pending, and its answer on the way."""
    (turn,) = read_turns(session.messages)
    wishes.ask_anew(session, retry_record(turn))
    length = len(session.messages)
    wishes.ask_anew(session, retry_record(turn))
    assert len(session.messages) == length
    assert [each.state for each in read_turns(session.messages)] == [State.ASKED]


def test_turn_is_left_as_it_is_when_the_conversation_has_gone_on(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that later turns built on is not replaced under them; the editor is told."""
    told: list[str] = []
    monkeypatch.setattr(st, "toast", told.append)
    (turn,) = read_turns(session.messages)
    session.messages.append({"role": "user", "id": "2", "text": "two", "at": 0})
    wishes.ask_anew(session, retry_record(turn))
    assert told == []
    wishes.ask_anew(session, edit_record(turn, "other"))
    assert told == [wishes.TOO_LATE]
    assert [each.prompt for each in read_turns(session.messages)] == ["one", "two"]
    assert read_turns(session.messages)[0].state is State.DONE


def test_page_that_has_not_seen_the_latest_message_looks_again(
    session: Session, tmp_path: Path
) -> None:
    """The other tab went on between this tab's look and its wish."""
    (turn,) = read_turns(session.messages)
    key = mint()
    here, there = (SessionStore(tmp_path).open(key) for _ in range(2))
    for record in session.messages:
        there.messages.append(record)
    here.refresh()
    there.messages.append({"role": "user", "id": "2", "text": "two", "at": 0})
    wishes.ask_anew(here, edit_record(turn, "other"))
    assert [each.prompt for each in read_turns(here.messages)] == ["one", "two"]
