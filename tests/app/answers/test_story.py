"""What is told of an answer: in the log of its replica, and beside it on the page."""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from app.answers import generation, recorder
from app.answers.generation import begin
from app.conversation import State, answer_record, prompt_record, read_turns, stop_record
from app.model import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from app.answers.generation import Generation
    from app.sessions import Session
    from tests.app.answers.conftest import Script

    Replica = Callable[[], Session]
    Events = Callable[[], list[tuple[str, dict[str, Any]]]]

SOON = 10.0
SMALL = "amazon.titan-text-lite-v1"  # which takes 4,000 tokens


@pytest.fixture
def events(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Events:
    """Give a function that returns the events so far, with their fields."""
    monkeypatch.setattr(logging.getLogger("app"), "propagate", True)
    caplog.set_level(logging.INFO, "app")
    return lambda: [
        (record.getMessage(), getattr(record, "fields", {})) for record in caplog.records
    ]


def ask(session: Session, model: str = "model") -> Generation:
    """Send a prompt and have it answered."""
    begun = begin(session, "p", partial(prompt_record, "p", "hello"), model)
    assert begun is not None
    return begun


def test_answer_is_told_from_asked_to_answered(
    replica: Replica, script: Script, events: Events
) -> None:
    """By whom, how long it took, and what it cost; in no line is a word of it."""
    session = replica()
    begun = ask(session)
    script.say("secret words")
    script.end()
    assert begun.over.wait(SOON)
    told = [(name, fields) for name, fields in events() if name.startswith("turn_")]
    assert [name for name, _ in told] == ["turn_asked", "turn_answering", "turn_answered"]
    assert {fields["session"] for _, fields in told} == {session.id}
    end = told[-1][1]
    assert (end["turn"], end["lease"]) == ("p", begun.turn.claim)
    assert (end["input_tokens"], end["output_tokens"], end["tries"]) == (2, 1, 1)
    assert 0 <= end["first_token_seconds"] <= end["seconds"] < SOON
    assert "secret" not in str(told)


def test_failure_is_told_with_its_reason(replica: Replica, script: Script, events: Events) -> None:
    """In one word, to count by; what is not known is left out."""
    begun = ask(replica())
    script.say(ModelError("It said something long.", "throttling"))
    assert begun.over.wait(SOON)
    name, fields = events()[-1]
    assert (name, fields["reason"]) == ("turn_failed", "throttling")
    assert "first_token_seconds" not in fields


@pytest.mark.parametrize(
    ("end", "name"),
    [("stop", "turn_stopped"), ("hand_over", "turn_released"), ("abandon", "turn_lost")],
)
@pytest.mark.usefixtures("script")
def test_other_ends_have_names_of_their_own(
    replica: Replica, events: Events, end: str, name: str
) -> None:
    """Each once."""
    begun = ask(replica())
    getattr(begun, end)()
    assert [told for told, _ in events()][-1] == name


def test_bug_ends_the_turn_too(
    replica: Replica, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would be alive and never come to an end; the user is told, and the log more."""

    class Broken:
        usage, tries, heard, hidden = None, 1, 0, 0

        def __init__(self, *_: object) -> None:
            pass

        def __iter__(self) -> None:
            raise LookupError("bug")

    monkeypatch.setattr(generation, "Answer", Broken)
    session = replica()
    begun = ask(session)
    assert begun.over.wait(SOON)
    session.refresh()
    [turn] = read_turns(session.messages)
    assert turn.failure is not None
    assert turn.failure["text"] == generation.CRASHED
    assert [name for name, _ in events()][-2:] == ["answer_crashed", "turn_failed"]


@pytest.mark.parametrize("end", [None, "stop", ModelError("no")])
def test_turns_left_out_are_counted_in_how_the_turn_ended(
    replica: Replica, script: Script, end: str | ModelError | None
) -> None:
    """So that it shows after a refresh too, however it ended; the model got the latest ones."""
    session = replica()
    for number in range(4):
        prompt = prompt_record(str(number), f"{number}" * 3_000)
        session.messages.append(prompt)
        [turn] = read_turns([prompt])
        session.messages.append(answer_record(turn, "x" * 300, SMALL))
    begun = ask(session, SMALL)
    script.say("as far as this")
    while not begun.text:
        time.sleep(0.01)
    if end == "stop":
        begun.stop()
    else:
        script.say(end if isinstance(end, ModelError) else None)
    assert begun.over.wait(SOON)
    later = replica()
    assert read_turns(later.messages)[-1].left_out == 2
    assert script.asked[0][0]["content"] == [{"text": "2" * 3_000}]
    assert all(turn.left_out == 0 for turn in read_turns(later.messages)[:-1])


def test_stall_in_mid_answer_ends_it(
    replica: Replica, script: Script, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though the connection is open; what came is kept, and what comes later is not."""
    monkeypatch.setattr(recorder, "WRITE_SECONDS", 0.02)
    monkeypatch.setattr(recorder, "STALL_SECONDS", 0.3)
    begun = ask(replica())
    assert not begun.over.wait(1), "a model may take long to begin"
    for _ in range(4):
        script.say("on ")
        assert not begun.over.wait(0.1), "it writes"
    assert begun.over.wait(SOON)
    script.say("late")
    [turn] = read_turns(replica().messages)
    assert turn.failure is not None
    assert (turn.failure["text"], turn.failure["partial"]) == ("It stalled.", "on " * 4)
    assert events()[-1][1]["reason"] == "stall"


def test_stopped_turn_whose_replica_is_gone_is_settled_once(
    replica: Replica, events: Events
) -> None:
    """By one of those who look on; the model is not asked for it."""
    dead, first, second = replica(), replica(), replica()
    dead.messages.append(prompt_record("p", "hello", "0" * 16))
    dead.messages.append(stop_record(read_turns(dead.messages)[0]))
    for session in (first, second):
        session.refresh()
    for session in (first, second):
        [turn] = read_turns(session.messages)
        generation.settle_stopped(session, turn, "as far as it came", "model")
    [turn] = read_turns(replica().messages)
    assert (turn.state, turn.answer and turn.answer["text"]) == (State.STOPPED, "as far as it came")
    assert [name for name, _ in events()].count("turn_stopped") == 1
