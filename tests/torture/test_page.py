"""The client's page shows what a browser would: no more, no less, nothing of an older run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Markdown_pb2 import Markdown

from torture.page import CONVERSATION, Message, Page

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.fixture
def page() -> Page:
    """Give an empty page."""
    return Page()


def begin(page: Page, run: str, fragments: Sequence[str] = ()) -> None:
    """Let the server begin a run."""
    message = ForwardMsg()
    message.new_session.page_script_hash = "script"
    message.metadata.run.script_run_id = run
    message.metadata.run.fragment_ids.extend(fragments)
    page.take(message)


def finish(page: Page, run: str, fragments: Sequence[str] = (), *, early: bool = False) -> None:
    """Let the server say that the run is over."""
    message = ForwardMsg()
    message.script_finished = (
        ForwardMsg.FINISHED_EARLY_FOR_RERUN if early else ForwardMsg.FINISHED_SUCCESSFULLY
    )
    message.metadata.run.script_run_id = run
    message.metadata.run.fragment_ids.extend(fragments)
    page.take(message)


def block(page: Page, *path: int, role: str = "") -> None:
    """Draw a block, of a chat message where it has a role."""
    message = ForwardMsg()
    message.metadata.delta_path.extend(path)
    if role:
        message.delta.add_block.chat_message.name = role
    else:
        message.delta.add_block.vertical.border = False
    page.take(message)


def text(page: Page, *path: int, body: str, fragment: str = "") -> None:
    """Draw a text."""
    message = ForwardMsg()
    message.metadata.delta_path.extend(path)
    message.delta.fragment_id = fragment
    message.delta.new_element.markdown.body = body
    message.delta.new_element.markdown.element_type = Markdown.NATIVE
    page.take(message)


def button(page: Page, *path: int, label: str) -> None:
    """Draw a button."""
    message = ForwardMsg()
    message.metadata.delta_path.extend(path)
    message.delta.new_element.button.label = label
    page.take(message)


def turn(page: Page, at: int, prompt: str, answer: str) -> None:
    """Draw a prompt and its answer into the conversation."""
    block(page, *CONVERSATION)
    for offset, role, body in ((0, "user", prompt), (1, "assistant", answer)):
        block(page, *CONVERSATION, at + offset, role=role)
        text(page, *CONVERSATION, at + offset, 0, body=body)


def test_conversation_is_read_in_the_order_of_the_page(page: Page) -> None:
    """Whatever the order in which it was drawn."""
    begin(page, "a")
    turn(page, 2, "two", "TWO")
    turn(page, 0, "one", "ONE")
    assert [message.text for message in page.messages] == ["one", "ONE", "two", "TWO"]
    assert [message.role for message in page.messages] == ["user", "assistant"] * 2


def test_what_an_older_run_drew_counts_no_more(page: Page) -> None:
    """A message that a new run has not drawn yet is no proof that it is stored."""
    begin(page, "a")
    turn(page, 0, "one", "ONE")
    finish(page, "a")
    begin(page, "b")
    block(page, *CONVERSATION, 0, role="user")
    assert page.messages == [Message("user", "", pending=False, warned=False)]


def test_whole_run_clears_what_it_did_not_draw(page: Page) -> None:
    """As the frontend does at its end."""
    begin(page, "a")
    turn(page, 0, "one", "ONE")
    finish(page, "a")
    begin(page, "b")
    block(page, *CONVERSATION)
    text(page, *CONVERSATION, 0, body="nothing")
    assert (*CONVERSATION, 1) in page.nodes
    finish(page, "b")
    assert set(page.nodes) == {CONVERSATION, (*CONVERSATION, 0)}


def test_interrupted_run_clears_nothing(page: Page) -> None:
    """The next one is about to draw it."""
    begin(page, "a")
    turn(page, 0, "one", "ONE")
    finish(page, "a")
    begin(page, "b")
    finish(page, "b", early=True)
    assert (*CONVERSATION, 1, 0) in page.nodes
    assert not page.running


def test_run_of_a_fragment_leaves_the_conversation(page: Page) -> None:
    """The fragment that follows the session runs every second or two."""
    begin(page, "a")
    turn(page, 0, "one", "ONE")
    text(page, 0, 1, body="old", fragment="f")
    finish(page, "a")
    begin(page, "b", ["f"])
    finish(page, "b", ["f"])
    assert [message.text for message in page.messages] == ["one", "ONE"]
    assert (0, 1) not in page.nodes


def test_answer_that_can_be_stopped_is_pending(page: Page) -> None:
    """Its text is still growing."""
    begin(page, "a")
    turn(page, 0, "one", "O")
    button(page, *CONVERSATION, 1, 1, label="Stop")
    assert page.messages[1] == Message("assistant", "O", pending=True, warned=False)


def test_message_in_a_notice_of_trouble_is_no_message(page: Page) -> None:
    """It is drawn in a container of its own, and says itself that it is not stored."""
    begin(page, "a")
    block(page, 0, 1)
    block(page, 0, 1, 0, role="user")
    text(page, 0, 1, 0, 0, body="one")
    assert page.messages == []


def test_replica_and_session_are_read_from_the_sidebar(page: Page) -> None:
    """Both as app/page/sidebar.py writes them."""
    begin(page, "a")
    text(page, 1, 0, 0, body="Replica: `0123456789ab`")
    text(page, 1, 1, 0, body="Session: `0a1b2c3d` (new)")
    assert page.place("Replica") == "0123456789ab"
    assert page.place("Session") == "0a1b2c3d"
