"""The checker finds what it is there for: each bug is put into what a real store keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.conversation import Turn, answer_record, claim_record, prompt_record, retry_record
from app.sessions import SessionStore, mint
from e2e.volume import Volume
from parity.volume.folder import Folder
from torture.check import Finding, Kind, check
from torture.history import History
from torture.stored import stored_turns

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Records = list[dict[str, Any]]

TURNS = 4


@pytest.fixture
def history() -> History:
    """Give a client that saw all its prompts acknowledged and answered."""
    history = History(client=1, key=mint())
    for number in range(TURNS):
        prompt = history.next_prompt(tokens=20, now=10.0 * number)
        prompt.acknowledged, prompt.answered = prompt.sent + 1, prompt.sent + 2
    return history


def records_of(history: History) -> Records:
    """Return what an app without a bug appends for it: prompt, answer, prompt, answer ..."""
    records = []
    for number, prompt in enumerate(history.prompts):
        turn = Turn(f"id{number}", prompt.text, prompt.sent, claim=f"claim{number}")
        records.append(prompt_record(turn.id, turn.prompt, turn.claim))
        records.append(answer_record(turn, prompt.text.upper(), "model"))
    return records


def found(history: History, records: Records, root: Path) -> list[Finding]:
    """Keep the records in a store, read them back from its volume, and check."""
    session = SessionStore(root).open(history.key)
    for record in records:
        session.messages.append(record)
    return check(history, stored_turns(Volume(Folder(root)).records(history.key)), [])


def kinds(findings: list[Finding]) -> set[Kind]:
    """Return what was found, each once."""
    return {finding.kind for finding in findings}


def test_nothing_is_found_where_nothing_is_wrong(history: History, tmp_path: Path) -> None:
    """Else nobody would believe the findings."""
    assert found(history, records_of(history), tmp_path) == []


def drop_prompt(records: Records) -> Records:
    """Lose an append of a prompt."""
    return records[:2] + records[3:]


def drop_answer(records: Records) -> Records:
    """Lose an append of an answer."""
    return records[:3] + records[4:]


def answer_twice(records: Records) -> Records:
    """Append an answer once more, by the same owner."""
    return [*records, records[3] | {"text": "something else"}]


def prompt_twice(records: Records) -> Records:
    """Take one prompt in under two ids."""
    return [*records, records[2] | {"id": "another"}]


def reorder(records: Records) -> Records:
    """Let a turn overtake the one before."""
    return records[:2] + records[4:6] + records[2:4] + records[6:]


def mix_up(records: Records) -> Records:
    """Let the prompt of another session in."""
    return [*records, prompt_record("other", "client 2 prompt 1")]


@pytest.mark.parametrize(
    ("bug", "caught"),
    [
        (drop_prompt, {Kind.LOST}),
        (drop_answer, {Kind.UNANSWERED}),
        (answer_twice, {Kind.ANSWERED_TWICE}),
        (prompt_twice, {Kind.DOUBLED, Kind.UNANSWERED}),
        (reorder, {Kind.REORDERED}),
        (mix_up, {Kind.FOREIGN}),
    ],
)
def test_seeded_bug_is_caught(
    bug: Callable[[Records], Records], caught: set[Kind], history: History, tmp_path: Path
) -> None:
    """By its name, and nothing else is found besides."""
    assert caught == kinds(found(history, bug(records_of(history)), tmp_path))


def test_answer_of_an_owner_that_lost_its_turn_is_fenced(history: History, tmp_path: Path) -> None:
    """It is in the log, but no user ever sees it."""
    records = records_of(history)
    turn = Turn("id0", history.prompts[0].text, 0.0, claim="claim0")
    records.insert(1, claim_record(turn, "usurper"))
    turn.claim = "usurper"
    records.insert(3, answer_record(turn, "the answer", "model"))
    assert found(history, records, tmp_path) == []


def test_answer_that_the_user_asked_for_anew_is_the_one(history: History, tmp_path: Path) -> None:
    """Regenerate is no second answer."""
    turn = Turn("id3", history.prompts[3].text, 0.0, claim="claim3")
    again = [retry_record(turn, "new"), answer_record(turn, "new", "model") | {"by": "new"}]
    assert found(history, records_of(history) + again, tmp_path) == []


def test_prompt_that_was_never_acknowledged_may_be_missing(
    history: History, tmp_path: Path
) -> None:
    """Only what the user saw kept is promised; but they should not have had to wait for ever."""
    history.prompts[-1].acknowledged = history.prompts[-1].answered = None
    assert kinds(found(history, records_of(history)[:-2], tmp_path)) == {Kind.STUCK}


@pytest.mark.parametrize("wrong", [slice(2), slice(1, None)])
def test_replica_that_shows_something_else_is_found(
    wrong: slice, history: History, tmp_path: Path
) -> None:
    """Another replica's page has to say what the volume says."""
    pairs = [(("user", each.text), ("assistant", "yes")) for each in history.prompts]
    whole = [message for pair in pairs for message in pair]
    history.shown = {"right": whole, "other": whole[wrong]}
    (finding,) = found(history, records_of(history), tmp_path)
    assert finding.kind is Kind.UNREADABLE
    assert "other" in finding.detail


def test_damage_and_exceptions_are_findings(history: History) -> None:
    """Whatever else is right."""
    history.errors = ["ValueError: oh"]
    stored = stored_turns(records_of(history))
    assert kinds(check(history, stored, ["a.log.damaged-1"])) == {Kind.CORRUPT, Kind.ERROR}
