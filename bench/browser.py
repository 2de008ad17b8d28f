"""A real browser, and how long a page takes in it until a person can use it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import sync_playwright

from parity.errors import ParityError
from parity.host.browser import ARGUMENTS, NETWORK_CHANGED, ensure_browser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page, Request, StorageState

GIVE_UP_SECONDS = 15.0
IDLE_SECONDS = 90.0
_IDLE = '.stApp[data-test-script-state="notRunning"]'

# Noted inside the page, on the frame that shows it: the chat input can be used, the session is
# named, and so many messages have their text, the last one more than so many characters.
# performance.now() counts from navigation start.
_WATCH = """
(() => {
  if (window !== window.top) return;
  const expected = { messages: WANTED, moreThan: 0 };
  Object.assign(expected, JSON.parse(sessionStorage.getItem("benchExpected") ?? "{}"));
  const shown = (element) => element && element.getClientRects().length && element.textContent;
  const look = () => {
    const input = document.querySelector('[data-testid="stChatInputTextArea"]');
    const session = document.querySelector(".st-key-session");
    const messages = [...document.querySelectorAll('[data-testid="stChatMessageContent"]')];
    const usable = input && input.getClientRects().length && !input.disabled && shown(session);
    const last = messages.at(-1)?.textContent.length ?? 1;
    const enough = messages.length >= expected.messages && last > expected.moreThan;
    if (usable && enough && messages.every(shown)) {
      window.benchReadyAt = performance.now();
    } else {
      requestAnimationFrame(look);
    }
  };
  requestAnimationFrame(look);
})();
"""


class NetworkChanged(Exception):  # noqa: N818 - it happened to the page, which did nothing wrong
    """An address of this host came or went, and Chromium cut off every request for it."""


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Start Playwright's own Chromium, or else the system's."""
    executable = ensure_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[*ARGUMENTS])
        try:
            yield browser
        finally:
            browser.close()


def visitor(browser: Browser, *, messages: int = 0, known: StorageState | None = None) -> Page:
    """Return a page of a browser context without cache; with these cookies and local storage.

    messages: how many the page must show before it counts as ready.
    """
    context = browser.new_context(
        viewport={"width": 1280, "height": 800},
        storage_state=known,
    )
    context.add_init_script(_WATCH.replace("WANTED", str(messages)))
    return context.new_page()


def visit(page: Page, url: str) -> float | None:
    """Go to url; return the seconds until the page was ready, None after GIVE_UP_SECONDS.

    Raises NetworkChanged, as `refresh` does.
    """
    return _load(page, lambda: page.goto(url, wait_until="commit"))


def refresh(page: Page) -> float | None:
    """Reload; return the seconds until the page was ready, None after GIVE_UP_SECONDS."""
    return _load(page, lambda: page.reload(wait_until="commit"))


def cookie(page: Page, name: str) -> str:
    """Return a cookie's value, once the server has set it; HttpOnly ones too."""
    deadline = time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < deadline:
        for each in page.context.cookies():
            if each["name"] == name:
                return each["value"]
        page.wait_for_timeout(100)
    raise ParityError(f"no cookie '{name}' was set within {GIVE_UP_SECONDS:.0f} s")


def stored(page: Page, name: str) -> str:
    """Return what streamlit-local-storage keeps by that name, {name: value}, once it is there."""
    # The component first writes null, then the value.
    held = "(name) => (JSON.parse(localStorage.getItem(name)) ?? {})[name]"
    return str(page.wait_for_function(held, arg=name).json_value())


def bind(page: Page, url: str, cookie: str) -> None:
    """Make the load balancer send the browser to the replica that the cookie stands for."""
    page.context.add_cookies([{"name": "AWSALB", "value": cookie, "url": url}])


def replica_shown(page: Page) -> str:
    """Return the replica that the sidebar names."""
    return (page.locator(".st-key-replica").text_content() or "").split()[-1]


def text(page: Page) -> str:
    """Return what the page shows."""
    return " ".join(page.locator("body").inner_text().split())


def chat(page: Page, prompt: str) -> None:
    """Send one prompt, and wait until its answer is whole."""
    ask(page, prompt)
    answer = page.get_by_test_id("stChatMessageContent").nth(1)
    answer.get_by_text(prompt).wait_for(timeout=GIVE_UP_SECONDS * 1000)
    wait_until_idle(page)


def ask(page: Page, prompt: str) -> None:
    """Send one prompt."""
    page.get_by_test_id("stChatInputTextArea").fill(prompt)
    page.keyboard.press("Enter")


def answer_length(page: Page) -> int:
    """Return how many characters of the last message the page shows; 0 without any."""
    last = "(messages) => messages.at(-1)?.textContent.length ?? 0"
    found = page.locator('[data-testid="stChatMessageContent"]')
    return int(found.evaluate_all(last))


def wait_for_answer(page: Page, messages: int, characters: int) -> None:
    """Wait until there are so many messages, and the last has so many characters."""
    page.wait_for_function(
        "([count, length]) => { const all = document.querySelectorAll("
        "'[data-testid=\"stChatMessageContent\"]'); return all.length >= count"
        " && all[count - 1].textContent.length >= length; }",
        arg=[messages, characters],
    )


def wait_until_idle(page: Page) -> None:
    """Wait until no script of the page runs."""
    page.locator(_IDLE).wait_for(timeout=IDLE_SECONDS * 1000)


def is_idle(page: Page) -> bool:
    """Tell whether no script of the page runs."""
    return page.locator(_IDLE).count() > 0


def expect(page: Page, *, messages: int, more_than: int) -> None:
    """Set what makes the page ready from its next load on; see _WATCH."""
    wanted = {"messages": messages, "moreThan": more_than}
    page.evaluate("(w) => sessionStorage.setItem('benchExpected', JSON.stringify(w))", wanted)


def _load(page: Page, load: Callable[[], object]) -> float | None:
    cut_off: list[Request] = []

    def note(request: Request) -> None:
        if NETWORK_CHANGED in (request.failure or ""):
            cut_off.append(request)

    page.on("requestfailed", note)
    try:
        load()
        ready = page.wait_for_function("window.benchReadyAt", timeout=GIVE_UP_SECONDS * 1000)
        seconds = float(ready.json_value()) / 1000
    except PlaywrightTimeout:
        seconds = None
    except PlaywrightError as error:
        if NETWORK_CHANGED not in error.message:
            raise
        raise NetworkChanged from error
    finally:
        page.remove_listener("requestfailed", note)
    if cut_off:
        raise NetworkChanged
    return seconds
