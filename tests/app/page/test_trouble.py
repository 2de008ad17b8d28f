"""What the page shows of a store that cannot take what the user sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.browser.identity import Identity, Origin
from app.browser.outbox import File, _Arrivals
from app.conversation import read_turns
from app.page import volume
from app.sessions import SessionStore, mint
from app.settings import read_settings
from tests.pages import page_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamlit.testing.v1 import AppTest

PAGE = Path(__file__).parents[3] / "app" / "chatbot.py"
MIB = 2**20


@pytest.fixture
def key() -> str:
    """Return a new session's key."""
    return mint()


@pytest.fixture
def chat(tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    """Give the chatbot's page on a volume of its own, for a browser that holds the key."""
    monkeypatch.setenv("SESSION_ROOT", str(tmp_path))
    monkeypatch.setenv("SESSION_QUOTA_MIB", "2")
    read_settings.cache_clear()
    volume._store.cache_clear()
    app = page_of(PAGE)
    app.session_state["identity"] = Identity(key, Origin.RESTORED, mirrored=True)
    yield app
    read_settings.cache_clear()
    volume._store.cache_clear()


def said(app: AppTest) -> list[str]:
    """Return what the conversation shows."""
    return [text.value for message in app.chat_message for text in message.markdown]


def test_session_that_is_full_says_so_and_lets_the_user_choose(
    chat: AppTest, tmp_path: Path, key: str
) -> None:
    """The conversation and the text stay in sight; either makes room; nothing goes unasked."""
    session = SessionStore(tmp_path).open(key)
    session.messages.append({"role": "user", "id": "1", "text": "old", "at": 0})
    session.messages.append({"role": "failure", "to": "1", "text": "no", "partial": ""})
    session.messages.append({"role": "filling", "text": "x" * MIB})
    chat.run().chat_input[0].set_value("new").run()
    assert "reached its limit" in chat.error[0].value
    assert said(chat)[0] == "old"
    assert said(chat)[-1] == "new"

    chat.button[1].click().run()
    assert not chat.error
    assert "new" not in said(chat)


def test_files_that_are_refused_say_why_and_let_the_user_choose(
    chat: AppTest, tmp_path: Path, key: str
) -> None:
    """The text can go alone, or not at all; it is neither lost nor stored without being asked."""
    session = SessionStore(tmp_path).open(key)
    chat.run()
    arrivals: _Arrivals = chat.session_state["arrivals"]
    for text in ("first", "second"):
        arrivals.type(text, [File("0" * 64, "gone *now*.png")])
    chat.run()
    assert chat.error[0].value == r"\'gone \*now\*\.png\' did not arrive\. Please choose it again\."
    assert not chat.warning
    assert said(chat) == ["first", "second"]
    session.refresh()
    assert not session.messages

    chat.button[0].click().run()
    session.refresh()
    assert [turn.prompt for turn in read_turns(session.messages)] == ["first"]
    chat.button[-1].click().run()
    assert not chat.error
    assert arrivals.queue == []
    session.refresh()
    assert [turn.prompt for turn in read_turns(session.messages)] == ["first"]
