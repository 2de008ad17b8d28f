"""What each test is given; where the suite runs is chosen in e2e/target.py."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from e2e.chat import Chat
from e2e.skips import account, why_not
from e2e.target import BlackBox, add_options, chosen
from parity.errors import ParityError
from parity.host.browser import ARGUMENTS, ensure_browser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import BrowserContext, Page

    from e2e.https import Https
    from e2e.model import Model
    from e2e.target import Target
    from e2e.volume import Volume
    from parity.cluster.protocol import Cluster


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --target and --stack."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Make the suite's own marker known, and say at once when there is no such target.

    SIGTERM ends the run as Ctrl-C does: what a test broke is mended, a stack of its own taken down.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    config.addinivalue_line(
        "markers", "needs(*abilities): what the cluster must be able to do to a replica"
    )
    try:
        if not config.getoption("--collect-only"):
            target = chosen(config)
            _ = target.url  # for a deployed stack, the first that AWS is asked for
            os.environ.update(target.environment)  # before Playwright starts its Node
    except ParityError as error:
        raise pytest.UsageError(f"{error.what}\nnext: {error.hint}") from error


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> Target:
    """Give the one place where this run happens."""
    return chosen(request.config)


@pytest.fixture(scope="session")
def base_url(target: Target) -> str:
    """Return the address under test."""
    return target.url


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], target: Target
) -> dict[str, Any]:
    """Use Playwright's own browser where it is installed, else the system's Chromium."""
    arguments = [*ARGUMENTS, *target.browser_arguments]
    return {**browser_type_launch_args, "executable_path": ensure_browser(), "args": arguments}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test that asks for what this target has not, before a browser is opened for it."""
    if why := why_not(item, chosen(item.config)):
        pytest.skip(why)


def pytest_report_collectionfinish(config: pytest.Config, items: list[pytest.Item]) -> list[str]:
    """Say how many of the tests run here and why the others do not; --collect-only names them."""
    return account(items, chosen(config), in_full=config.getoption("--collect-only"))


@pytest.fixture
def cluster(target: Target) -> Iterator[Cluster]:
    """Give the replicas, and mend after the test whatever it broke."""
    yield target.cluster
    target.cluster.mend()
    target.settle()


@pytest.fixture
def volume(target: Target) -> Volume:
    """Give the shared volume, past every replica."""
    return target.volume


@pytest.fixture
def model(target: Target) -> Model:
    """Give what is known of the answers."""
    return target.model


@pytest.fixture
def bedrock(target: Target) -> str:
    """Return the address of the Bedrock stand-in's admin routes."""
    return target.bedrock


@pytest.fixture
def https(target: Target) -> Https:
    """Give the load balancer's two listeners, one of which speaks HTTPS."""
    return target.https


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
    if report.failed:
        report.sections += _logs(chosen(item.config))
    return report


def _logs(target: Target) -> list[tuple[str, str]]:
    """Return title and text of each replica's log; of a black box, none."""
    if isinstance(target, BlackBox):
        return []
    try:
        replicas = target.cluster.replicas()
        logs = [target.cluster.logs(replica.number, tail=40) for replica in replicas]
    except ParityError as error:
        return [("no logs", str(error))]
    return [(f"log of {each.name}", log) for each, log in zip(replicas, logs, strict=True)]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that break what all share; all others may run side by side.

    A container that comes or goes is enough: Chromium then drops what it is loading. And mark those
    of the load balancer alone, which are the same whatever stack runs, and those that are the same
    whether it is sticky or not.
    """
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "cluster" in fixtures or "page_of_files" in fixtures:
            item.add_marker("breaks_replicas")
        if "fleet" in fixtures:
            item.add_marker("scripted")
        elif item.path.parent.name == "load_balancer" and item.path.stem != "test_stickiness":
            item.add_marker("every_fault")


def pytest_report_header(config: pytest.Config) -> str:
    """Say where the suite runs and which mode of stickiness is under test."""
    where = config.getoption("--base-url", default=None) or config.getoption("--target")
    mode = os.environ.get("STICKINESS", "as running")
    return f"target: {where}; stickiness: {mode}; started {time.ctime()}"
