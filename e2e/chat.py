"""The chatbot as a user sees it: what the page shows, and what one can do on it."""

from __future__ import annotations

import json
import os
import re
import time
from contextlib import suppress
from mimetypes import guess_type
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from playwright.sync_api import Error, expect

from app.browser.names import LOCAL_STORAGE_ITEM, SESSION_COOKIE
from parity.host.browser import NETWORK_CHANGED

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import APIResponse, FilePayload, Locator, Page, Request

# A replica has a quarter of a processor, and this machine may be busy with others; where the
# processor is emulated, it is so many times slower.
PATIENCE_MS = 30_000 * int(os.environ.get("E2E_SLOWNESS", "1"))
CHOICES = 3
STICKINESS_COOKIES = re.compile(r"^AWSALB(CORS)?$")
SOME_WORDS = re.compile(r"(\w+\W+){12}")
# A page of another version than its server's; to whoever has just loaded it, that comes between.
RELOADS_ITSELF = re.compile(r"ERR_ABORTED|interrupted by another navigation")
expect.set_options(timeout=PATIENCE_MS)


class Chat:
    """One tab with the chatbot in it.

    loads: how often the page was asked for until the last load was whole.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.loads = 0
        self._dropped = False
        page.set_default_timeout(PATIENCE_MS)
        page.on("requestfailed", self._note_dropped)

    def load(self) -> None:
        """Open the page in this tab and wait until it can be used."""
        self._navigate(lambda: self.page.goto(self.url))

    def refresh(self) -> None:
        """Press F5."""
        self._navigate(self.page.reload)

    def refresh_in_mid_answer(self) -> None:
        """Press F5 and wait for the page, but not until it has nothing left to run."""
        self._load_until_shown(self.page.reload)

    def _navigate(self, action: Callable[[], object]) -> None:
        self._load_until_shown(action)
        self.wait_ready()

    def _load_until_shown(self, action: Callable[[], object]) -> None:
        """Load, and load again if Chromium itself dropped a request.

        It drops all requests in flight when any network interface of its machine comes or goes,
        and starting or stopping a container does that. No server can cure it, and no user who is
        not on the replicas' own machine meets it.
        """
        for self.loads in range(1, 11):
            self._dropped = False
            try:
                action()
            except Error as error:
                if NETWORK_CHANGED in str(error):
                    continue
                if not RELOADS_ITSELF.search(str(error)):
                    raise
            if self._appears():
                break

    def _appears(self) -> bool:
        """Wait until the page shows its session; False as soon as a request was dropped."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while time.monotonic() < deadline and not self._dropped:
            if self._sidebar("session").is_visible():
                return True
            self.page.wait_for_timeout(50)
        return not self._dropped

    def _note_dropped(self, request: Request) -> None:
        self._dropped = self._dropped or request.failure == f"net::{NETWORK_CHANGED}"

    def wait_ready(self) -> None:
        """Wait until the page shows its session and has nothing left to run."""
        expect(self._sidebar("session")).to_contain_text(re.compile(r"Session: [0-9a-f]{8}"))
        self.wait_idle()

    def wait_idle(self) -> None:
        """Wait until no script of this page runs."""
        expect(self.page.get_by_test_id("stApp")).to_have_attribute(
            "data-test-script-state", "notRunning"
        )

    def start_loading(self) -> None:
        """Open the page in this tab without waiting for it; `wait_ready` is to follow."""
        self.page.goto(self.url, wait_until="commit")

    @property
    def replica(self) -> str:
        """The host name of the replica that served the last run."""
        return self._sidebar("replica").inner_text().removeprefix("Replica: ").strip()

    @property
    def session(self) -> str:
        """The public id of the session: 8 hexadecimal digits."""
        return self._sidebar("session").inner_text().split()[1]

    @property
    def origin(self) -> str:
        """Whether the session is 'new' or 'restored'."""
        return self._sidebar("session").inner_text().split()[2].strip("()")

    @property
    def messages(self) -> Locator:
        """Every message of the conversation, prompts and answers in turn."""
        return self.page.get_by_test_id("stChatMessage")

    @property
    def input(self) -> Locator:
        """The field to type in."""
        return self.page.get_by_test_id("stChatInputTextArea")

    def send(self, text: str) -> None:
        """Type a message and send it."""
        self.input.fill(text)
        self.input.press("Enter")

    def send_surely(self, text: str) -> None:
        """Type and send, whatever the page is doing, until it shows the message.

        A page that moves to another version shows that one's field beside its own until a run ends.
        """
        expect(self.input).to_have_count(1)
        self.input.fill(text)
        self.wait_sent(text)

    def wait_sent(self, text: str) -> None:
        """Wait until the message is there; send what stayed in the input as it could not be sent.

        A page whose reload Chromium dropped, as a container came or went, is loaded again.
        """
        shown = self.messages.get_by_text(text, exact=True)
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while not shown.count():
            assert time.monotonic() < deadline, f"{text!r} was sent, and is not there"
            if self.page.url.startswith("chrome-error:"):
                self.load()
            elif self.input.count() == 1 and self.input.input_value() == text:
                self.input.press("Enter")
            self.page.wait_for_timeout(100)

    def choose_files(self, *files: tuple[str, bytes]) -> None:
        """Choose files, each a name and its content, and wait until they are uploaded.

        The input asks the server where to, and shows nothing before that: if its connection drops
        just then, it never does, and the user chooses again.
        """
        wanted = self.chosen_files.count() + len(files)
        for _ in range(CHOICES):
            expect(self.input).to_be_enabled()
            self.begin_upload(*files)
            with suppress(AssertionError):
                expect(self.chosen_files).to_have_count(wanted, timeout=PATIENCE_MS / CHOICES)
                break
        expect(self.chosen_files).to_have_count(wanted)
        expect(self.page.get_by_test_id("stChatInputSubmitButton")).to_be_enabled()

    def begin_upload(self, *files: tuple[str, bytes]) -> None:
        """Choose files, and do not wait for what the input makes of them."""
        payloads: list[FilePayload] = [
            {"name": name, "mimeType": guess_type(name)[0] or "", "buffer": content}
            for name, content in files
        ]
        chooser = self.page.get_by_test_id("stChatInput").locator("input[type=file]").first
        chooser.set_input_files(payloads)

    @property
    def chosen_files(self) -> Locator:
        """The files that go with the next message, as the input shows them."""
        return self.page.get_by_test_id("stChatInput").get_by_test_id("stFileChip")

    @property
    def pictures(self) -> Locator:
        """Every picture of the conversation."""
        return self.messages.get_by_test_id("stImage").locator("img")

    @property
    def documents(self) -> Locator:
        """Every link to a document of the conversation."""
        return self.messages.get_by_test_id("stLinkButton").locator("a")

    def wait_attachments(self, *, pictures: int, documents: int) -> None:
        """Wait until so many are shown, and each picture has been loaded."""
        expect(self.documents).to_have_count(documents)
        expect(self.pictures).to_have_count(pictures)
        for picture in self.pictures.all():
            expect(picture).not_to_have_js_property("naturalWidth", 0)

    def fetch(self, shown: Locator) -> APIResponse:
        """Fetch what a picture or a link leads to, as this browser would."""
        address = shown.get_attribute("src") or shown.get_attribute("href")
        assert address
        return self.page.request.get(urljoin(self.page.url, address))

    def ask(self, text: str) -> str:
        """Send a message, wait for the whole answer and return it."""
        already = self.messages.count()
        self.send(text)
        return self.wait_answer(already + 2)

    def wait_answer(self, messages: int) -> str:
        """Wait until there are so many messages, the last a finished answer; return its text."""
        self.wait_settled(messages)
        # A page that has just lost its connection runs nothing, and its answer still grows.
        expect(self.messages.last.get_by_role("button", name="Stop")).to_have_count(0)
        self.wait_settled(messages)
        expect(self.messages.last.get_by_role("alert")).to_have_count(0)
        # Not the whole message: its avatar is a word, too, in an icon font.
        return self.messages.last.get_by_test_id("stChatMessageContent").inner_text()

    def wait_growing(self) -> None:
        """Wait until the last message is an answer of some words, of which more are to come."""
        expect(self.page.get_by_role("button", name="Stop")).to_be_visible()
        expect(self.messages.last).to_contain_text(SOME_WORDS)

    def wait_settled(self, messages: int) -> None:
        """Wait until there are so many messages, and nothing of the page runs any more."""
        expect(self.messages).to_have_count(messages)
        self.wait_idle()
        expect(self.messages).to_have_count(messages)

    def hop_to(self, other: Callable[[str], bool]) -> str:
        """Load the page until a replica for which other(name) holds serves it; return its name.

        As a user whose stickiness cookie is gone; works through any balancer, sticky or not.
        """
        return self._hop_to(other, self.refresh)

    def hop_in_mid_answer(self) -> str:
        """Load the page until another replica serves it; return its name."""
        return self._hop_to(self.replica.__ne__, self.refresh_in_mid_answer)

    def _hop_to(self, other: Callable[[str], bool], refresh: Callable[[], None]) -> str:
        for _ in range(20):
            self.page.context.clear_cookies(name=STICKINESS_COOKIES)
            refresh()
            if other(self.replica):
                return self.replica
        raise AssertionError(f"20 loads never left {self.replica}")

    def wait_for_other_replica(self, than: str) -> str:
        """Wait until the page, by itself, shows another replica; return its name."""
        self.wait_for_other_replica_in_mid_answer(than)
        self.wait_ready()
        return self.replica

    def wait_for_other_replica_in_mid_answer(self, than: str) -> None:
        """Wait until the page, by itself, shows another replica, whatever runs there."""
        expect(self._sidebar("replica")).not_to_contain_text(than)

    @property
    def key_in_cookie(self) -> str | None:
        """The session key as the cookie holds it."""
        cookies = {cookie.get("name"): cookie for cookie in self.page.context.cookies()}
        return cookies[SESSION_COOKIE].get("value") if SESSION_COOKIE in cookies else None

    @property
    def key_in_local_storage(self) -> str | None:
        """The session key as local storage holds it, in streamlit-local-storage's wrapping."""
        text = self.page.evaluate("name => localStorage.getItem(name)", LOCAL_STORAGE_ITEM)
        held = json.loads(text) if text else None
        return held.get(LOCAL_STORAGE_ITEM) if held else None

    def wait_kept(self, *, other_than: str = "") -> str:
        """Wait until cookie and local storage both hold the same key; return it."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while time.monotonic() < deadline:
            key = self.key_in_cookie
            if key and key == self.key_in_local_storage and key != other_than:
                return key
            self.page.wait_for_timeout(100)
        raise AssertionError(
            f"cookie: {self.key_in_cookie}, local storage: {self.key_in_local_storage}"
        )

    def forget(self, *, cookie: bool = False, local_storage: bool = False) -> None:
        """Delete the session key from where it is kept in the browser."""
        if cookie:
            self.page.context.clear_cookies(name=SESSION_COOKIE)
        if local_storage:
            self.page.evaluate("name => localStorage.removeItem(name)", LOCAL_STORAGE_ITEM)

    def choose_model(self, name: str) -> None:
        """Pick a model in the sidebar."""
        self.page.get_by_role("combobox", name="Model").click()
        self.page.get_by_role("option", name=name).click()
        self.wait_idle()

    @property
    def model(self) -> str:
        """The model that the sidebar shows as chosen."""
        return self.page.get_by_role("combobox", name="Model").input_value()

    def reset(self) -> None:
        """Press `Reset conversation`."""
        self.page.get_by_role("button", name="Reset conversation").click()

    def _sidebar(self, key: str) -> Locator:
        return self.page.locator(f".st-key-{key}")
