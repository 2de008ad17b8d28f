"""A browser is found, or installed, in a fixed order."""

from __future__ import annotations

import pytest

from parity.errors import ParityError
from parity.host import browser
from parity.host.distribution import Distribution


@pytest.fixture
def none(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A machine without a browser; what is installed is noted in the list."""
    did: list[str] = []
    monkeypatch.setattr(browser, "_playwrights_own", lambda: None)
    monkeypatch.setattr(browser, "_systems", lambda: "/usr/bin/chromium" if did else None)
    monkeypatch.setattr(browser, "install", lambda names, **_: did.extend(names))
    monkeypatch.setattr(browser, "run", lambda argv, **_: did.append(argv[2]))
    monkeypatch.setattr(browser, "read_distribution", lambda: Distribution("debian", "", "12"))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    return did


def test_playwrights_own_wins_over_the_systems(
    none: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the version that Playwright was made with."""
    monkeypatch.setattr(browser, "_playwrights_own", lambda: "/cache/chrome")
    monkeypatch.setattr(browser, "_systems", lambda: "/usr/bin/chromium")
    assert browser.ensure_browser() == "/cache/chrome"
    assert none == []


def test_debian_as_root_gets_the_distributions_chromium(none: list[str]) -> None:
    """Playwright's own download may be out of reach."""
    assert browser.ensure_browser() == "/usr/bin/chromium"
    assert none == [browser.SHELL]


@pytest.mark.parametrize(("distribution", "user"), [("ubuntu", 0), ("debian", 1000), ("", 1000)])
def test_elsewhere_playwright_downloads_one(
    none: list[str], monkeypatch: pytest.MonkeyPatch, distribution: str, user: int
) -> None:
    """Ubuntu's package is a snap, and others cannot install packages."""
    monkeypatch.setattr(browser, "read_distribution", lambda: Distribution(distribution, "", ""))
    monkeypatch.setattr("os.geteuid", lambda: user)
    browser.ensure_browser()
    assert none == ["playwright"]


def test_no_browser_at_all_is_one_clear_error(
    none: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After everything has been tried."""
    monkeypatch.setattr(browser, "_systems", lambda: None)
    with pytest.raises(ParityError, match="no browser") as caught:
        browser.ensure_browser()
    assert "playwright install" in caught.value.hint
    assert none == [browser.SHELL]


def test_system_libraries_are_asked_for_only_as_root() -> None:
    """Playwright would call sudo."""
    assert "--with-deps" in browser.playwright_install(as_root=True)
    assert "--with-deps" not in browser.playwright_install(as_root=False)


def test_stub_that_does_not_run_is_no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ubuntu's chromium without its snap."""
    monkeypatch.setattr(browser, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(browser, "succeeds", lambda argv: "google-chrome" in argv[0])
    assert browser._systems() == "/usr/bin/google-chrome"
