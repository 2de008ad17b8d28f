"""The smoke part of the browser suite, against the address that was just deployed to."""

from __future__ import annotations

from parity import console
from parity.errors import ParityError
from parity.host.browser import ensure_browser
from parity.host.command import show
from parity.host.python_environment import ensure_dev_environment, tool
from parity.project import ROOT

MARK = "smoke"
WORKERS = 2  # browsers; about one a task


def command(url: str) -> list[str]:
    """Return the argv of the smoke tests."""
    at_once = ["-n", str(WORKERS)]
    return [tool("python"), "-m", "pytest", "e2e", "-m", MARK, *at_once, "--base-url", url]


def smoke(url: str) -> None:
    """Run the smoke tests; their output goes to the terminal. Raises ParityError if one fails."""
    ensure_dev_environment()
    ensure_browser()
    console.headline(f"smoke tests of {url}")
    if show(command(url), cwd=ROOT, stdout_is_stderr=True):
        raise ParityError(
            f"the smoke tests of {url} failed: the image runs, but the chat does not work",
            hint="parity rollback, or parity status",
        )
