"""Replicas die, hang, come and go in ways of their own; what any fault must leave: test_faults.py.

Each test: healthy, break, prove that it broke, see what the user sees, nothing lost. The `cluster`
fixture mends.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from e2e.breaking import freeze
from e2e.chat import STICKINESS_COOKIES
from parity.cluster.protocol import Ability
from parity.faults.cut import cut

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, BrowserContext

    from e2e.chat import Chat
    from e2e.model import Model
    from e2e.volume import Volume
    from parity.cluster.protocol import Cluster


def test_message_sent_as_the_replica_dies_is_delivered(
    chat: Chat, cluster: Cluster, volume: Volume
) -> None:
    """Enter and kill -9 at once: stored and answered, here or elsewhere, once."""
    chat.ask("first")
    killed = cluster.serving(chat.replica)
    chat.send("sent as it died")
    cluster.kill(killed.number)
    assert cluster.serving(killed.hostname).state == "exited"

    chat.wait_for_other_replica(killed.hostname)
    chat.wait_answer(4)
    assert volume.prompts(chat.wait_kept()) == ["first", "sent as it died"]
    assert all(turn.answer for turn in volume.turns(chat.wait_kept()))


@pytest.mark.needs(Ability.PAUSE)
def test_message_sent_into_a_frozen_replica_that_dies_is_delivered(
    chat: Chat, cluster: Cluster, volume: Volume
) -> None:
    """The websocket took it, nobody read it; another replica stores and answers it, once."""
    chat.ask("first")
    frozen = freeze(cluster, chat.replica)
    chat.send("sent into the void")
    expect(chat.input).to_have_value("")
    assert volume.prompts(chat.wait_kept()) == ["first"]
    cluster.kill(frozen.number)

    chat.wait_for_other_replica(frozen.hostname)
    chat.wait_answer(4)
    assert volume.prompts(chat.wait_kept()) == ["first", "sent into the void"]
    assert all(turn.answer for turn in volume.turns(chat.wait_kept()))


@pytest.mark.every_fault
@pytest.mark.needs(Ability.CUT)
def test_page_leaves_a_replica_that_nobody_reaches(
    chat: Chat, cluster: Cluster, volume: Volume
) -> None:
    """No end of the connection ever comes: the page itself gives up on one that says nothing."""
    chat.ask("first")
    here = chat.replica
    with cut(cluster, here):
        chat.send("sent into the cut")
        chat.wait_for_other_replica(here)
        chat.wait_answer(4)
        assert cluster.serving(here).state == "cut"
    assert volume.prompts(chat.wait_kept()) == ["first", "sent into the cut"]
    assert all(turn.answer for turn in volume.turns(chat.wait_kept()))


@pytest.mark.thorough
@pytest.mark.needs(Ability.CUT)
def test_connection_to_the_model_that_was_cut_swallows_no_prompt(
    chat: Chat, cluster: Cluster, model: Model
) -> None:
    """Its replica has another address now, so nothing of the kept one ever comes back."""
    address = {each.hostname: each.address for each in cluster.targets() if each.hostname}
    lowest, *_, highest = sorted(address, key=lambda name: ip_address(address[name]))
    chat.hop_to(highest.__eq__)
    model.check(chat.ask("over the one that is kept"), turn=1)
    cluster.stop(lowest)  # whose address the engine gives to who asks next
    with cut(cluster, highest):
        chat.wait_for_other_replica(highest)
    now = next(each.address for each in cluster.targets() if each.hostname == highest)
    assert now != address[highest]
    cluster.mend()

    chat.hop_to(highest.__eq__)
    model.check(chat.ask("over one that leads nowhere"), turn=2)


@pytest.mark.thorough
@pytest.mark.every_fault
@pytest.mark.needs(Ability.PAUSE)
def test_message_sent_into_a_frozen_replica_that_wakes_up_is_there_once(
    chat: Chat, cluster: Cluster, volume: Volume
) -> None:
    """Both the page and the woken replica deliver it; it is still one prompt with one answer."""
    chat.ask("first")
    frozen = freeze(cluster, chat.replica)
    chat.send("sent to a sleeper")
    expect(chat.input).to_have_value("")
    cluster.wait_out_of_rotation(frozen.number)
    chat.refresh()
    assert chat.replica != frozen.hostname
    chat.wait_answer(4)
    cluster.unpause(frozen.number)
    cluster.wait_healthy()

    chat.refresh()
    expect(chat.messages).to_have_count(4)
    assert volume.prompts(chat.wait_kept()) == ["first", "sent to a sleeper"]


@pytest.mark.thorough
@pytest.mark.every_fault
@pytest.mark.needs(Ability.PAUSE)
def test_conversation_survives_a_replica_that_hangs(
    chat: Chat, model: Model, cluster: Cluster, volume: Volume
) -> None:
    """Once health checks have found it out, a load of the page is served by another replica."""
    chat.ask("before the pause")
    paused = freeze(cluster, chat.replica)
    cluster.wait_out_of_rotation(paused.number)

    chat.refresh()
    assert chat.replica != paused.hostname
    model.check(chat.ask("after the pause"), turn=2)
    assert volume.prompts(chat.wait_kept()) == ["before the pause", "after the pause"]


@pytest.mark.thorough
@pytest.mark.parametrize("visitors", [8])
def test_first_visits_on_cold_replicas_never_hang(
    cluster: Cluster,
    browser: Browser,
    open_chat: Callable[[BrowserContext], Chat],
    visitors: int,
) -> None:
    """Replicas that have served nobody serve each new visitor, whatever path requests take."""
    for replica in cluster.replicas():
        cluster.restart(replica.number)
    cluster.wait_healthy()
    assert not any(replica.sessions for replica in cluster.replicas())
    for _ in range(visitors):
        context = browser.new_context()
        assert open_chat(context).origin == "new"
        context.close()


@pytest.mark.thorough
def test_replicas_added_and_removed_are_noticed(
    chat: Chat, model: Model, cluster: Cluster, volume: Volume
) -> None:
    """Scale out: new replicas serve within 5 s. Scale in: what they served goes on elsewhere."""
    before = {replica.hostname for replica in cluster.replicas()}
    chat.ask("with the old ones")
    cluster.scale(len(before) + 2)
    added = {replica.hostname for replica in cluster.replicas()} - before
    assert len(added) == 2
    chat.page.wait_for_timeout(5_000)
    served = set()
    for _ in range(5 * len(before)):
        chat.page.context.clear_cookies(name=STICKINESS_COOKIES)
        served.add(chat.page.request.get(f"{chat.url}/healthz").json()["replica"])
    assert served == before | added

    here = chat.hop_to(added.__contains__)
    cluster.scale(len(before))
    chat.wait_for_other_replica(here)
    model.check(chat.ask("with the new ones gone"), turn=2)
    assert volume.prompts(chat.wait_kept()) == ["with the old ones", "with the new ones gone"]
