"""An answer goes on whatever happens to the page that asked for it, or to its replica."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from app.conversation import State
from parity.cluster.protocol import Ability

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext

    from e2e.chat import Chat
    from e2e.volume import Volume
    from parity.cluster.protocol import Cluster

pytestmark = pytest.mark.usefixtures("bedrock")  # whose words it goes by

LONG = "Tell me a long story [[tokens=800]]"
LONGEST = "Tell me a longer story [[tokens=1400]]"  # longer than a hop takes
ENDLESS = "Tell me a story without an end [[tokens=8000]]"  # that is, unless somebody stops it
SENTENCES = re.compile(r"This is sentence (\d+)")
TAKEN_OVER_SECONDS = 10


def sentences(chat: Chat) -> int:
    """Return how many sentences of the answer the page shows."""
    text = chat.messages.last.get_by_test_id("stChatMessageContent").inner_text()
    return len(SENTENCES.findall(text))


def wait_for_more(chat: Chat, than: int) -> int:
    """Wait until the page shows more sentences; return how many."""
    expect(chat.messages.last).to_contain_text(f"This is sentence {than + 1} ")
    return sentences(chat)


def test_refresh_in_mid_answer_goes_on_streaming(chat: Chat, volume: Volume) -> None:
    """It shows at once what there was, and then grows; the model was asked once."""
    chat.send(LONG)
    before = wait_for_more(chat, 2)
    claim = volume.turns(chat.wait_kept())[0].claim
    chat.refresh_in_mid_answer()
    assert wait_for_more(chat, before) > before
    assert volume.turns(chat.wait_kept())[0].state is State.ANSWERING, "it still streams"
    chat.wait_answer(2)
    [turn] = volume.turns(chat.wait_kept())
    assert (turn.claim, turn.state) == (claim, State.DONE)


def test_hop_in_mid_answer_streams_from_the_volume(chat: Chat, volume: Volume) -> None:
    """The replica that the user is on now shows what another one writes."""
    chat.send(LONGEST)
    wait_for_more(chat, 2)
    claim = volume.turns(chat.wait_kept())[0].claim
    chat.hop_in_mid_answer()
    seen = wait_for_more(chat, 3)
    assert wait_for_more(chat, seen) > seen
    assert volume.turns(chat.wait_kept())[0].state is State.ANSWERING, "it still streams"
    chat.wait_answer(2)
    [turn] = volume.turns(chat.wait_kept())
    assert (turn.claim, turn.state) == (claim, State.DONE)


@pytest.mark.needs(Ability.SIGKILL)
def test_owner_killed_in_mid_answer_is_followed_by_another(
    chat: Chat, cluster: Cluster, volume: Volume
) -> None:
    """The page moves, and within ten seconds somebody else answers; once."""
    chat.send(LONGEST)
    wait_for_more(chat, 2)
    killed = cluster.serving(chat.replica)
    claim = volume.turns(chat.wait_kept())[0].claim
    cluster.kill(killed.number)
    at = time.monotonic()
    while volume.turns(chat.wait_kept())[0].claim == claim:
        assert time.monotonic() - at < TAKEN_OVER_SECONDS
        chat.page.wait_for_timeout(100)
    chat.wait_for_other_replica_in_mid_answer(killed.hostname)
    wait_for_more(chat, 0)
    expect(chat.messages).to_have_count(2)  # nothing of before stands beside it
    assert volume.turns(chat.wait_kept())[0].state is State.ANSWERING
    chat.wait_answer(2)
    [turn] = volume.turns(chat.wait_kept())
    assert turn.state is State.DONE


def test_replica_that_is_stopped_finishes_its_answer_first(
    chat: Chat, cluster: Cluster, volume: Volume
) -> None:
    """SIGTERM gives it time; then the page moves. The model was asked once."""
    chat.send(LONG)
    wait_for_more(chat, 2)
    stopped = cluster.serving(chat.replica)
    claim = volume.turns(chat.wait_kept())[0].claim
    cluster.stop(stopped.number)
    assert cluster.serving(stopped.hostname).state == "exited"
    [turn] = volume.turns(chat.wait_kept())
    assert (turn.claim, turn.state) == (claim, State.DONE)
    chat.wait_for_other_replica(stopped.hostname)
    chat.wait_answer(2)


def test_stop_keeps_what_there_is(chat: Chat, volume: Volume) -> None:
    """And the chat goes on from there."""
    chat.send(ENDLESS)
    wait_for_more(chat, 2)
    chat.page.get_by_role("button", name="Stop").click()
    expect(chat.page.get_by_text("Stopped.")).to_be_visible()
    [turn] = volume.turns(chat.wait_kept())
    assert turn.state is State.STOPPED
    assert turn.answer is not None
    assert "This is sentence 2 " in turn.answer["text"]
    assert "turn 2" in chat.ask("and now?")


def test_stop_from_another_tab_on_another_replica(
    chat: Chat, volume: Volume, open_chat: Callable[[BrowserContext], Chat]
) -> None:
    """Whoever writes the answer learns of it through the volume."""
    second = open_chat(chat.page.context)
    second.hop_to(lambda name: name != chat.replica)
    chat.send(ENDLESS)
    wait_for_more(chat, 2)
    expect(second.messages.last).to_contain_text("This is sentence 2 ")
    second.page.get_by_role("button", name="Stop").click()
    for each in (chat, second):
        expect(each.page.get_by_text("Stopped.")).to_be_visible()
    [turn] = volume.turns(chat.wait_kept())
    assert turn.state is State.STOPPED


def test_regenerate_and_edit_replace_the_last_answer(
    chat: Chat, volume: Volume, open_chat: Callable[[BrowserContext], Chat]
) -> None:
    """One turn stays one turn, in either tab."""
    second = open_chat(chat.page.context)
    chat.ask("first words")
    chat.page.get_by_role("button", name="Regenerate").click()
    chat.wait_answer(2)
    chat.page.get_by_role("button", name="Edit").click()
    chat.page.get_by_label("Your message").fill("other words")
    chat.page.get_by_role("button", name="Send", exact=True).click()
    expect(chat.messages.last).to_contain_text("other words")
    chat.wait_answer(2)
    expect(second.messages.last).to_contain_text("other words")
    assert volume.prompts(chat.wait_kept()) == ["other words"]
