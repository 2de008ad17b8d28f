"""What comes from the input, and what the browser says got lost, is taken in once."""

from __future__ import annotations

import zlib

import pytest

from app.browser.outbox import Prompt, _Arrivals

TEXT = "hello"
CRC = f"{zlib.crc32(TEXT.encode()):08x}"


@pytest.fixture
def arrivals() -> _Arrivals:
    """Give what a new server-side session has: nothing."""
    return _Arrivals(page="0000bbbb")


def sent(page: str, number: int = 1) -> dict[str, str]:
    """Return what a browser has noted of a prompt."""
    return {"id": f"{page}-{CRC}-{number}", "text": TEXT}


def ids(arrivals: _Arrivals) -> list[str]:
    """Return what waits to be stored."""
    return [prompt.id for prompt in arrivals.queue]


def test_typed_prompts_are_numbered_as_the_browser_does(arrivals: _Arrivals) -> None:
    """The same text twice is two prompts; blanks are none."""
    for text in (TEXT, TEXT, " ", None):
        arrivals.type(text)
    assert arrivals.queue == [Prompt(sent("0000bbbb", n)["id"], TEXT) for n in (1, 2)]


def test_prompt_that_streamlit_dropped_is_taken_in_when_sent_again(arrivals: _Arrivals) -> None:
    """Once; and the next one typed is no repetition of it."""
    assert arrivals.resend(sent("0000bbbb"))
    assert not arrivals.resend(sent("0000bbbb"))
    arrivals.type(TEXT)
    assert ids(arrivals) == [sent("0000bbbb", n)["id"] for n in (1, 2)]


def test_prompt_that_was_only_slow_is_not_taken_in_twice(arrivals: _Arrivals) -> None:
    """Though it is stored already, and waits no more."""
    arrivals.type(TEXT)
    arrivals.queue.clear()
    assert not arrivals.resend(sent("0000bbbb"))
    assert ids(arrivals) == []


def test_prompt_lost_with_another_replica_keeps_its_id(arrivals: _Arrivals) -> None:
    """So that it is one, if that replica stores it after all."""
    assert arrivals.resend(sent("0000aaaa"))
    assert not arrivals.resend(sent("0000aaaa"))
    assert ids(arrivals) == [sent("0000aaaa")["id"]]


@pytest.mark.parametrize("first", ["typed", "resent"])
def test_prompt_that_comes_both_ways_after_a_hop_is_one(first: str, arrivals: _Arrivals) -> None:
    """Whichever way is faster."""
    if first == "typed":
        arrivals.type(TEXT)
        assert not arrivals.resend(sent("0000aaaa"))
    else:
        assert arrivals.resend(sent("0000aaaa"))
        arrivals.type(TEXT)
    assert len(arrivals.queue) == 1
