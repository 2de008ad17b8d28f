"""A replica leaves the load balancer while it runs on, as each one does in a deploy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from parity.cluster.waiting import wait_until_none

if TYPE_CHECKING:
    from e2e.chat import Chat
    from e2e.model import Model
    from e2e.volume import Volume
    from parity.cluster.protocol import Cluster

pytestmark = pytest.mark.every_fault
REQUESTS = 12
HEALTHY_SECONDS = 60


def test_open_chat_goes_on_while_its_replica_drains_and_nothing_new_reaches_it(
    chat: Chat, model: Model, cluster: Cluster, volume: Volume
) -> None:
    """The page stays on its websocket; whatever is loaded, cookie or not, comes from elsewhere."""
    chat.ask("before")
    draining = cluster.serving(chat.replica)
    cluster.deregister(draining.number)
    assert state(cluster, draining.hostname) == "draining"

    model.check(chat.ask("while it drains"), turn=2)
    assert chat.replica == draining.hostname
    answers = [chat.page.request.get(f"{chat.url}/healthz") for _ in range(REQUESTS)]
    assert {answer.status for answer in answers} == {200}
    assert draining.hostname not in {answer.json()["replica"] for answer in answers}

    chat.refresh()
    assert chat.replica != draining.hostname
    expect(chat.messages).to_have_count(4)
    assert volume.prompts(chat.wait_kept()) == ["before", "while it drains"]


def test_replica_that_is_registered_again_serves_again(chat: Chat, cluster: Cluster) -> None:
    """After one health check that passes."""
    away = cluster.serving(chat.replica)
    cluster.deregister(away.number)
    chat.refresh()
    assert chat.replica != away.hostname
    cluster.register(away.number)

    def problem() -> str:
        now = state(cluster, away.hostname)
        return "" if now == "healthy" else f"it is {now}"

    wait_until_none(problem, HEALTHY_SECONDS, every=0.2, what="not healthy", hint="parity targets")
    assert chat.hop_to(away.hostname.__eq__) == away.hostname


def state(cluster: Cluster, hostname: str) -> str:
    """Return what the load balancer says of a replica."""
    return next(each.state for each in cluster.targets() if each.hostname == hostname)
