"""An answer is written once, by one replica at a time, and seen on all."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from app.answers import generation, watching
from app.answers.generation import begin, running
from app.answers.watching import Abandoned, watch
from app.conversation import (
    State,
    Turn,
    claim_record,
    prompt_record,
    read_turns,
    stop_record,
)
from app.model import ModelError
from app.sessions import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.answers.generation import Generation
    from app.sessions import Session
    from tests.app.answers.conftest import Script

    Replica = Callable[[], Session]

SOON = 10.0


def ask(session: Session, prompt_id: str = "p") -> Generation:
    """Send a prompt and have it answered."""
    begun = begin(session, prompt_id, partial(prompt_record, prompt_id, "hello"), "model")
    assert begun is not None
    return begun


def only_turn(session: Session) -> Turn:
    """Return the session's one turn, as it is on the volume now."""
    session.refresh()
    [turn] = read_turns(session.messages)
    return turn


def ended(session: Session) -> Turn:
    """Wait until the turn is not pending any more."""
    deadline = time.monotonic() + SOON
    while (turn := only_turn(session)).pending:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return turn


def test_answer_is_written_though_nobody_looks_on(
    replica: Replica, script: Script, tmp_path: Path
) -> None:
    """The prompt is on the volume before the model is asked; at the end nothing else is left."""
    begun = ask(replica())
    assert only_turn(replica()).state is State.ANSWERING
    script.say("a", "b")
    script.end()
    turn = ended(replica())
    assert (turn.state, turn.answer and turn.answer["text"]) == (State.DONE, "ab")
    assert begun.over.wait(SOON)
    deadline = time.monotonic() + SOON
    while {path.suffix for path in tmp_path.rglob("*") if path.is_file()} != {".log"}:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.usefixtures("elsewhere")
def test_other_replica_sees_the_answer_grow(replica: Replica, script: Script) -> None:
    """Within a second of each piece, with what came before."""
    ask(replica())
    session = replica()
    seen = watch(session, only_turn(session))
    for piece, so_far in (("one ", "one "), ("two", "one two")):
        script.say(piece)
        said_at = time.monotonic()
        while next(seen) != so_far:
            assert time.monotonic() < said_at + SOON
        assert time.monotonic() - said_at < 5, "seen while it grows, not at its end"
    script.end()
    assert [*seen][-1] == "one two"
    assert only_turn(session).state is State.DONE


def test_page_of_the_same_replica_needs_no_volume(
    replica: Replica, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is in memory."""
    begun = ask(replica())
    session = replica()
    monkeypatch.setattr(type(session), "watch_live", lambda *_: pytest.fail("looked"))
    seen = watch(session, begun.turn)
    script.say("here")
    while next(seen) != "here":
        pass
    script.end()
    assert [*seen][-1] == "here"


def test_dead_owner_is_noticed_and_its_turn_taken_over(
    replica: Replica, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the watcher's clock alone; the one answer is the second owner's."""
    monkeypatch.setattr(watching, "LEASE_SECONDS", 0.5)
    dead, session = replica(), replica()
    live = dead.write_live("0" * 16)
    dead.messages.append(prompt_record("p", "hello", "0" * 16))
    live.extend("as far as it c")
    with pytest.raises(Abandoned) as caught:
        list(watch(session, only_turn(session)))
    assert caught.value.partial == "as far as it c"
    turn = only_turn(session)
    begun = begin(session, "p", partial(claim_record, turn), "model", after=session.position)
    assert begun is not None
    script.say("whole")
    script.end()
    answer = ended(replica()).answer
    assert answer is not None
    assert (answer["text"], answer["by"]) == ("whole", begun.turn.claim)
    late = {"role": "assistant", "to": "p", "by": "0" * 16, "text": "late", "model": "m"}
    dead.messages.append(late)
    assert only_turn(replica()).answer == answer


def test_two_that_take_over_at_once_are_one(replica: Replica, script: Script) -> None:
    """The model is asked once more, not twice."""
    first, second = replica(), replica()
    first.messages.append(prompt_record("p", "hello", "0" * 16))
    both = []
    for session in (first, second):
        session.refresh()
    position = second.position
    for session in (first, second):
        turn = read_turns(session.messages)[0]
        both.append(begin(session, "p", partial(claim_record, turn), "model", after=position))
    assert [each is not None for each in both] == [True, False]
    assert len(script.asked) <= 1


def test_owner_that_wakes_up_too_late_says_nothing(replica: Replica, script: Script) -> None:
    """It lost the turn while it was frozen: what it has to say is passed over, and not appended."""
    begun = ask(replica())
    other = replica()
    other.messages.append(claim_record(only_turn(other), "f" * 16))
    script.say("too late")
    script.end()
    assert begun.over.wait(SOON)
    assert only_turn(replica()).state is State.ANSWERING
    assert all(record["role"] != "assistant" for record in replica().messages)


@pytest.mark.parametrize("here", [True, False])
def test_stop_keeps_what_there_is(replica: Replica, script: Script, *, here: bool) -> None:
    """From the same replica, and from another one; whatever the model says later is lost."""
    begun = ask(replica())
    script.say("as far as this")
    while not begun.text:
        time.sleep(0.01)
    if here:
        begun.stop()
    else:
        other = replica()
        other.messages.append(stop_record(only_turn(other)))
        other.remove_live(str(begun.turn.claim))
    turn = ended(replica())
    assert (turn.state, turn.answer and turn.answer["text"]) == (State.STOPPED, "as far as this")
    script.say("more")
    script.end()
    assert begun.over.wait(SOON)
    assert ended(replica()).answer == turn.answer
    assert str(begun.turn.claim) not in running


def test_failure_keeps_what_had_arrived(replica: Replica, script: Script) -> None:
    """And the sentence."""
    ask(replica())
    script.say("half", ModelError("It broke off."))
    turn = ended(replica())
    assert turn.state is State.FAILED
    assert turn.failure is not None
    assert (turn.failure["text"], turn.failure["partial"]) == ("It broke off.", "half")


def test_released_turn_waits_for_nobody(replica: Replica, script: Script) -> None:
    """A replica that goes in good order gives its turns away."""
    begun = ask(replica())
    script.say("as far as this")
    begun.hand_over()
    assert begun.over.is_set()
    assert only_turn(replica()).state is State.ASKED
    script.end()
    assert all(record["role"] != "assistant" for record in replica().messages)


def test_answer_outlives_a_volume_that_refuses_for_a_while(
    replica: Replica, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was paid for."""
    monkeypatch.setattr(generation, "RETRY_SECONDS", 0.02)
    begun = ask(replica())
    refused = []

    def refuse() -> bool:
        refused.append(1)
        raise StoreUnavailable("no")

    monkeypatch.setattr(type(begun.session), "refresh", lambda _: refuse())
    script.say("kept")
    script.end()
    while len(refused) < 3:
        time.sleep(0.01)
    monkeypatch.undo()
    assert begun.over.wait(SOON)
    turn = ended(replica())
    assert turn.answer is not None
    assert turn.answer["text"] == "kept"


@pytest.mark.parametrize("forged", ["", "../../etc", "x" * 16, "0" * 17, 7])
def test_turn_with_a_forged_claim_is_taken_over(replica: Replica, forged: object) -> None:
    """As nobody writes under such a name; a session may have been imported from elsewhere."""
    session = replica()
    session.messages.append({"role": "user", "id": "p", "text": "hello", "at": 0, "by": forged})
    with pytest.raises(Abandoned):
        next(iter(watch(session, only_turn(session))))
