"""What is typed and sent at the worst moment is there all the same, once for each time it was sent.

The worst moment is a page's first run: its input can be used, and nothing else is there yet.
"""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Error, expect

from e2e.breaking import connection_of, drop_first, stop_at_input
from e2e.chat import Chat
from parity.cluster.protocol import Ability

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from playwright.sync_api import BrowserContext, Page

    from e2e.volume import Volume
    from parity.cluster.protocol import Cluster

pytestmark = pytest.mark.every_fault

TABS = 4
AT_ONCE = 5
ROUND_SECONDS = 2.0
QUICK_MS = 100
REFRESHED = 0.3


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


@pytest.mark.parametrize("late", [False, True])
def test_message_sent_before_the_first_run_ends_is_another_one_than_before(
    chat: Chat, volume: Volume, *, late: bool
) -> None:
    """Though it has the same words as one that the page then finds stored.

    late: what the server says of the two takes longer to the page than lay between them.
    """
    chat.ask("go on")
    end = stop_at_input(chat.page)
    chat.start_loading()
    chat.send("go on")
    expect(chat.input).to_have_value("")
    if late:
        chat.page.evaluate("() => { const now = Date.now; Date.now = () => now() + 60_000; }")
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


@pytest.mark.thorough
@pytest.mark.needs(Ability.SIGKILL)
@pytest.mark.parametrize("sends", [100])
def test_messages_sent_as_the_connection_ends_are_there_once(
    new_context: Callable[[], BrowserContext],
    cluster: Cluster,
    base_url: str,
    volume: Volume,
    sends: int,
) -> None:
    """At any moment around it, whether a replica is killed or not; some pages are refreshed."""
    chance = random.Random()  # noqa: S311 - no secret
    chats = [Chat(new_context().new_page(), base_url) for _ in range(TABS)]
    ends = [connection_of(chat.page) for chat in chats]
    for chat in chats:
        chat.load()
    texts = [f"message {number} [[tokens=1]]" for number in range(sends // TABS)]
    amid = 0
    with ThreadPoolExecutor(1) as other:
        for begin in range(0, len(texts), AT_ONCE):
            now = texts[begin : begin + AT_ONCE]
            tried: dict[Chat, list[str]] = {chat: [] for chat in chats}
            doomed = cluster.serving(chance.choice(chats).replica).number
            acts = [
                act
                for chat, end in zip(chats, ends, strict=True)
                for act in _acts(chat, end, now, tried[chat], chance)
            ]
            other.submit(cluster.kill, doomed)
            _act(chats[0].page, acts)
            started = other.submit(cluster.start, doomed)
            amid += sum(map(len, tried.values()))
            for chat in chats:
                for each in tried[chat]:
                    chat.wait_sent(each)
                for each in set(now).difference(tried[chat]):
                    chat.send_surely(each)
            started.result()
    print(f"sent as the connection ended: {amid} of {sends}")  # noqa: T201 - the figure
    assert amid > sends / 2
    for chat in chats:
        assert sorted(volume.prompts(chat.wait_kept())) == sorted(texts)


def _acts(
    chat: Chat,
    end: Callable[[], None],
    texts: Sequence[str],
    tried: list[str],
    chance: random.Random,
) -> Iterator[tuple[float, Callable[[], object]]]:
    """Yield what happens to a tab, and when: messages, a lost connection, perhaps a refresh."""
    at = ROUND_SECONDS / 2
    for text in texts:
        yield chance.uniform(0, ROUND_SECONDS), partial(_try_to_send, chat, text, tried)
    yield at + chance.uniform(0, 0.3), end
    if chance.random() < REFRESHED:
        yield at + chance.uniform(0, 0.6), partial(chat.page.reload, wait_until="commit")


def _try_to_send(chat: Chat, text: str, tried: list[str]) -> None:
    """Type and press Enter, unless something stands in the input, or it takes no text."""
    if not chat.input.input_value(timeout=QUICK_MS):
        chat.input.fill(text, timeout=QUICK_MS)
        tried.append(text)
        chat.page.keyboard.press("Enter")


def _act(page: Page, acts: list[tuple[float, Callable[[], object]]]) -> None:
    """Do each when its time has come."""
    began = time.monotonic()
    for at, act in sorted(acts, key=lambda each: each[0]):
        page.wait_for_timeout(max(0.0, 1000 * (began + at - time.monotonic())))
        with suppress(Error):  # Chromium dropped the load, or the connection is gone already
            act()
