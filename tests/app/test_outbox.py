"""What comes from the input, and what the browser says got lost, is taken in once."""

from __future__ import annotations

import zlib
from typing import Any

import pytest
import streamlit as st
from streamlit.elements.widgets.chat import ChatInputValue

from app.browser import outbox
from app.browser.outbox import File, Prompt, _Arrivals, _is_genuine

TEXT = "hello"


@pytest.fixture
def arrivals() -> _Arrivals:
    """Give what a new server-side session has: nothing."""
    return _Arrivals(page="0000bbbb")


def sent(page: str, number: int = 1, *files: str) -> dict[str, Any]:
    """Return what a browser has noted of a prompt; files: ids, in the order that it has them in."""
    crc = f"{zlib.crc32(chr(0).join([TEXT, *sorted(files)]).encode()):08x}"
    noted = [{"id": each, "name": f"{each}.png", "done": True} for each in files]
    return {"id": f"{page}-{crc}-{number}", "text": TEXT, "files": noted, "before": [], "at": 0}


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


def test_same_text_from_another_page_is_one_that_came_or_one_that_did_not(
    arrivals: _Arrivals,
) -> None:
    """Of two that were sent as the page hopped, one came from the input; the other got lost."""
    arrivals.type(TEXT)
    first, second = sent("0000aaaa", 1), sent("0000aaaa", 2)
    assert [arrivals.resend(each) for each in (first, second, first, second)] == [
        False,
        True,
        False,
        False,
    ]
    assert ids(arrivals) == [sent("0000bbbb")["id"], second["id"]]


def test_browser_is_told_of_what_it_sent_again_and_is_stored(arrivals: _Arrivals) -> None:
    """As soon as it waits no more; by the id that the browser has, or by the one that it has here.

    Else it would be sent again for ever where many others were stored since.
    """
    arrivals.type(TEXT)
    first, second = sent("0000aaaa", 1), sent("0000aaaa", 2)
    arrivals.resend(first)
    arrivals.resend(second)
    assert arrivals.settled([]) == ()
    [typed, _] = ids(arrivals)
    arrivals.queue.clear()
    assert arrivals.settled([]) == (first["id"], second["id"])
    assert arrivals.settled([typed]) == (second["id"],)
    assert arrivals.settled([typed, second["id"]]) == ()


def test_prompt_that_a_lost_page_stored_is_not_taken_in_again(arrivals: _Arrivals) -> None:
    """It was typed as the page hopped, and the page hopped again before it learned of it.

    The browser still has it under the name of the page before. Its text twice is two prompts.
    """
    first, second = sent("0000aaaa", 1), sent("0000aaaa", 2)
    stored = [sent("0000cccc")["id"]]
    assert [arrivals.resend(each, stored) for each in (first, second, first)] == [
        False,
        True,
        False,
    ]
    assert ids(arrivals) == [second["id"]]


def test_same_text_stored_before_is_another_prompt(arrivals: _Arrivals) -> None:
    """The page knew of it when it sent this one."""
    stored = [sent("0000cccc")["id"]]
    assert arrivals.resend(sent("0000aaaa") | {"before": stored}, stored)


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The state of a server-side session, which all its runs share."""
    state: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", state)
    return state


def test_message_of_a_first_run_is_taken_in_by_the_script(state: dict[str, Any]) -> None:
    """No callback is known then; of a later one, it is the callback that takes it in."""
    value = state[outbox.INPUT_KEY] = ChatInputValue(TEXT, files=[], _include_files=True)
    assert len(outbox.queue(value)) == 1
    outbox.take_in()
    assert len(outbox.queue(value)) == 2


def test_message_is_taken_in_once_though_another_run_comes_between(state: dict[str, Any]) -> None:
    """The run before may still be at its input when the callback of the next one has run."""
    assert outbox.queue(None) == []
    value = state[outbox.INPUT_KEY] = ChatInputValue(TEXT, files=[], _include_files=True)
    outbox.take_in()
    outbox.queue(None)
    assert len(outbox.queue(value)) == 1


def test_files_alone_are_a_prompt(arrivals: _Arrivals) -> None:
    """Text is not needed, but something is."""
    arrivals.type("", [File("f")])
    arrivals.type("", [])
    [prompt] = arrivals.queue
    assert (prompt.text, prompt.files) == ("", (File("f"),))


def test_files_are_sent_again_with_their_prompt(arrivals: _Arrivals) -> None:
    """In their order and with their names, under the id that the browser gave them."""
    assert arrivals.resend(sent("0000aaaa", 1, "b", "a"))
    [prompt] = arrivals.queue
    assert prompt.files == (File("b", "b.png"), File("a", "a.png"))


@pytest.mark.parametrize("first", ["typed", "resent"])
def test_files_that_come_both_ways_after_a_hop_are_one_prompt(
    first: str, arrivals: _Arrivals
) -> None:
    """Though the two ways know them in different order; other files are another prompt."""
    if first == "typed":
        arrivals.type(TEXT, [File("a"), File("b")])
        assert not arrivals.resend(sent("0000aaaa", 1, "b", "a"))
    else:
        assert arrivals.resend(sent("0000aaaa", 1, "b", "a"))
        arrivals.type(TEXT, [File("a"), File("b")])
    assert len(arrivals.queue) == 1
    arrivals.type(TEXT, [File("c")])
    arrivals.type(TEXT)
    assert len({prompt.id for prompt in arrivals.queue}) == 3


def test_note_with_other_files_than_its_id_says_is_not_taken_in() -> None:
    """Its id would be that of another prompt."""
    noted = sent("0000aaaa", 1, "a")
    assert _is_genuine(noted)
    assert not _is_genuine(noted | {"files": []})
    assert not _is_genuine(noted | {"files": [{"id": "b", "name": "b.png"}]})


def test_what_the_user_gives_up_is_not_sent_again(arrivals: _Arrivals) -> None:
    """The browser is told its id as if it were stored."""
    arrivals.type(TEXT)
    [prompt] = arrivals.queue
    arrivals.give_up()
    assert (arrivals.queue, arrivals.given_up) == ([], [prompt.id])
