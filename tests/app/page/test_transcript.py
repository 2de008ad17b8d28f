"""What stands beside an answer."""

from __future__ import annotations

import pytest

from tests.pages import run_body


def page(left_out: int, hidden: int = 0) -> None:
    """Draw one answered turn."""
    from app.conversation import (  # noqa: PLC0415 - AppTest runs the body alone
        answer_record,
        prompt_record,
        read_turns,
        with_left_out,
    )
    from app.page import transcript  # noqa: PLC0415

    prompt = prompt_record("one", "question")
    [turn] = read_turns([prompt])
    answer = with_left_out(answer_record(turn, "answer", "model"), left_out, hidden)
    for each in read_turns([prompt, answer]):
        transcript._show_turn(each, "", None, retry_in=None)


@pytest.mark.parametrize(
    ("left_out", "words"), [(1, "oldest turn was not"), (1234, "oldest 1,234 turns were not")]
)
def test_answer_says_how_many_turns_the_model_was_not_shown(left_out: int, words: str) -> None:
    """In the answer's own place."""
    app = run_body(page, left_out=left_out)
    [caption] = app.chat_message[1].caption
    assert words in caption.value


def test_answer_to_a_whole_conversation_says_nothing_of_it() -> None:
    """Nothing was left out."""
    app = run_body(page, left_out=0)
    assert not app.caption


@pytest.mark.parametrize(
    ("hidden", "words"),
    [(1, "One file of an earlier message was not"), (3, "3 files of earlier messages were not")],
)
def test_answer_says_how_many_files_the_model_was_not_shown(hidden: int, words: str) -> None:
    """Nothing that was attached is left out silently."""
    app = run_body(page, left_out=0, hidden=hidden)
    [caption] = app.chat_message[1].caption
    assert words in caption.value
