"""Where the browser keeps its key, and what happens when some of it is gone, or forged."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from app.browser.names import LOCAL_STORAGE_ITEM, SESSION_COOKIE
from app.sessions import public_id
from e2e.chat import Chat

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, BrowserContext, Page

    from e2e.model import Model
    from e2e.target import Target
    from e2e.volume import Volume

pytestmark = pytest.mark.every_fault

VOLUME_FILE = re.compile(
    r"cookie-secret|sessions/(\.housekeeping|[0-9a-f]{3}/[0-9a-f]{64}\.(log|live-[0-9a-f]{16}))"
    r"|sessions/[0-9a-f]{3}/[0-9a-f]{64}\.blobs/([0-9a-f]{64}|\.part-[0-9a-f]{16})"
    r"|(uploads|media)/(\.clock|\.swept|[0-9a-f]{64})"
    r"|front-ends/[0-9][0-9A-Za-z.+-]*-[0-9a-f]{8}\.zip",
    re.ASCII,
)
FORGED = [
    "x",
    "../../../../etc/passwd",
    "A" * 42 + "\x00",
    *(
        pytest.param(text, marks=pytest.mark.thorough)
        for text in (
            "A" * 44,
            "A" * 10_000,
            "A" * 39 + "/../",
            "ключ" * 11,
            "%2e%2e%2f" * 5,
            '{"key": 1}',
        )
    ),
]


def test_key_is_a_bearer_secret(chat: Chat, volume: Volume) -> None:
    """HttpOnly, Lax, in no address and no file name of the volume."""
    requests: list[str] = []
    chat.page.on("request", lambda request: requests.append(request.url))
    chat.page.on("websocket", lambda socket: requests.append(socket.url))
    chat.ask("Keep this secret")
    chat.refresh()
    key = chat.wait_kept()
    cookies = chat.page.context.cookies()
    cookie = next(each for each in cookies if each.get("name") == SESSION_COOKIE)
    assert (cookie.get("httpOnly"), cookie.get("sameSite")) == (True, "Lax")
    assert not [url for url in requests if key in url]
    files = volume.files()
    assert not [path for path in files if key in str(path)]
    assert [path for path in files if path.name.startswith(chat.session)]


@pytest.mark.smoke
@pytest.mark.parametrize(
    ("cookie", "local_storage"), [(True, False), (False, True)], ids=["cookie", "local storage"]
)
def test_either_place_restores_the_other(chat: Chat, *, cookie: bool, local_storage: bool) -> None:
    """With one copy of the key deleted, the other brings back the session and the copy."""
    chat.ask("Still there?")
    session, key = chat.session, chat.wait_kept()
    chat.forget(cookie=cookie, local_storage=local_storage)
    chat.refresh()
    expect(chat.messages).to_have_count(2)
    assert (chat.session, chat.origin) == (session, "restored")
    assert chat.wait_kept() == key


def test_both_deleted_is_a_new_session(chat: Chat) -> None:
    """Who clears the site's data starts anew."""
    chat.ask("Forget me")
    session = chat.session
    chat.wait_kept()
    chat.forget(cookie=True, local_storage=True)
    chat.refresh()
    assert chat.session != session
    assert chat.origin == "new"
    assert chat.messages.count() == 0


def test_second_tab_shares_the_session(
    chat: Chat, open_chat: Callable[[BrowserContext], Chat]
) -> None:
    """A later tab of the same browser continues the conversation, and each follows the other."""
    chat.ask("from the first tab")
    chat.wait_kept()
    second = open_chat(chat.page.context)
    assert second.session == chat.session
    expect(second.messages).to_have_count(2)
    second.ask("from the second tab")
    expect(chat.messages).to_have_count(4)


def test_two_tabs_writing_at_once_lose_no_turn(
    chat: Chat, open_chat: Callable[[BrowserContext], Chat], model: Model, volume: Volume
) -> None:
    """Both prompts are stored and answered, whichever came first."""
    chat.wait_kept()
    second = open_chat(chat.page.context)
    chat.send("left")
    second.send("right")
    chat.wait_answer(4)
    second.wait_answer(4)
    turns = volume.turns(chat.wait_kept())
    assert sorted(turn.prompt for turn in turns) == ["left", "right"]
    for turn in turns:
        assert turn.answer is not None
        model.check(turn.answer["text"], quoting=turn.prompt)


def test_two_tabs_opened_at_the_same_moment_share_one_session(
    context: BrowserContext, base_url: str
) -> None:
    """Neither has a key yet, both mint one; they agree on one before anything is lost."""
    tabs = [Chat(context.new_page(), base_url) for _ in range(2)]
    for tab in tabs:
        tab.start_loading()
    for tab in tabs:
        tab.wait_ready()
    key = tabs[0].wait_kept()
    for tab in tabs:
        # Not what the other tab shows: that may still be the key which it is about to give up.
        expect(tab.page.locator(".st-key-session")).to_contain_text(public_id(key))
    assert tabs[1].wait_kept() == key
    tabs[1].ask("Which tab am I?")
    expect(tabs[0].messages).to_have_count(2)


@pytest.mark.smoke
def test_second_browser_sees_nothing_of_the_first(
    chat: Chat, browser: Browser, open_chat: Callable[[BrowserContext], Chat]
) -> None:
    """Another person gets another session."""
    chat.ask("My secret plan")
    other = browser.new_context()
    try:
        stranger = open_chat(other)
        assert stranger.session != chat.session
        assert stranger.messages.count() == 0
        assert "secret plan" not in stranger.page.content()
    finally:
        other.close()


def test_without_local_storage_the_page_says_so_and_goes_on(page: Page, base_url: str) -> None:
    """A browser that blocks it gets a message instead of a hang, and can still chat."""
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage',"
        " {get() { throw new DOMException('blocked', 'SecurityError') }})"
    )
    chat = Chat(page, base_url)
    page.goto(base_url)
    expect(page.get_by_text("does not let the page use its local storage")).to_be_visible()
    assert chat.key_in_cookie is None
    page.get_by_role("button", name="Go on without local storage").click()
    chat.wait_ready()
    session = chat.session
    chat.ask("Does it work?")
    chat.refresh()
    assert chat.session == session
    expect(chat.messages).to_have_count(2)


@pytest.mark.parametrize("forged", FORGED, ids=lambda text: ascii(text)[1:20])
def test_forged_key_gives_a_new_session_and_touches_nothing(
    page: Page, base_url: str, target: Target, volume: Volume, forged: str
) -> None:
    """What is not a key is as good as none, in the cookie and in local storage."""
    page.goto(f"{base_url}/healthz")
    page.evaluate(
        "([name, text]) => localStorage.setItem(name, text)",
        [LOCAL_STORAGE_ITEM, json.dumps({LOCAL_STORAGE_ITEM: forged})],
    )
    page.evaluate(
        "([name, text]) => { document.cookie = `${name}=${encodeURIComponent(text)}` }",
        [SESSION_COOKIE, forged],
    )
    chat = Chat(page, base_url)
    chat.load()
    assert chat.origin == ("new" if chat.loads == 1 else "restored")
    key = chat.wait_kept(other_than=forged)
    chat.ask("hello")
    assert volume.prompts(key) == ["hello"]
    assert [path for path in volume.files() if not VOLUME_FILE.fullmatch(str(path))] == []
    assert target.files_beside_volume() in ("", None)
