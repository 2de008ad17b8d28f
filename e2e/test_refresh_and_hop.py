"""The same conversation after a refresh, on whichever replica."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from e2e.chat import Chat

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from e2e.model import Model
    from e2e.target import Target
    from e2e.volume import Volume
    from parity.cluster.protocol import Cluster


@pytest.mark.smoke
def test_conversation_survives_twenty_refreshes(chat: Chat, target: Target) -> None:
    """Twenty times F5: same session, same messages, and as many replicas as stickiness allows."""
    chat.ask("Do you remember me?")
    session, replicas = chat.session, set()
    for _ in range(20):
        chat.refresh()
        expect(chat.messages).to_have_count(2)
        assert (chat.session, chat.origin) == (session, "restored")
        replicas.add(chat.replica)
    if target.sticky is not None:
        assert (len(replicas) == 1) == target.sticky


def test_conversation_continues_on_every_replica(
    chat: Chat, model: Model, cluster: Cluster, volume: Volume
) -> None:
    """Hop to each replica by name; each shows all turns so far and adds one."""
    names = [replica.hostname for replica in cluster.replicas()]
    for turn, name in enumerate(names, start=1):
        assert chat.hop_to(name.__eq__) == name
        model.check(chat.ask(f"question {turn}"), turn=turn)
        assert chat.replica == name
    assert volume.prompts(chat.wait_kept()) == [f"question {n + 1}" for n in range(len(names))]


@pytest.mark.parametrize("milliseconds", [0, 50, 150, 300, 600])
def test_first_message_survives_a_refresh_at_once(
    page: Page, base_url: str, volume: Volume, milliseconds: int
) -> None:
    """A browser that has no key yet is given one before its message is taken in, not after."""
    chat = Chat(page, base_url)
    chat.start_loading()
    chat.send("First of all")
    page.wait_for_timeout(milliseconds)
    chat.page.reload()
    chat.wait_ready()
    chat.wait_answer(2)
    turns = volume.turns(chat.wait_kept())
    assert [turn.prompt for turn in turns] == ["First of all"]
    assert turns[0].answer is not None


def test_refresh_in_mid_answer_still_gets_one_answer(chat: Chat, volume: Volume) -> None:
    """A prompt whose answer was cut off by F5 is answered after it, once."""
    chat.send("Do not lose this [[tokens=300]]")
    expect(chat.messages.last).to_contain_text("Do not lose this")
    chat.page.reload()
    chat.wait_ready()
    chat.wait_answer(2)
    turns = volume.turns(chat.wait_kept())
    assert [turn.prompt for turn in turns] == ["Do not lose this [[tokens=300]]"]
    assert turns[0].answer is not None
