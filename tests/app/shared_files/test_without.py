"""Streamlit by itself on two replicas: there is something to cure, and the tests would see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from e2e.wire import Tab, component_of
from tests.app.shared_files.conftest import PATIENCE, SERVER, start, wait_until_healthy

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Give two servers of the same page, with nothing shared between them."""
    folder = tmp_path_factory.mktemp("plain")
    logs = [folder / f"{number}.log" for number in range(2)]
    page = SERVER.with_name("page.py")
    started: list[tuple[subprocess.Popen[bytes], str]] = []
    try:
        started += [start(folder, log, server=page) for log in logs]
        for (_, url), log in zip(started, logs, strict=True):
            wait_until_healthy(url, log)
        yield [url for _, url in started]
    finally:
        for process, _ in started:
            process.terminate()
            process.wait(timeout=PATIENCE)


def test_streamlit_alone_fails_on_another_replica(plain: list[str]) -> None:
    """400 for an upload, 404 for media and for a component's files; on its own replica, none."""
    own, other = plain
    with Tab(lambda: own, {}) as tab:
        tab.run()
        addresses = [*tab.media().values(), component_of(tab) + "index.html"]
        assert {tab.http.get(own + each).status_code for each in addresses} == {200}
        assert {httpx.get(other + each).status_code for each in addresses} == {404}
        (urls,) = tab.upload_urls("a.bin")
        tab.turn = lambda: other
        assert tab.put(urls, "a.bin", b"a", "a/b").status_code == 400
        tab.turn = lambda: own
        assert tab.put(urls, "a.bin", b"a", "a/b").status_code == 204
