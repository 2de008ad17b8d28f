"""The client's outbox keeps a prompt until it is stored, as the page's script does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.browser import outbox as app_outbox
from torture.outbox import PATIENCE_SECONDS, Outbox

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.fixture
def outbox() -> Outbox:
    """Give the outbox of a page that the server knows as 0000aaaa, with a prompt just sent."""
    outbox = Outbox()
    outbox.learn(said("0000aaaa"))
    outbox.note("hello")
    return outbox


def said(page: str, *, stored: Sequence[str] = (), queued: Sequence[str] = ()) -> dict[str, Any]:
    """Return what the server tells."""
    return {"page": page, "stored": list(stored), "queued": list(queued)}


def test_prompt_is_not_sent_twice_at_once(outbox: Outbox) -> None:
    """It is still under way."""
    outbox.learn(said("0000aaaa"))
    assert outbox.lost() == []


@pytest.mark.parametrize("queued", [True, False])
def test_prompt_that_does_not_arrive_is_sent_once_more(outbox: Outbox, *, queued: bool) -> None:
    """After a while, and not if the server says that it is there."""
    (sent,) = outbox.waiting
    sent["at"] -= PATIENCE_SECONDS + 1
    outbox.learn(said("0000aaaa", queued=[sent["id"]] if queued else []))
    assert outbox.lost() == ([] if queued else [sent])


def test_prompt_is_sent_once_more_after_a_hop(outbox: Outbox) -> None:
    """Under the id that the app takes for genuine."""
    outbox.learn(said("0000bbbb"))
    (lost,) = outbox.lost()
    assert lost["text"] == "hello"
    assert app_outbox._is_genuine(lost)


@pytest.mark.parametrize("page", ["0000aaaa", "0000bbbb"])
def test_stored_prompt_is_forgotten(outbox: Outbox, page: str) -> None:
    """Whether it came from the outbox, or from the input under an id of another page."""
    sent = outbox.waiting[0]["id"].replace("0000aaaa", page)
    outbox.learn(said("0000bbbb", stored=[sent]))
    assert outbox.waiting == outbox.lost() == []
