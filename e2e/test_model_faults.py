"""The model fails in every way that Bedrock can; the page says so plainly and loses nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from e2e.chat import Chat
    from e2e.volume import Volume

FAULTS = {
    "throttle": "too many requests",
    "access-denied": "no access to the model",
    "validation": "did not accept the request",
    "not-ready": "still starting",
    "error-mid-stream": "in the middle of its answer",
    "cut": "connection to Bedrock failed",
    "no-stop": "broke off",
    "stall": "nothing more came",
}


@pytest.mark.every_fault
@pytest.mark.usefixtures("bedrock")  # which fails to order
@pytest.mark.parametrize(
    "fault",
    [
        *(fault for fault in FAULTS if fault != "stall"),
        pytest.param("stall", marks=pytest.mark.thorough),  # 20 s long
    ],
)
def test_failure_is_said_in_one_plain_sentence(chat: Chat, volume: Volume, fault: str) -> None:
    """No traceback; the prompt is kept, the failure too, and the next prompt is answered."""
    chat.send(f"Please fail [[fault={fault}]]")
    expect(chat.messages.last.get_by_role("alert")).to_contain_text(FAULTS[fault])
    assert "Traceback" not in chat.page.content()
    chat.refresh()
    expect(chat.messages.last.get_by_role("alert")).to_contain_text(FAULTS[fault])
    expect(chat.page.get_by_role("button", name="Try again")).to_be_visible()
    assert "turn 1" in chat.ask("and now?")
    turns = volume.turns(chat.wait_kept())
    assert [turn.answer is not None for turn in turns] == [False, True]


@pytest.mark.usefixtures("bedrock")  # which fails to order
def test_what_had_arrived_of_a_broken_answer_is_kept(chat: Chat) -> None:
    """Half an answer is shown as what it is."""
    chat.send("Please break [[fault=no-stop]] [[tokens=60]]")
    expect(chat.messages.last.get_by_role("alert")).to_be_visible()
    chat.refresh()
    expect(chat.messages.last).to_contain_text("Please break")


def test_try_again_answers_the_same_prompt(chat: Chat, volume: Volume, bedrock: str) -> None:
    """After a passing fault, one click gets the answer, and the prompt is there once."""
    # A model that no other test uses: they may run at the same time.
    model = "amazon.nova-lite-v1:0"
    chat.choose_model(model)
    fault = {"fault": "access-denied", "times": 1, "model": model}
    assert chat.page.request.put(f"{bedrock}/admin/fault", data=fault).ok
    chat.send("Answer me")
    expect(chat.messages.last.get_by_role("alert")).to_be_visible()
    chat.page.get_by_role("button", name="Try again").click()
    expect(chat.messages.last).to_contain_text("Answer me")
    chat.wait_answer(2)
    turns = volume.turns(chat.wait_kept())
    assert len(turns) == 1
    assert turns[0].answer is not None
