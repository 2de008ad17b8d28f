"""What is typed and sent at the worst moment is there all the same, once for each time it was sent.

The worst moment is a page's first run: its input can be used, and nothing else is there yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from e2e.breaking import drop_first, stop_at_input
from e2e.chat import Chat

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from e2e.volume import Volume


@pytest.mark.parametrize("reload", [False, True], ids=["hop", "refresh"])
def test_message_sent_before_the_first_run_ends_is_delivered(
    page: Page, base_url: str, volume: Volume, *, reload: bool
) -> None:
    """Into a replica that takes nothing any more; the page then hops, or the user presses F5."""
    end = stop_at_input(page)
    chat = Chat(page, base_url)
    chat.start_loading()
    chat.send("first of all")
    expect(chat.input).to_have_value("")
    if reload:
        chat.refresh()
    else:
        end()
    chat.wait_answer(2)
    assert volume.prompts(chat.wait_kept()) == ["first of all"]


def test_message_sent_before_the_first_run_ends_is_another_one_than_before(
    chat: Chat, volume: Volume
) -> None:
    """Though it has the same words as one that the page then finds stored."""
    chat.ask("go on")
    end = stop_at_input(chat.page)
    chat.start_loading()
    chat.send("go on")
    expect(chat.input).to_have_value("")
    end()
    chat.wait_answer(4)
    assert volume.prompts(chat.wait_kept()) == ["go on", "go on"]


def test_message_that_arrives_before_the_first_run_ends_is_there_once(
    page: Page, base_url: str, volume: Volume
) -> None:
    """The browser has it noted under a name of its own, and the server knows it by another."""
    chat = Chat(page, base_url)
    for messages in (2, 4, 6):
        chat.start_loading()
        chat.send("once")
        chat.wait_answer(messages)
    page.wait_for_function("sessionStorage.getItem('parity_outbox') === '[]'")
    chat.refresh()
    assert volume.prompts(chat.wait_kept()) == ["once"] * 3


def test_same_words_sent_twice_are_two_messages_where_one_got_lost(
    page: Page, base_url: str, volume: Volume
) -> None:
    """The one that is stored does not pass for the other."""
    dropped = drop_first(page, "again")
    chat = Chat(page, base_url)
    chat.load()
    chat.send("again")
    expect(chat.input).to_have_value("")
    chat.send("again")
    chat.wait_answer(4)
    assert dropped
    assert volume.prompts(chat.wait_kept()) == ["again", "again"]


def test_what_is_typed_before_the_first_run_ends_survives_a_refresh(
    page: Page, base_url: str
) -> None:
    """As what is typed later does."""
    stop_at_input(page)
    chat = Chat(page, base_url)
    chat.start_loading()
    chat.input.click()
    page.keyboard.type("half a mess")
    chat.refresh()
    expect(chat.input).to_have_value("half a mess")
    expect(chat.input).to_be_focused()
