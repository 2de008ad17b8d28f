"""A stand-in that really listens, in a thread of the test's own process."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest
import uvicorn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp

    Serve = Callable[[ASGIApp], str]


@contextmanager
def _listening(app: ASGIApp) -> Iterator[str]:
    config = uvicorn.Config(
        app, port=0, access_log=False, log_level="warning", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        assert thread.is_alive(), "the server died while it started"
        assert time.monotonic() < deadline, "the server did not start in 10 s"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """Serves an ASGI application until the module's tests are done; returns its base URL."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(_listening(app))
