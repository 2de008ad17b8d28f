"""Other versions of what is under test, and what a page shows of its own."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.client import BAD_REQUEST
from typing import TYPE_CHECKING

from playwright.sync_api import Error, expect

from e2e.chat import PATIENCE_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import BrowserContext, Response

    from e2e.chat import Chat
    from parity.cluster.protocol import Cluster

PLACEHOLDER = "Ask anything"
NEXT_PLACEHOLDER = "Ask the next version"
# The field is another one where its limits are, and what was typed into the old one goes with it;
# every component says that it is the next version's.
NEXT_APP = rf"""
RUN grep -q '"{PLACEHOLDER}"' /srv/app/chatbot.py \
    && sed -i 's/"{PLACEHOLDER}"/"{NEXT_PLACEHOLDER}", max_chars=1000000/' /srv/app/chatbot.py \
    && sed -i 's/^export default/globalThis.parityNext = true; export default/' \
        /srv/app/browser/*.py
"""
# The newest release before the pinned one: with it, 96 of 360 files are the same.
OTHER_STREAMLIT = r"""
RUN --mount=type=secret,id=ca,target=/run/secrets/ca.pem \
    --mount=type=cache,target=/var/cache/pip \
    export PIP_CACHE_DIR=/var/cache/pip PYTHONDONTWRITEBYTECODE=; \
    if [ -s /run/secrets/ca.pem ]; then export PIP_CERT=/run/secrets/ca.pem; fi; \
    printf 'streamlit==1.66.1 --hash=sha256:%s\n' \
        29607190a589fe1fa9bd7e154635d335d47dc09b4010c6cc273daa6e4430ee31 > /tmp/lock \
    && python3 -m venv /tmp/pip \
    && /tmp/pip/bin/pip --python /opt/venv/bin/python install --disable-pip-version-check \
        --quiet --no-deps --no-compile --require-hashes --requirement /tmp/lock \
    && python3 /srv/app/front_end/stamp.py /opt/venv \
    && python3 -m compileall -q -j 0 /opt/venv/lib/python3*/site-packages/streamlit \
    && rm -r /tmp/pip /tmp/lock
"""


def front_end(chat: Chat) -> str:
    """Return which front end the page is made of, by its first script; empty if there is none."""
    scripts = chat.page.locator("script[type=module][src]")
    with suppress(Error):  # in the midst of a reload
        return str(scripts.first.evaluate("script => script.src", timeout=1_000)).split("/")[-1]
    return ""


def wait_moved(chat: Chat, *, from_front_end: str = "", placeholder: str) -> None:
    """Wait until the page has, by itself, become one of another version, and can be used."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while front_end(chat) in {"", from_front_end} and time.monotonic() < deadline:
        if chat.page.url.startswith("chrome-error:"):
            chat.load()  # Chromium dropped the reload when a container came or went
        chat.page.wait_for_timeout(100)
    assert front_end(chat) not in {"", from_front_end}
    expect(chat.input).to_have_attribute("placeholder", placeholder)
    expect(chat.input).to_be_enabled()


def failed_files(context: BrowserContext) -> list[str]:
    """Return a list that gets each file of its pages that comes with an error, or as a page.

    A file that does not come at all is not in it: Chromium drops what it loads whenever a container
    comes or goes.
    """
    failed: list[str] = []

    def look(response: Response) -> None:
        kind = response.request.resource_type
        is_page = "text/html" in response.headers.get("content-type", "")
        wanted = {"document": True, "script": False, "stylesheet": False, "font": False}
        if kind in wanted and (response.status >= BAD_REQUEST or is_page != wanted[kind]):
            failed.append(f"{response.status} {response.url}")

    context.on("response", look)
    return failed


@contextmanager
def home_again(cluster: Cluster) -> Iterator[None]:
    """Bring the tested image back if the block fails; else it has done so."""
    try:
        yield
    except BaseException:
        cluster.redeploy()
        raise


def done_meanwhile(change: Callable[[], None], act: Callable[[], None]) -> int:
    """Change versions, and act again and again until that is through; return how often.

    Playwright lives in the thread that made it, so the change is made in another one.
    """
    acts = 0
    with ThreadPoolExecutor(1) as other:
        changing = other.submit(change)
        while not changing.done():
            act()
            acts += 1
        changing.result()
    return acts
