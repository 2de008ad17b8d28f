"""A conversation, as a first-time visitor has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from e2e.breaking import drop_first
from e2e.chat import Chat

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from e2e.model import Model
    from e2e.volume import Volume


@pytest.mark.smoke
def test_first_visit_shows_a_welcome_and_a_new_session(chat: Chat) -> None:
    """Nobody has to be told what to do, or to whom they talk."""
    expect(chat.page.get_by_text("What would you like to know?")).to_be_visible()
    assert chat.origin == "new"
    assert chat.messages.count() == 0


def test_answer_quotes_the_prompt_and_is_stored(chat: Chat, model: Model, volume: Volume) -> None:
    """The prompt reaches the model, the answer comes back, and both are on the volume."""
    answer = chat.ask("What is the capital of Assyria?")
    model.check(answer, quoting="What is the capital of Assyria?")
    turns = volume.turns(chat.wait_kept())
    assert [turn.prompt for turn in turns] == ["What is the capital of Assyria?"]
    assert turns[0].answer is not None


@pytest.mark.usefixtures("bedrock")  # which answers to order
def test_answer_streams(chat: Chat) -> None:
    """The answer is shown as it grows, not only when it is whole."""
    chat.send("Tell me more [[tokens=200]]")
    answer = chat.messages.last
    expect(answer).to_contain_text("Tell me more")
    early = len(answer.inner_text())
    chat.wait_answer(2)
    assert early < len(answer.inner_text())


@pytest.mark.usefixtures("bedrock")  # which says what it was shown
def test_model_sees_the_conversation_so_far(chat: Chat) -> None:
    """Each prompt is sent together with the turns before it."""
    assert "turn 1" in chat.ask("first")
    assert "turn 2" in chat.ask("second")


@pytest.mark.smoke
def test_usage_of_the_last_answer_is_shown(chat: Chat) -> None:
    """The sidebar says what the last answer cost, in tokens."""
    chat.ask("How much is this?")
    expect(chat.page.locator(".st-key-usage")).to_contain_text("tokens out")


def test_markdown_and_code_are_rendered(chat: Chat) -> None:
    """Answers are read as formatted text."""
    chat.ask("Show **bold** and\n\n```python\nprint('code')\n```")
    expect(chat.messages.first.locator("strong", has_text="bold")).to_be_visible()
    expect(chat.messages.first.locator("code", has_text="print")).to_be_visible()


def test_model_choice_is_used_and_survives(chat: Chat, model: Model, volume: Volume) -> None:
    """The chosen model answers, also after a refresh on another replica."""
    chosen = "amazon.nova-pro-v1:0"
    chat.choose_model(chosen)
    model.check(chat.ask("Who are you?"), by=chosen)
    before = chat.replica
    chat.hop_to(lambda name: name != before)
    assert chat.model == chosen
    model.check(chat.ask("And now?"), by=chosen)
    key = chat.wait_kept()
    assert volume.setting(key, "model") == chosen
    assert [turn.answer and turn.answer["model"] for turn in volume.turns(key)] == [chosen] * 2


def test_reset_works_at_once_and_survives(chat: Chat, volume: Volume) -> None:
    """One click empties the conversation, here and on the volume; the model choice stays."""
    chat.choose_model("amazon.nova-pro-v1:0")
    chat.ask("Forget this")
    chat.reset()
    expect(chat.messages).to_have_count(0)
    chat.refresh()
    assert chat.messages.count() == 0
    assert chat.model == "amazon.nova-pro-v1:0"
    assert volume.prompts(chat.wait_kept()) == []


def test_message_that_is_lost_on_its_way_is_sent_again(
    page: Page, base_url: str, volume: Volume
) -> None:
    """Streamlit drops a message if another event comes as its run begins; here one never arrives.

    The browser notices that nobody tells of it, and sends it once more; the same text typed again
    is another message.
    """
    text = "lost on its way"
    dropped = drop_first(page, text)
    chat = Chat(page, base_url)
    chat.load()
    chat.ask(text)
    assert len(dropped) == 1
    chat.ask(text)
    assert volume.prompts(chat.wait_kept()) == [text, text]


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
def test_empty_message_is_not_sent(chat: Chat, text: str) -> None:
    """Nothing typed is nothing asked."""
    chat.send(text)
    chat.send("the only one")
    chat.wait_answer(2)
    expect(chat.messages).to_have_count(2)


def test_html_and_control_characters_do_no_harm(chat: Chat, volume: Volume) -> None:
    """What a user types is text: it runs nothing, breaks nothing, and is kept as it was."""
    prompt = (
        "<img src=x onerror=\"document.title='owned'\"> \x07 \u202e [x](javascript:alert(1)) 🙂"
    )
    chat.ask(prompt)
    assert chat.page.title() != "owned"
    assert chat.page.locator("img[src='x'], a[href^='javascript']").count() == 0
    chat.refresh()
    expect(chat.messages).to_have_count(2)
    assert volume.prompts(chat.wait_kept()) == [prompt]


@pytest.mark.usefixtures("bedrock")  # whose limit it is
def test_prompt_of_a_megabyte_gets_one_clear_message_and_loses_nothing(
    chat: Chat, volume: Volume
) -> None:
    """The model refuses it; the page says so, keeps it, and the conversation goes on."""
    prompt = "long " * 220_000
    chat.send(prompt)
    expect(chat.page.get_by_text("Input is too long")).to_be_visible()
    assert volume.prompts(chat.wait_kept()) == [prompt]
    assert "turn 1" in chat.ask("short")
