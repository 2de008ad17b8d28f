"""Two replicas of a page on one folder: real servers, each a process of its own."""

from __future__ import annotations

import itertools
import os
import secrets
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from app.browser.names import SESSION_COOKIE
from app.sessions import mint
from e2e.wire import Tab

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[3]
SERVER = REPOSITORY / "e2e" / "apps" / "files" / "server.py"
PATIENCE = 60.0  # seconds
MAX_UPLOAD_MIB = 2


class Replicas:
    """Some servers over one volume, which take turns as behind a balancer without stickiness."""

    def __init__(self, root: Path, urls: list[str]) -> None:
        self.root = root
        self.urls = urls
        self._turns = itertools.cycle(urls)

    def turn(self) -> str:
        """Return whose turn it is."""
        return next(self._turns)

    def visit(self, key: str | None, seed: str = "0") -> Tab:
        """Open the page in a browser that holds this key, or none."""
        return Tab(self.turn, {SESSION_COOKIE: key} if key else {}, query=f"seed={seed}")


def start(
    root: Path, log: Path, server: Path = SERVER, **environment: str
) -> tuple[subprocess.Popen[bytes], str]:
    """Start a replica on a volume; return it and its URL, where it is ready soon."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(server)]
    options = {
        "STREAMLIT_SERVER_PORT": str(port),
        "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
        "STREAMLIT_SERVER_HEADLESS": "true",
        "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none",
        "STREAMLIT_SERVER_MAX_UPLOAD_SIZE": str(MAX_UPLOAD_MIB),
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
        "SESSION_ROOT": str(root),
        "PYTHONPATH": str(REPOSITORY),
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env={**os.environ, **options, **environment}, stdout=out, stderr=out
        )
    return process, f"http://127.0.0.1:{port}"


def wait_until_healthy(url: str, log: Path) -> None:
    """Return when the replica serves."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/_stcore/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    pytest.fail(f"{url} did not become healthy:\n{log.read_text()}")


@pytest.fixture(scope="module")
def replicas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicas]:
    """Give two replicas on one folder."""
    root = tmp_path_factory.mktemp("volume")
    logs = [root.with_name(f"{root.name}-{number}.log") for number in range(2)]
    secret = secrets.token_hex(32)
    started = [start(root, log, STREAMLIT_SERVER_COOKIE_SECRET=secret) for log in logs]
    try:
        for (_, url), log in zip(started, logs, strict=True):
            wait_until_healthy(url, log)
        yield Replicas(root, [url for _, url in started])
    finally:
        for process, _ in started:
            process.terminate()
            process.wait(timeout=PATIENCE)


@pytest.fixture
def key() -> str:
    """Give a browser's session key."""
    return mint()


@pytest.fixture
def tab(replicas: Replicas, key: str) -> Iterator[Tab]:
    """Give an open page, whose script has run once."""
    with replicas.visit(key) as tab:
        tab.run()
        yield tab
