"""A user of an app that nothing is known of: finds where to type, and reads what is there."""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from playwright.sync_api import Error, Locator, Page

from e2e.adopted.reading import appeared
from e2e.chat import STICKINESS_COOKIES
from parity.host.browser import NETWORK_CHANGED

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Request, Response

PATIENCE = 40.0  # seconds; a replica has a quarter of a processor
QUIET = 1.0  # seconds without a change, after which a page has nothing more to say
LATE = 10.0  # seconds until a page that stands still counts as one that stays so
LOADS = 6
IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
CHAT = '[data-testid="stChatInputTextArea"]'
FIELD = '[data-testid="stTextInput"] input, [data-testid="stTextArea"] textarea'
BUTTON = '[data-testid="stButton"] button'
UPLOAD = '[data-testid="stFileUploader"] input[type="file"]'
# A load that Chromium dropped, or one that the page which tells of that got in the way of.
DROPPED = re.compile(f"{NETWORK_CHANGED}|interrupted by another navigation to .chrome-error:")
UPLOAD_REFUSED = '[data-testid="stFileUploaderFileErrorMessage"]'
UPLOAD_PATH = "/_stcore/upload_file/"
EXCEPTION = '[data-testid="stException"]'
# What a tester does not press in an app that is somebody's.
HARMFUL = re.compile(
    r"reset|delete|remove|clear|log ?(in|out)|sign ?(in|out)|buy|pay|send", re.IGNORECASE
)
WORDS = ("amber", "birch", "cedar", "ember", "heron", "ivory", "kestrel", "lupin", "otter", "wren")
READ = """
() => {
  const shown = (one) => one.getClientRects().length > 0;
  const main = ['[data-testid="stMainBlockContainer"]', '.block-container'].map(
    (name) => document.querySelector(name)).find(Boolean);
  const parts = [main, document.querySelector('[data-testid="stSidebar"]')].filter(Boolean);
  const icons = new Set([...document.querySelectorAll(
    '[data-testid="stIconMaterial"], [data-testid^="stChatMessageAvatar"]')]
    .map((one) => one.innerText.trim()));
  const lines = parts.filter(shown).flatMap((one) => one.innerText.split('\\n'))
    .map((line) => line.trim()).filter((line) => line && !icons.has(line));
  const kinds = ['stTextInput', 'stTextArea', 'stNumberInput', 'stSelectbox', 'stMultiSelect',
    'stCheckbox', 'stRadio', 'stSlider', 'stDateInput', 'stTimeInput'];
  const widgets = kinds.flatMap((kind) =>
    [...document.querySelectorAll(`[data-testid="${kind}"]`)].filter(shown).map((one) => {
      const label = one.querySelector('[data-testid="stWidgetLabel"]')?.innerText ?? '';
      const values = [...one.querySelectorAll('input, textarea')].map((input) =>
        ['checkbox', 'radio'].includes(input.type)
          ? (input.checked ? input.closest('label')?.innerText.trim() || 'on' : '')
          : input.value);
      const thumbs = [...one.querySelectorAll('[role="slider"]')].map(
        (thumb) => thumb.getAttribute('aria-valuenow'));
      const chosen = kind === 'stSelectbox' && !values.join('')
        ? one.innerText.replace(label, '').trim() : '';
      return `${label.trim()}: ${[...values, ...thumbs, chosen].filter(Boolean).join(', ')}`;
    }));
  return { lines, widgets };
}
"""


class Kind(StrEnum):
    """What there is to do on a page."""

    CHAT = "a chat input"
    FIELD = "a text field"
    BUTTON = "a button"
    PAGE = "nothing to type or press"


@dataclass(frozen=True)
class Exchange:
    """What a user did and then saw. typed: what makes it unlike any other; lines: what was new."""

    typed: str
    lines: tuple[str, ...]


class NotUsable(Exception):  # noqa: N818 - a finding about the app, not an error of the tester
    """The page did not get to where a user can do anything."""


