"""Every request lands on another replica: uploads, downloads, media and components all the same."""

from __future__ import annotations

import hashlib
import random
import secrets
from collections import Counter
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from app.browser.names import SESSION_COOKIE
from app.sessions import mint
from e2e.chat import PATIENCE_MS
from e2e.files_page import FilesPage, files_page
from e2e.wire import Tab, component_of
from parity.cluster.compose import SERVICE
from parity.facts.running import containers
from parity.host.client import connect
from parity.project import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.every_fault
DATA = bytes(range(256)) * 2000


@pytest.fixture(scope="module")
def page_of_files() -> Iterator[FilesPage]:
    """Give the page of e2e/apps/files on replicas of its own."""
    with files_page() as page:
        yield page


def digest(data: bytes) -> str:
    """Return the SHA-256 that the page shows of a file."""
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("visits", [10, pytest.param(100, marks=pytest.mark.thorough)])
def test_uploads_downloads_and_media_all_succeed(page_of_files: FilesPage, visits: int) -> None:
    """So many browsers, one after the other; the balancer gives each request to the next replica.

    Between them are some requests more or less, or the same replica would draw each page. Which one
    did is in it: all did.
    """
    done: Counter[str] = Counter()
    drawn_by, others = set(), random.Random(visits)  # noqa: S311 - no secret
    for visit in range(visits):
        for _ in range(others.randrange(3)):
            httpx.get(f"{page_of_files.url}/healthz")
        with Tab(
            lambda: page_of_files.url, {SESSION_COOKIE: mint()}, query=f"seed={mint()}"
        ) as tab:
            tab.run()
            drawn_by.add(tab.texts()[-1])
            data = secrets.token_bytes(50_000 + visit)
            (urls,) = tab.upload_urls("a.bin")
            put = tab.put(urls, "a.bin", data, "a/b")
            media = tab.media()
            tab.run_with_files((urls, "a.bin", len(data)))
            done["uploads"] += put.status_code == 204 and any(
                digest(data) in each for each in tab.texts()
            )
            download = tab.http.get(page_of_files.url + media.pop("download"))
            deferred = tab.http.get(page_of_files.url + tab.click_deferred())
            done["downloads"] += download.text.startswith("report of") and (
                deferred.content.startswith(b"made for")
            )
            answers = [tab.http.get(page_of_files.url + each) for each in media.values()]
            part = tab.http.get(
                page_of_files.url + media["video"], headers={"Range": "bytes=100000-100099"}
            )
            done["media"] += {each.status_code for each in answers} == {200} and (
                part.status_code == 206 and part.content == answers[2].content[100000:100100]
            )
    print(*(f"{what}: {number} of {visits}" for what, number in done.items()), sep="\n")  # noqa: T201 - the figures
    assert done == dict.fromkeys(("uploads", "downloads", "media"), visits)
    assert len(drawn_by) == len(page_of_files.replicas)


@pytest.mark.parametrize("visits", [3, pytest.param(100, marks=pytest.mark.thorough)])
def test_first_visits_on_cold_replicas_all_succeed(page_of_files: FilesPage, visits: int) -> None:
    """Each page is the first that its replica draws; the other two are asked for what it needs.

    A visit that a replica draws which has drawn one before must succeed, too, but is not counted.
    """
    done = tried = 0
    others = random.Random(visits)  # noqa: S311 - no secret
    while tried < visits:
        page_of_files.make_cold()
        warm: set[str] = set()
        while len(warm) < len(page_of_files.replicas) and tried < visits:
            for _ in range(others.randrange(3)):
                httpx.get(f"{page_of_files.url}/healthz")
            drawn_by, succeeded = _first_visit(page_of_files)
            assert succeeded or drawn_by not in warm
            tried += drawn_by not in warm
            done += succeeded and drawn_by not in warm
            warm.add(drawn_by)
    print(f"first visits: {done} of {visits}")  # noqa: T201 - the figure
    assert done == visits


def _first_visit(page_of_files: FilesPage) -> tuple[str, bool]:
    """Visit in a new browser; return who drew the page, and whether all that it needs came.

    Everything is asked for as often as there are replicas, so each of them is asked.
    """
    with Tab(lambda: page_of_files.url, {}, query=f"seed={mint()}") as tab:
        tab.run()
        component = component_of(tab)
        files = [component + name for name in ("index.html", "script.js")]
        answers = [
            tab.http.get(page_of_files.url + each)
            for each in (*files, *tab.media().values())
            for _ in page_of_files.replicas
        ]
        return tab.texts()[-1], {each.status_code for each in answers} == {200}


@pytest.mark.parametrize("visits", [1, pytest.param(3, marks=pytest.mark.thorough)])
def test_real_browser_sees_and_gets_everything(
    page: Page, page_of_files: FilesPage, tmp_path: Path, visits: int
) -> None:
    """Chromium asks with the cookies, ranges and headers that it has; the replicas are cold."""
    file = tmp_path / "ä photo.bin"
    file.write_bytes(DATA)
    page.set_default_timeout(PATIENCE_MS)
    for _ in range(visits):
        page_of_files.make_cold()
        page.context.clear_cookies()
        page.context.add_cookies(
            [{"name": SESSION_COOKIE, "value": mint(), "url": page_of_files.url}]
        )
        page.goto(f"{page_of_files.url}/?seed={mint()}")
        frame = page.frame_locator("iframe[title$=widget]")
        expect(frame.get_by_text("The component is here")).to_be_visible()
        image = page.get_by_test_id("stImage").locator("img")
        expect(image).to_be_visible()
        assert image.evaluate("each => each.complete && each.naturalWidth") == 32
        audio = page.get_by_test_id("stAudio")
        audio.evaluate("each => each.load()")
        page.wait_for_function("document.querySelector('audio').readyState > 0")
        assert audio.evaluate("each => each.duration") == pytest.approx(0.5, abs=0.01)
        page.get_by_test_id("stFileUploader").locator("input").set_input_files(file)
        told = f"received {file.name} application/octet-stream {len(DATA)} {digest(DATA)}"
        expect(page.get_by_text(told)).to_be_visible()
        for label, beginning in (("Download", b"report of"), ("Make and download", b"made for")):
            with page.expect_download() as download:
                page.get_by_role("button", name=label, exact=True).click()
            assert download.value.path().read_bytes().startswith(beginning)
        page.get_by_test_id("stFileChipDeleteBtn").get_by_role("button").click()
        expect(page.get_by_text(told)).to_be_hidden()


def test_containers_made_of_the_image_by_hand_are_no_replicas(page_of_files: FilesPage) -> None:
    """They have the image's labels, as these here; `parity check --running` is not about them."""
    replicas = {each.name for each in containers(connect(), read_settings().project, SERVICE)}
    assert replicas
    assert replicas.isdisjoint(each.name for each in page_of_files.replicas)
