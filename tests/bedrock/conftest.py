"""A stand-in that really listens, in a thread of the test's own process."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.bedrock.listening import listening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp

    Serve = Callable[[ASGIApp], str]


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """Serves an ASGI application until the module's tests are done; returns its base URL."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(listening(app))
