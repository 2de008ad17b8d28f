"""The volume fails under a replica: the user is told, keeps the text, and loses nothing.

Each test: healthy, break, see what the user sees and what another one does not, mend, nothing lost.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from app.conversation import State
from parity.cluster.protocol import Ability
from parity.efs.faults import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from _pytest.mark.structures import ParameterSet
    from playwright.sync_api import Browser, BrowserContext

    from e2e.chat import Chat
    from e2e.model import Model
    from e2e.volume import Volume
    from parity.cluster.protocol import Cluster

STALL_SECONDS = 20
NOT_STORED = "Your message is not stored yet."
SAID = {
    Kind.ENOSPC: "the storage for conversations is full",
    Kind.READ_ONLY: "Read-only file system",
    Kind.EIO: "Input/output error",
    Kind.ESTALE: "Stale file handle",
}


def quickly(kinds: Iterable[Kind]) -> list[ParameterSet]:
    """Return all kinds; those after the first, which differ little from it, for thorough runs."""
    first, *others = kinds
    return [
        pytest.param(first),
        *(pytest.param(kind, marks=pytest.mark.thorough) for kind in others),
    ]


@pytest.fixture
def neighbour(browser: Browser, open_chat: Callable[[BrowserContext], Chat]) -> Iterator[Chat]:
    """Give the chat of another user."""
    with closing(browser.new_context()) as context:
        yield open_chat(context)


@pytest.mark.needs(Ability.VOLUME)
@pytest.mark.parametrize("kind", quickly(SAID))
def test_message_sent_while_the_volume_fails_is_stored_when_it_works(
    chat: Chat, cluster: Cluster, volume: Volume, kind: Kind
) -> None:
    """One sentence says why; the text stays in sight; what was there before is there after."""
    chat.ask("before the fault")
    broken = chat.replica
    cluster.break_volume(broken, kind, 120)
    chat.send("during the fault")
    expect(chat.page.get_by_text(SAID[kind])).to_be_visible()
    expect(chat.page.get_by_text(NOT_STORED)).to_be_visible()
    expect(chat.messages).to_have_count(3)
    expect(chat.messages.last).to_contain_text("during the fault")
    assert volume.prompts(chat.wait_kept()) == ["before the fault"]

    cluster.mend_volume(broken)
    chat.wait_answer(4)
    expect(chat.page.get_by_text(NOT_STORED)).to_have_count(0)
    assert volume.prompts(chat.wait_kept()) == ["before the fault", "during the fault"]


@pytest.mark.needs(Ability.VOLUME)
@pytest.mark.parametrize("kind", quickly(Kind))
def test_broken_volume_of_one_replica_is_no_concern_of_another(
    chat: Chat, neighbour: Chat, model: Model, cluster: Cluster, kind: Kind
) -> None:
    """As it is one host's way to EFS that breaks, and not EFS."""
    broken = chat.replica
    neighbour.hop_to(lambda replica: replica != broken)
    cluster.break_volume(broken, kind, 120)
    model.check(neighbour.ask("a neighbour"), turn=1)


@pytest.mark.needs(Ability.VOLUME)
def test_stalled_volume_is_said_and_waited_for(
    chat: Chat, cluster: Cluster, volume: Volume
) -> None:
    """Nothing returns from the volume for 20 s; then all goes on by itself, each message once."""
    chat.ask("before the stall")
    stalled = chat.replica
    cluster.break_volume(stalled, Kind.STALL, STALL_SECONDS)
    chat.send("during the stall")
    notice = chat.page.get_by_text("does not answer at the moment")
    expect(notice).to_be_visible()
    expect(chat.messages).to_have_count(3)
    expect(chat.messages.last).to_contain_text("during the stall")
    assert volume.prompts(chat.wait_kept()) == ["before the stall"]

    chat.wait_answer(4)
    expect(notice).to_have_count(0)
    assert chat.replica == stalled
    assert volume.prompts(chat.wait_kept()) == ["before the stall", "during the stall"]


@pytest.mark.thorough
@pytest.mark.needs(Ability.VOLUME)
def test_stall_in_mid_answer_is_said_to_who_watches(
    chat: Chat, cluster: Cluster, volume: Volume
) -> None:
    """The answer is written on another replica, and seen through the volume that stalls."""
    chat.send("a long one [[tokens=1200]]")
    expect(chat.messages.last).to_contain_text("This is sentence 2 ")
    cluster.break_volume(chat.hop_in_mid_answer(), Kind.STALL, STALL_SECONDS)
    notice = chat.page.get_by_text("does not answer at the moment")
    expect(notice).to_be_visible()
    chat.wait_answer(2)
    expect(notice).to_have_count(0)
    (turn,) = volume.turns(chat.wait_kept())
    assert turn.state is State.DONE
