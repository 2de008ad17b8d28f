"""Records fold into the same turns on every replica, whatever order the tabs wrote them in."""

from __future__ import annotations

import pytest

from app.conversation import (
    NO_WORDS,
    Attached,
    Record,
    State,
    answer_record,
    claim_record,
    edit_record,
    failure_record,
    model_messages,
    prompt_record,
    read_turns,
    retry_record,
    stop_record,
)


def test_prompt_waits_until_it_is_answered() -> None:
    """A prompt is pending exactly until its own answer is there."""
    first, second = prompt_record("one", "one"), prompt_record("two", "two")
    turns = read_turns([first, second])
    late = answer_record(turns[0], "1", "model", None)
    assert [turn.pending for turn in turns] == [True, True]
    assert [turn.pending for turn in read_turns([first, second, late])] == [False, True]


def test_first_answer_wins() -> None:
    """A prompt never has two answers, though two replicas gave one."""
    prompt = prompt_record("one", "one")
    turn = read_turns([prompt])[0]
    records = [prompt, *(answer_record(turn, text, "model", None) for text in ("a", "b"))]
    [turn] = read_turns(records)
    assert turn.answer is not None
    assert turn.answer["text"] == "a"


def test_failure_can_be_tried_again_but_does_not_undo_an_answer() -> None:
    """Retry makes a failed turn pending; an answer is final."""
    prompt = prompt_record("one", "one")
    turn = read_turns([prompt])[0]
    failed = [prompt, failure_record(turn, "no", "par")]
    assert not read_turns(failed)[0].pending
    assert read_turns([*failed, retry_record(turn)])[0].pending
    answered = [*failed, retry_record(turn), answer_record(turn, "yes", "model", None)]
    [turn] = read_turns([*answered, failure_record(turn, "late", "")])
    assert turn.answer is not None
    assert turn.failure is None


def test_answer_to_a_prompt_that_was_reset_away_is_passed_over() -> None:
    """An answer that comes after a reset belongs to nothing."""
    turn = read_turns([prompt_record("gone", "gone")])[0]
    assert read_turns([answer_record(turn, "late", "model", None)]) == []


def test_model_gets_answered_turns_and_the_prompt_and_roles_alternate() -> None:
    """Failed turns are left out, later ones too."""
    prompts = [prompt_record(text, text) for text in ("one", "two", "three", "four")]
    turns = read_turns(prompts)
    records = [
        *prompts,
        answer_record(turns[0], "1", "model", None),
        failure_record(turns[1], "no", ""),
    ]
    turns = read_turns(records)
    messages = model_messages(turns, turns[2])
    assert [message["role"] for message in messages] == ["user", "assistant", "user"]
    assert [message["content"][0]["text"] for message in messages] == ["one", "1", "three"]


def test_prompt_that_arrived_twice_is_one_prompt() -> None:
    """The browser sends again what it saw nobody store; a frozen replica may store it after all."""
    prompt = prompt_record("id", "hello")
    assert len(read_turns([prompt, prompt])) == 1


def test_edited_prompt_is_asked_anew() -> None:
    """In the new words, for the model as for the page; the old answer is gone."""
    prompt = prompt_record("one", "old words", "c")
    turn = read_turns([prompt])[0]
    records = [prompt, answer_record(turn, "old", "model"), edit_record(turn, "new words")]
    [turn] = read_turns(records)
    assert (turn.prompt, turn.state) == ("new words", State.ASKED)
    assert model_messages([turn], turn)[-1]["content"] == [{"text": "new words"}]


def test_only_the_last_claim_ends_a_turn() -> None:
    """Fencing: what an owner says that lost the turn is passed over."""
    prompt = prompt_record("one", "one", "first")
    turn = read_turns([prompt])[0]
    late, claim = answer_record(turn, "late", "model"), claim_record(turn, "second")
    [turn] = read_turns([prompt, claim, late, failure_record(turn, "no", "")])
    assert turn.state is State.ANSWERING
    [turn] = read_turns([prompt, claim, late, answer_record(turn, "right", "model")])
    assert turn.answer is not None
    assert turn.answer["text"] == "right"


