"""A real browser, as a client like those without: Chromium does what torture/client.py imitates."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self

from playwright.async_api import Error, async_playwright, expect

from app.browser.names import SESSION_COOKIE
from parity.host.browser import ARGUMENTS, NETWORK_CHANGED, ensure_browser
from torture.client import STICKINESS_COOKIES
from torture.page import Message

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from playwright.async_api import Browser, BrowserContext, Page, Playwright, Request, Response

LOOK_SECONDS = 0.2
ACTION_SECONDS = 5.0
# What the page shows, in one look: between two looks it may be drawn anew.
_LOOK = """() => {
  const text = (key) => document.querySelector(`.st-key-${key}`)?.innerText ?? "";
  const app = document.querySelector('[data-testid="stApp"]');
  const drawn = [...document.querySelectorAll('[data-testid="stChatMessage"]')];
  const within = (each, what) => each.querySelector(what) !== null;
  const buttons = (each) => [...each.querySelectorAll("button")].map((one) => one.innerText);
  return {
    typed: document.querySelector('[data-testid="stChatInputTextArea"]')?.value ?? "",
    replica: text("replica"), session: text("session"),
    idle: app?.getAttribute("data-test-script-state") === "notRunning",
    errors: [...document.querySelectorAll('[data-testid="stException"]')].map((e) => e.innerText),
    messages: drawn.map((each) => {
      const content = each.querySelector('[data-testid="stChatMessageContent"]');
      const written = [...each.querySelectorAll('[data-testid="stMarkdown"]')]
        .filter((one) => !one.closest('[data-testid="stAlert"], button'));
      return {
        role: content?.getAttribute("aria-label")?.split(" ").pop() ?? "",
        text: written.map((one) => one.innerText).join("\\n"),
        pending: buttons(each).some((label) => label.includes("Stop")),
        warned: within(each, '[role="alert"]'),
      };
    }),
  };
}"""

_LEFT = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  return JSON.stringify({
    input: document.querySelector('[data-testid="stChatInputTextArea"]')?.value,
    outbox: sessionStorage.getItem("parity_outbox"),
    page: window.parityOutbox?.page, queued: window.parityOutbox?.queued,
    stored: window.parityOutbox?.stored?.slice(-3),
    connection: app?.getAttribute("data-test-connection-state"),
    script: app?.getAttribute("data-test-script-state"),
    drawn: [...document.querySelectorAll('[data-testid="stChatMessage"]')]
      .slice(-3).map((each) => each.innerText.slice(0, 80)),
  });
}"""

# Whether the page has taken a text: it keeps it until it is stored, and then shows it.
_TAKEN = """(text) =>
  (sessionStorage.getItem("parity_outbox") ?? "").includes(JSON.stringify(text)) ||
  [...document.querySelectorAll('[data-testid="stChatMessage"]')]
    .some((each) => each.innerText.includes(text))
"""


@dataclass
class Seen:
    """What a look at the page has found; see torture/page.py for what the names mean."""

    messages: list[Message] = field(default_factory=list)
    idle: bool = False
    _places: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, look: dict[str, Any]) -> Seen:
        """Return it as the script above has found it."""
        places = {"Replica": look["replica"], "Session": look["session"]}
        return cls([Message(**each) for each in look["messages"]], look["idle"], places)

    def place(self, what: str) -> str:
        """Return the 'Replica' or the 'Session' that the sidebar names; empty before it does."""
        words = self._places.get(what, "").removeprefix(f"{what}: ").split()
        return words[0] if words else ""


