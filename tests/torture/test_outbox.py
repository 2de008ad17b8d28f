"""The client's outbox keeps a prompt until it is stored, as the page's script does."""

from __future__ import annotations

import pytest

from app.browser import outbox as app_outbox
from torture.outbox import Outbox


@pytest.fixture
def outbox() -> Outbox:
    """Give the outbox of a page that the server knows as 0000aaaa, with a prompt just sent."""
    outbox = Outbox()
    outbox.learn({"page": "0000aaaa", "stored": []})
    outbox.note("hello")
    return outbox


def test_prompt_is_not_sent_twice_to_the_same_page(outbox: Outbox) -> None:
    """It is still under way there."""
    assert outbox.learn({"page": "0000aaaa", "stored": []}) == []


def test_prompt_is_sent_once_more_after_a_hop(outbox: Outbox) -> None:
    """Under the id that the app takes for genuine."""
    (lost,) = outbox.learn({"page": "0000bbbb", "stored": []})
    assert lost["text"] == "hello"
    assert app_outbox._is_genuine(lost)


@pytest.mark.parametrize("page", ["0000aaaa", "0000bbbb"])
def test_stored_prompt_is_forgotten(outbox: Outbox, page: str) -> None:
    """Whether it came from the outbox, or from the input under an id of another page."""
    sent = outbox.waiting[0]["id"].replace("0000aaaa", page)
    assert outbox.learn({"page": "0000bbbb", "stored": [sent]}) == []
    assert outbox.waiting == []
