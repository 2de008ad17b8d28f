"""Where the suite runs, and what each test is given.

Without --base-url it runs against the local stack that the environment names (COMPOSE_PROJECT_NAME,
PORT ...), and may break its replicas. With --base-url of anything else it is a black box: tests
that need the `cluster` or the `volume` are skipped, saying so.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from e2e.chat import Chat
from e2e.volume import Volume
from parity.cluster.compose import Compose
from parity.host.browser import ARGUMENTS, ensure_browser
from parity.project import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import BrowserContext, Page


@pytest.fixture(scope="session")
def base_url(request: pytest.FixtureRequest) -> str:
    """Return the address under test."""
    given: str | None = request.config.getoption("--base-url", default=None)
    return given or read_settings().url


@pytest.fixture(scope="session")
def is_local(request: pytest.FixtureRequest) -> bool:
    """Tell whether the address is the local stack's, whose replicas may be broken."""
    return not request.config.getoption("--base-url", default=None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use Playwright's own browser where it is installed, else the system's Chromium."""
    return {**browser_type_launch_args, "executable_path": ensure_browser(), "args": ARGUMENTS}


@pytest.fixture
def cluster(is_local: bool) -> Iterator[Compose]:  # noqa: FBT001 - a fixture
    """Give the replicas, and mend after the test whatever it broke."""
    if not is_local:
        pytest.skip("breaks replicas, and the address is not the local stack's")
    settings = read_settings()
    compose = Compose(settings)
    yield compose
    for replica in compose.replicas():
        compose.start(replica.number)
    if len(compose.replicas()) != settings.replicas:
        compose.scale(settings.replicas)
    compose.wait_healthy()
    wait_for_quiet_network()


def wait_for_quiet_network() -> None:
    """Wait until no interface of this machine is still getting its addresses.

    Each container that starts brings one, and each change makes Chromium drop what it loads.
    """
    tentative = 0x40  # IFA_F_TENTATIVE of linux/if_addr.h: duplicate address detection runs
    table = Path("/proc/net/if_inet6")
    deadline = time.monotonic() + 10
    while table.exists() and time.monotonic() < deadline:
        if not any(int(line.split()[4], 16) & tentative for line in table.read_text().splitlines()):
            break
        time.sleep(0.1)


@pytest.fixture
def volume(is_local: bool) -> Volume:  # noqa: FBT001 - a fixture
    """Give the shared volume as the host sees it."""
    if not is_local:
        pytest.skip("looks into the volume, and the address is not the local stack's")
    return Volume(read_settings().data)


@pytest.fixture
def bedrock(is_local: bool) -> str:  # noqa: FBT001 - a fixture
    """Return the address of the Bedrock stand-in's admin routes."""
    if not is_local:
        pytest.skip("asks the Bedrock stand-in, and the address is not the local stack's")
    return f"http://127.0.0.1:{read_settings().bedrock_port}"


@pytest.fixture
def open_chat(base_url: str) -> Callable[[BrowserContext], Chat]:
    """Give a function that opens the chat in a new tab of a browser context."""

    def opened(context: BrowserContext) -> Chat:
        chat = Chat(context.new_page(), base_url)
        chat.load()
        return chat

    return opened


@pytest.fixture
def chat(page: Page, base_url: str) -> Chat:
    """Give the chat, opened in a fresh browser."""
    chat = Chat(page, base_url)
    chat.load()
    return chat


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:  # noqa: ANN401 - pytest's own protocol
    """Add the replicas' last log lines to the report of a failed test."""
    report = yield
    if report.failed and not item.config.getoption("--base-url", default=None):
        cluster = Compose(read_settings())
        for replica in cluster.replicas():
            log = cluster.logs(replica.number, tail=40)
            report.sections.append((f"log of {replica.name}", log))
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that break replicas; all others may run side by side."""
    for item in items:
        if "cluster" in getattr(item, "fixturenames", ()):
            item.add_marker("breaks_replicas")


def pytest_report_header() -> str:
    """Say which mode of stickiness is under test."""
    return f"stickiness: {os.environ.get('STICKINESS', 'as running')}; started {time.ctime()}"