def test_stop_counts_until_the_turn_is_asked_again() -> None:
    """What is stopped keeps what there was."""
    prompt = prompt_record("one", "one", "c")
    turn = read_turns([prompt])[0]
    stopped = [prompt, stop_record(turn), answer_record(turn, "so far", "model", stopped=True)]
    assert read_turns(stopped)[0].state is State.STOPPED
    [turn] = read_turns([*stopped, retry_record(turn)])
    assert (turn.state, turn.stop_wanted) == (State.ASKED, False)


def test_what_a_newer_version_wrote_is_passed_over_and_all_else_holds() -> None:
    """Roles, shapes and fields that nobody knows yet, between those that everybody does."""
    prompt = prompt_record("one", "one", "c")
    turn = read_turns([prompt])[0]
    newer: list[Record] = [
        {"role": "user", "id": "two", "parts": [{"text": "of another shape"}]},
        {"role": "assistant", "to": "two", "by": None, "text": "to that"},
        {"role": "prompt/2", "id": "three", "text": "not for everybody", "at": 0.0},
        {"role": "vote", "to": "one", "by": "c", "up": True},
        {"role": "note", "to": ["one", {}], "text": "names several"},
        {"text": "without a role"},
        {},
    ]
    answer = answer_record(turn, "1", "model", None) | {"mood": "of a newer version"}
    [read] = read_turns([*newer, prompt | {"lang": "en"}, *newer, answer, *newer])
    assert (read.id, read.state) == ("one", State.DONE)
    assert read.answer == answer


PLAN: Attached = {"sha256": "a" * 64, "name": "plan.pdf", "type": "application/pdf", "size": 9}
VIEW: Attached = {
    "sha256": "b" * 64,
    "name": "view.png",
    "type": "image/png",
    "size": 7,
    "pixels": [4, 3],
}


def test_attachments_stay_with_their_prompt() -> None:
    """Also when it is edited, and asked once more."""
    prompt = prompt_record("one", "one", attachments=[PLAN, VIEW])
    [turn] = read_turns([prompt])
    later = [failure_record(turn, "no", ""), edit_record(turn, "else")]
    [turn] = read_turns([prompt, *later])
    assert (turn.prompt, turn.attachments) == ("else", [PLAN, VIEW])
    [asked] = model_messages([turn], turn)
    assert [part.get("kind") for part in asked["content"]] == ["document", "image", None]


def test_prompt_without_attachments_says_nothing_of_them() -> None:
    """A record costs what it cost."""
    assert "attachments" not in prompt_record("one", "one")


def test_files_alone_ask_something() -> None:
    """Bedrock wants a text with each document."""
    [turn] = read_turns([prompt_record("one", "", attachments=[PLAN])])
    assert model_messages([turn], turn)[0]["content"][-1] == {"text": NO_WORDS}


def test_documents_are_numbered_through_the_conversation() -> None:
    """So that one that an answer spoke of keeps its number; a turn without answer counts, too."""
    records = [prompt_record(str(n), "?", attachments=[PLAN, VIEW, PLAN]) for n in range(3)]
    turns = read_turns(records)
    records.append(answer_record(turns[0], "yes", "model"))
    turns = read_turns(records)
    shown = model_messages(turns, turns[2])
    parts = [part for message in shown for part in message["content"]]
    assert [part["number"] for part in parts if "number" in part] == [1, 2, 5, 6]


@pytest.mark.parametrize(
    "forged",
    [
        "plan.pdf",
        {},
        {**PLAN, "type": "application/x-sh"},
        {**PLAN, "size": "9"},
        {**VIEW, "pixels": [0, 3]},
        {**VIEW, "pixels": [4]},
        {**VIEW, "pixels": "4x3"},
    ],
)
def test_what_is_no_attachment_is_passed_over(forged: object) -> None:
    """A session may have been imported from elsewhere."""
    record = {**prompt_record("one", "one"), "attachments": [forged, PLAN]}
    assert read_turns([record])[0].attachments == [PLAN]
