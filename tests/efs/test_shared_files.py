"""Uploads and media on two clients: what one has stored, the other has the next moment."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

from app.browser.names import SESSION_COOKIE
from app.sessions import mint
from app.shared_files.kept import About, Files
from e2e.wire import Tab
from parity.efs.control import fault
from parity.efs.faults import Kind
from tests.app.shared_files.conftest import PATIENCE, start, wait_until_healthy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Mount = Callable[..., list[Path]]

ID = "ab" * 32
SERVERS = pytest.mark.parametrize("keeps_unlinked", [True, False])


def keep(place: Path, content: bytes) -> None:
    """Keep a file through one client."""
    draft = Files(place, "uploads").draft()
    draft.write(content)
    draft.keep(ID, About("a", "a/b", "upload", "session", "owner"))


def content(place: Path) -> bytes | None:
    """Return what another client finds."""
    file = Files(place, "uploads").open(ID)
    if file is None:
        return None
    with file:
        return file.read()


@SERVERS
def test_file_is_found_at_once_by_who_knew_of_its_absence(
    mount: Mount, *, keeps_unlinked: bool
) -> None:
    """And of its folder's; a client believes both for half a minute and longer."""
    here, there = mount(2, pace=0, keeps_unlinked=keeps_unlinked)
    assert content(there) is None  # no folder
    keep(here, b"first")
    assert content(there) == b"first"
    assert Files(here, "uploads").remove(ID)
    assert Files(here, "uploads").open("cd" * 32) is None
    assert not Files(there, "uploads").touch("ef" * 32)
    (here / "uploads" / ID).write_bytes(b"")  # so that the name is one that `there` has looked up
    assert content(there) is None
    keep(here, b"second")
    assert content(there) == b"second"


@SERVERS
def test_file_that_another_client_has_just_used_is_not_removed(
    mount: Mount, *, keeps_unlinked: bool
) -> None:
    """Though this one has known an old time stamp for a second."""
    here, there = mount(2, pace=0, keeps_unlinked=keeps_unlinked)
    keep(here, b"a")
    os.utime(here / "uploads" / ID, (1000, 1000))
    before = time.time() - 60
    assert (here / "uploads" / ID).stat().st_mtime == 1000
    assert Files(there, "uploads").touch(ID)
    assert not Files(here, "uploads").remove_unused(ID, since=before)
    os.utime(here / "uploads" / ID, (1000, 1000))
    assert Files(there, "uploads").remove_unused(ID, since=before)
    assert content(here) is None


@pytest.fixture
def served(mount: Mount, tmp_path: Path) -> Iterator[tuple[list[Path], list[str]]]:
    """Give two servers over one volume, a client each, at EFS's own pace."""
    secret, points = secrets.token_hex(32), mount(2)
    logs = [tmp_path / f"{number}.log" for number in range(2)]
    started = [
        start(point, log, STREAMLIT_SERVER_COOKIE_SECRET=secret)
        for point, log in zip(points, logs, strict=True)
    ]
    urls = [url for _, url in started]
    try:
        for url, log in zip(urls, logs, strict=True):
            wait_until_healthy(url, log)
        yield points, urls
    finally:
        for process, _ in started:
            process.terminate()
            process.wait(timeout=PATIENCE)


def test_page_needs_no_affinity_on_efs(served: tuple[list[Path], list[str]]) -> None:
    """Twenty visits; every request goes to the other replica than the websocket."""
    _, urls = served
    for visit in range(20):
        own, other = urls[visit % 2], urls[1 - visit % 2]
        with Tab(lambda own=own: own, {SESSION_COOKIE: mint()}, query=f"seed={visit}") as tab:  # type: ignore[misc]
            tab.run()
            for address in tab.media().values():
                assert tab.http.get(other + address).status_code == 200
            (file,) = tab.upload_urls("a.bin")
            tab.turn = lambda other=other: other  # type: ignore[misc]
            data = secrets.token_bytes(100_000)
            assert tab.put(file, "a.bin", data, "a/b").status_code == 204
            tab.run_with_files((file, "a.bin", len(data)))
            assert any(hashlib.sha256(data).hexdigest() in each for each in tab.texts())
            assert tab.delete(file).status_code == 204


def test_stalled_volume_holds_up_nothing_but_files(served: tuple[list[Path], list[str]]) -> None:
    """Health checks and pages are answered meanwhile, sessions begin and end; files come later."""
    (point, _), (url, _) = served
    with ThreadPoolExecutor(20) as pool, Tab(lambda: url, {SESSION_COOKIE: mint()}) as tab:
        tab.run()
        address = url + tab.media()["image"]
        urls = tab.upload_urls(*("a.bin" for _ in range(10)))
        with fault(point, Kind.STALL):
            puts = [pool.submit(tab.put, each, "a.bin", b"a", "a/b") for each in urls]
            gets = [pool.submit(tab.http.get, address) for _ in range(10)]
            time.sleep(0.5)  # by when the first of them wait for the volume, for sure
            for _ in range(5):
                with Tab(lambda: url, {SESSION_COOKIE: mint()}) as another:
                    assert another.upload_urls("a.bin")
                for path in ("/healthz", "/_stcore/health", "/"):
                    assert httpx.get(url + path).status_code == 200
            assert not any(each.done() for each in (*puts, *gets))
        assert {each.result().status_code for each in puts} == {204}
        assert {each.result().status_code for each in gets} == {200}