class Visitor:
    """One tab. refused: uploads that the server did not take.

    expected: what there is to do on the page when it is ready; None where that is not known yet.
    """

    def __init__(self, page: Page, url: str, expected: Kind | None = None) -> None:
        self.page = page
        self.url = url
        self.expected = expected
        self.refused: list[str] = []
        self._dropped = False
        page.set_default_timeout(PATIENCE * 1000)
        page.on("requestfailed", self._note_dropped)
        page.on("response", self._note_refused)

    def load(self, patience: float = PATIENCE) -> None:
        """Open the app in this tab and wait until it can be used. Raises NotUsable."""
        self._navigate(lambda: self.page.goto(self.url, wait_until="commit"), patience)

    def refresh(self) -> None:
        """Press F5, and wait until the app can be used. Raises NotUsable."""
        self._navigate(lambda: self.page.reload(wait_until="commit"), PATIENCE)

    def forget_replica(self) -> None:
        """Delete the load balancer's cookies."""
        self.page.context.clear_cookies(name=STICKINESS_COOKIES)

    def wait_idle(self, patience: float = PATIENCE, *, loading: bool = False) -> None:
        """Wait until nothing runs and the page changes no more. Raises NotUsable.

        loading: whether it is of no use to wait on when a request was dropped.
        """
        deadline, since, last = time.monotonic() + patience, time.monotonic(), ""
        while time.monotonic() < deadline and not (loading and self._dropped):
            now = str(self.lines()) if self.page.locator(IDLE).count() else ""
            if not now or now != last:
                since, last = time.monotonic(), now
            elif time.monotonic() - since > QUIET:
                return
            self.page.wait_for_timeout(100)
        raise NotUsable(f"the page was not usable after {patience:.0f} s: {self._state()}")

    def lines(self) -> list[str]:
        """Return what is to be read, line by line, and then what the widgets hold."""
        read = self._read()
        return [*read["lines"], *read["widgets"]]

    def widgets(self) -> list[str]:
        """Return what the widgets hold, each as 'label: value'."""
        return self._read()["widgets"]

    def exception(self) -> str:
        """Return the first line of an exception that the page shows; empty without one."""
        found = self.page.locator(EXCEPTION)
        return found.first.inner_text().strip().splitlines()[0] if found.count() else ""

    def kind(self) -> Kind:
        """Return what there is to do on the page."""
        for kind, found in (
            (Kind.CHAT, self.page.locator(CHAT)),
            (Kind.FIELD, self.page.locator(FIELD)),
            (Kind.BUTTON, self._buttons()),
        ):
            if any(each.is_visible() and each.is_enabled() for each in found.all()):
                return kind
        return Kind.PAGE

    def begin(self, words: str = "") -> str:
        """Type something unlike anything else, or press a button; return what was typed."""
        kind, typed = self.kind(), f"{secrets.choice(WORDS)}-{secrets.randbelow(9000) + 1000}"
        if kind is Kind.CHAT:
            self.page.locator(CHAT).fill(f"Tell me about {typed}{words}")
            self.page.locator(CHAT).press("Enter")
        elif kind is Kind.FIELD:
            field = self._first(self.page.locator(FIELD))
            field.fill(typed)
            field.press("Control+Enter" if field.evaluate("one => one.rows") else "Enter")
        elif kind is Kind.BUTTON:
            self._first(self._buttons()).click()
            return ""
        return typed if kind is not Kind.PAGE else ""

    def exchange(self, words: str = "") -> Exchange:
        """Do what `begin` does and wait for all that comes of it. Raises NotUsable."""
        before = self.lines()
        typed = self.begin(words)
        if typed and not self.wait_for(lambda: bool(appeared(before, self.lines()))):
            raise NotUsable(f"nothing came of what was typed within {PATIENCE:.0f} s")
        self.wait_idle()
        new = appeared(before, self.lines())
        if typed:  # some apps do not repeat what they are told
            return Exchange(typed if any(typed in line for line in new) else "", new)
        # Where there is nothing to do, the page itself is what the user saw.
        lines = new or tuple(self.lines())
        if not lines:
            raise NotUsable("the page has no text")
        return Exchange("", lines)

    def wait_for(self, condition: Callable[[], bool], patience: float = PATIENCE) -> bool:
        """Wait until it holds; tell whether it did in time."""
        deadline = time.monotonic() + patience
        while not condition():
            if time.monotonic() > deadline:
                return False
            self.page.wait_for_timeout(50)
        return True

    def is_running(self) -> bool:
        """Tell whether the page's script runs."""
        return not self.page.locator(IDLE).count()

    def change_a_widget(self) -> bool:
        """Give the first widget that is no field another value; tell whether there is one."""
        selectbox = self.page.locator('[data-testid="stSelectbox"] [role="combobox"]')
        tick = self.page.locator('[data-testid="stCheckbox"] label')
        radio = self.page.locator('[data-testid="stRadio"] label:has(input:not(:checked))')
        slider = self.page.locator('[data-testid="stSlider"] [role="slider"]')
        if selectbox.count():
            selectbox.first.click()
            self.page.locator('[role="option"][aria-selected="false"]').first.click()
        elif tick.count():
            tick.first.click()
        elif radio.count():
            radio.first.click()
        elif slider.count():
            slider.first.press("ArrowRight")
        else:
            return False
        return True

    def can_upload(self) -> bool:
        """Tell whether there is a file uploader."""
        return bool(self.page.locator(UPLOAD).count())

    def pass_turns(self, turns: int) -> None:
        """Ask so many replicas for their health, so that the next request meets another one.

        What a page asks by itself may else come round to the same one each time.
        """
        for _ in range(turns):
            self.page.request.get(f"{self.url.rstrip('/')}/_stcore/health")

    def upload(self, name: str, content: bytes) -> None:
        """Choose a file, and wait until the page has nothing more to say to it."""
        self.page.locator(UPLOAD).first.set_input_files(
            {"name": name, "mimeType": "text/plain", "buffer": content}
        )
        self.wait_for(lambda: any(name in line for line in self.lines()))
        self.wait_idle()
        if self.page.locator(UPLOAD_REFUSED).count():
            self.refused.append(self.page.locator(UPLOAD_REFUSED).first.inner_text())

    def _navigate(self, action: Callable[[], object], patience: float) -> None:
        """Load, and load again if Chromium itself dropped a request: see e2e/chat.py."""
        for attempt in range(1, LOADS + 1):
            self._dropped = False
            try:
                action()
                self.wait_idle(patience, loading=True)
                self._wait_expected()
            except Error as error:
                if not DROPPED.search(str(error)) or attempt == LOADS:
                    raise NotUsable(str(error).splitlines()[0]) from error
            except NotUsable:
                if not self._dropped or attempt == LOADS:
                    raise
            else:
                return

    def _wait_expected(self) -> None:
        """Wait for what there is to do: a page may first run for a component's sake alone."""
        if self.expected is None:
            if not self.wait_for(lambda: self.kind() is not Kind.PAGE, LATE):
                return
        elif not self.wait_for(lambda: self.kind() is self.expected, LATE):
            raise NotUsable(f"there was {self.expected}, and now there is {self.kind()}")
        self.wait_idle(loading=True)

    def _read(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = self.page.evaluate(READ)
        return found

    def _buttons(self) -> Locator:
        return self.page.locator(BUTTON).filter(has_not_text=HARMFUL)

    def _first(self, found: Locator) -> Locator:
        return next(each for each in found.all() if each.is_visible() and each.is_enabled())

    def _state(self) -> str:
        app = self.page.locator('[data-testid="stApp"]')
        if not app.count():
            return "it shows nothing of Streamlit's"
        return f"its script is '{app.first.get_attribute('data-test-script-state')}'"

    def _note_dropped(self, request: Request) -> None:
        self._dropped = self._dropped or request.failure == f"net::{NETWORK_CHANGED}"

    def _note_refused(self, response: Response) -> None:
        if UPLOAD_PATH in response.url and response.status >= 400:
            self.refused.append(f"{response.request.method} was answered {response.status}")