class BrowserClient:
    """One tab of Chromium; to be used as an async context manager, and as torture.client.Client.

    arguments: what Chromium is started with besides.
    """

    def __init__(self, url: str, arguments: Sequence[str] = ()) -> None:
        self.page = Seen()
        self.drops = 0
        self.failed_loads: list[float] = []
        self.errors: list[str] = []
        self.key = ""
        self._dropped = False
        self._sent = ""
        self._url = url
        self._arguments = [*ARGUMENTS, *arguments]
        self._playwright: Playwright
        self._browser: Browser
        self._context: BrowserContext
        self._tab: Page

    async def __aenter__(self) -> Self:
        self._playwright = await async_playwright().start()
        path = await asyncio.to_thread(ensure_browser)
        self._browser = await self._playwright.chromium.launch(
            executable_path=path, args=self._arguments
        )
        self._context = await self._browser.new_context()
        self._context.set_default_timeout(1000 * ACTION_SECONDS)
        self._tab = await self._context.new_page()
        self._tab.on("requestfailed", self._note_dropped)
        await self._load(lambda: self._tab.goto(self._url))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._browser.close()
        await self._playwright.stop()

    @property
    def ready(self) -> bool:
        """Whether the page shows its session, and no run is under way."""
        return self.page.idle and bool(self.page.place("Session"))

    async def send(self, text: str) -> None:
        """Type a message and send it, as soon as the page lets one type.

        While it is not connected, it takes no Enter, and the text stays in the box. One that was
        made anew in that very moment gets it back. What the page took late is not typed again.
        """
        self._sent = text
        box = self._tab.get_by_test_id("stChatInputTextArea")

        async def typed() -> None:
            if await self._tab.evaluate(_TAKEN, text):
                return
            await box.fill(text)
            await box.press("Enter")
            await expect(box).to_have_value("", timeout=1000 * ACTION_SECONDS)

        await self._insist(typed)

    async def left(self) -> str:
        """Return what the page holds of prompts that are not stored, as JSON."""
        with suppress(Error):
            return str(await self._tab.evaluate(_LEFT))
        return "no answer"

    async def press(self, label: str) -> bool:
        """Press the button of that label; False if there is none that can be pressed."""
        with suppress(Error):
            await self._tab.get_by_role("button", name=label).last.click()
            return True
        return False

    async def refresh(self, *, hop: bool = False) -> None:
        """Press F5; with hop, as a user whose stickiness cookie is gone."""
        if hop:
            for name in STICKINESS_COOKIES:
                await self._context.clear_cookies(name=name)
        self.page = Seen()
        await self._load(self._tab.reload)

    async def until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Look at the page until something holds; False if it does not in time."""
        deadline = time.monotonic() + seconds
        while True:
            if self._dropped:
                await self._load(self._tab.reload)
            with suppress(Error):  # in the middle of a load
                await self._look()
            if holds():
                return True
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self) -> None:
        look = await self._tab.evaluate(_LOOK)
        self.page = Seen.of(look)
        if look["typed"] and look["typed"] == self._sent:
            await self._tab.get_by_test_id("stChatInputTextArea").press("Enter")
        self.errors += [each for each in look["errors"] if each not in self.errors]
        cookies = {each.get("name"): each.get("value") for each in await self._context.cookies()}
        self.key = cookies.get(SESSION_COOKIE) or ""

    async def _load(self, action: Callable[[], Awaitable[Response | None]]) -> None:
        """Load until it loads; a user whose page does not come, or as an error, presses F5 again.

        Chromium drops requests whenever a network interface comes or goes on its machine, and so
        whenever a container does: that is no failed load of the balancer's. A page that lost one of
        its own scripts that way stays broken, so it is loaded again.
        """

        async def load() -> None:
            self._dropped = False
            try:
                _require_page(await action())
            except Error as error:
                if NETWORK_CHANGED not in str(error):
                    self.failed_loads.append(time.time())
                raise

        await self._insist(load)

    def _note_dropped(self, request: Request) -> None:
        self._dropped = self._dropped or NETWORK_CHANGED in (request.failure or "")

    async def _insist(self, action: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await action()
            except (Error, AssertionError):
                await asyncio.sleep(LOOK_SECONDS)
            else:
                return


def _require_page(response: Response | None) -> None:
    """Raise Error where the answer was an error's page, such as the load balancer's own."""
    if response is not None and response.status >= HTTPStatus.BAD_REQUEST:
        raise Error(f"{response.status} {response.status_text}")
