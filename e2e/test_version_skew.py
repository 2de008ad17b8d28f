"""One version replaces another under open pages: every page loads, nothing typed is lost.

What is replaced is the app, or Streamlit, whose page files have other names in each version; while
both are in rotation, a page's files, its websocket and its reloads meet either. See
docs/version-skew.md.
"""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from app.conversation import State
from e2e.chat import Chat
from e2e.versions import (
    NEXT_APP,
    NEXT_PLACEHOLDER,
    OTHER_STREAMLIT,
    PLACEHOLDER,
    done_meanwhile,
    failed_files,
    front_end,
    home_again,
    wait_moved,
)
from parity.cluster.protocol import Ability

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext, Page, Route

    from e2e.volume import Volume
    from parity.cluster.protocol import Cluster

TYPED = "half a mess"
ASKED = "Count from one to two hundred in words. [[tokens=400]]"
LOADS = 100


@pytest.mark.parametrize(
    "file",
    [
        pytest.param("**/static/js/protobuf.*.js", id="page"),
        pytest.param("**/component/**/main.*.js", id="component"),
    ],
)
def test_page_whose_file_does_not_come_is_there_all_the_same(
    page: Page, base_url: str, file: str
) -> None:
    """It neither stays blank nor waits for ever: what did not come is asked for again."""
    dropped: list[str] = []

    def drop_once(route: Route) -> None:
        if dropped:
            route.continue_()
        else:
            dropped.append(route.request.url)
            route.abort()

    page.route(file, drop_once)
    page.goto(base_url, wait_until="commit")
    Chat(page, base_url).wait_ready()
    assert dropped


def test_what_is_typed_survives_a_refresh(chat: Chat) -> None:
    """And the cursor is where it was, so that typing can go on."""
    chat.input.click()
    chat.page.keyboard.type("a message")
    for _ in range(len(" message")):
        chat.page.keyboard.press("ArrowLeft")
    chat.refresh()
    expect(chat.input).to_have_value("a message")
    expect(chat.input).to_be_focused()
    chat.page.keyboard.type("nother")
    expect(chat.input).to_have_value("another message")


def test_what_was_sent_is_not_typed_anew(chat: Chat) -> None:
    """A draft ends when it is sent."""
    chat.ask("sent")
    chat.refresh()
    expect(chat.input).to_have_value("")


@pytest.mark.every_fault
@pytest.mark.thorough
@pytest.mark.needs(Ability.IMAGE)
@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(NEXT_APP + OTHER_STREAMLIT, id="app-and-streamlit"),
        pytest.param(NEXT_APP, id="app"),
        pytest.param(OTHER_STREAMLIT, id="streamlit"),
    ],
)
def test_open_pages_move_to_another_version_and_back(
    new_context: Callable[[], BrowserContext],
    open_chat: Callable[[BrowserContext], Chat],
    cluster: Cluster,
    volume: Volume,
    steps: str,
) -> None:
    """Pages idle, typing, in mid-answer and sending; meanwhile others are loaded."""
    contexts = [new_context() for _ in range(4)]
    failed = [failed_files(each) for each in contexts]
    pages = idle, typing, answered, sending = [open_chat(each) for each in contexts]
    idle.ask("before")
    old = front_end(idle)
    typing.input.fill(TYPED)
    answered.send(ASKED)
    answered.wait_growing()
    sent: list[str] = []

    def load_and_send() -> None:
        context = new_context()
        failed.append(failed_files(context))
        open_chat(context)
        context.close()
        sent.append(f"message {len(sent)}")
        sending.send_surely(sent[-1])

    with home_again(cluster):
        assert done_meanwhile(lambda: cluster.redeploy(steps), load_and_send)
        changed = old if OTHER_STREAMLIT in steps else ""
        placeholder = NEXT_PLACEHOLDER if NEXT_APP in steps else PLACEHOLDER
        for each in pages:
            wait_moved(each, from_front_end=changed, placeholder=placeholder)
            if NEXT_APP in steps:
                each.page.wait_for_function("globalThis.parityNext")
        expect(typing.input).to_have_value(TYPED)
        typing.input.press("End")
        typing.page.keyboard.type("age")
        typing.page.keyboard.press("Enter")
        typing.wait_answer(2)
        answered.wait_answer(2)
        idle.ask("there")
        new = front_end(idle)
        assert done_meanwhile(cluster.redeploy, load_and_send)
    for each in pages:
        wait_moved(each, from_front_end=new if changed else "", placeholder=PLACEHOLDER)
    assert {front_end(each) for each in pages} == {old}
    idle.ask("and back")
    sending.wait_settled(2 * len(sent))
    expected = (["before", "there", "and back"], [f"{TYPED}age"], [ASKED], sent)
    for each, prompts in zip(pages, expected, strict=True):
        turns = volume.turns(each.wait_kept())
        assert [turn.prompt for turn in turns] == prompts
        assert {turn.state for turn in turns} == {State.DONE}
    assert not any(failed), failed


@pytest.mark.every_fault
@pytest.mark.thorough
@pytest.mark.needs(Ability.IMAGE)
def test_every_page_loads_while_streamlit_changes(
    new_context: Callable[[], BrowserContext],
    open_chat: Callable[[BrowserContext], Chat],
    cluster: Cluster,
) -> None:
    """A hundred first visits, with an empty cache each, while versions change there and back."""
    failed: list[list[str]] = []

    def visit() -> None:
        context = new_context()
        failed.append(failed_files(context))
        open_chat(context)
        context.close()

    def loads_while(steps: str) -> int:
        return done_meanwhile(lambda: cluster.redeploy(steps), visit)

    loads = 0
    with home_again(cluster):
        for steps in cycle([OTHER_STREAMLIT, ""]):
            loads += loads_while(steps)
            if loads >= LOADS and not steps:
                break
    assert not any(failed), failed
