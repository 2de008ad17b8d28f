"""A browser for the e2e suite: Playwright's own, else the system's Chromium, else installed."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from shutil import which

from parity.console import step
from parity.errors import ParityError
from parity.host.command import run, succeeds
from parity.host.distribution import read_distribution
from parity.host.packages import install

# The shell first: the same engine without a browser's own windows takes half the processor. It is
# what Playwright itself runs where no window is wanted.
SHELL = "chromium-headless-shell"
SYSTEM_BROWSERS = (SHELL, "chromium", "google-chrome")
# As root there is no sandbox; and a test's browser is to ask nobody but the server under test.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Why Chromium drops what is under way: any container that starts or stops may cause it.
NETWORK_CHANGED = "ERR_NETWORK_CHANGED"
PLAYWRIGHT_SECONDS = 600
HINT = "install Chromium, or: .venv/bin/playwright install --with-deps chromium"
ASK_PLAYWRIGHT = (
    "from playwright.sync_api import sync_playwright as p\n"
    "with p() as found: print(found.chromium.executable_path)"
)


def find_browser() -> str | None:
    """Return the path of the browser that the e2e suite would use; None when there is none."""
    return _playwrights_own() or _systems()


def ensure_browser() -> str:
    """Return a browser's path, installing one where the kit may. Raises ParityError elsewhere."""
    if found := find_browser():
        return found
    # On Ubuntu the package `chromium` is a stub for a snap, which containers cannot run.
    if os.geteuid() == 0 and read_distribution().id == "debian":
        with step("Install Chromium from the distribution's packages"):
            install([SHELL], hint=HINT)
    else:
        with step("Download Playwright's Chromium"):
            run(
                playwright_install(as_root=os.geteuid() == 0), timeout=PLAYWRIGHT_SECONDS, hint=HINT
            )
    if found := find_browser():
        return found
    raise ParityError("no browser for the e2e suite was found", hint=HINT)


def playwright_install(*, as_root: bool) -> list[str]:
    """Return the argv that downloads Playwright's browser, as root with the libraries it needs."""
    libraries = ["--with-deps"] if as_root else []
    return [sys.executable, "-m", "playwright", "install", *libraries, "chromium"]


def _playwrights_own() -> str | None:
    try:
        path = run([sys.executable, "-c", ASK_PLAYWRIGHT], timeout=30).strip()
    except ParityError:
        return None  # Playwright itself is not installed yet
    return path if Path(path).exists() else None


def _systems() -> str | None:
    """Return the first that really runs: Ubuntu's stub without its snap does not."""
    paths = (which(name) for name in SYSTEM_BROWSERS)
    return next((path for path in paths if path and succeeds([path, "--version"])), None)
