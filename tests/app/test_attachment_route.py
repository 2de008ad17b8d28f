"""What is attached goes to its own browser only, and never runs on this site."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.browser import attachment
from app.browser.names import SESSION_COOKIE
from app.sessions import SessionStore, mint, public_id
from app.settings import read_settings
from tests.pictures import picture, png

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from app.sessions import Attachment

PAGE = b"<html><script>alert(1)</script></html>"


class Browser:
    """A browser that holds a key, and a session that has something attached."""

    def __init__(self, root: Path, key: str) -> None:
        self.key = key
        self.session = SessionStore(root).open(key)
        self.http = TestClient(Starlette(routes=[attachment.route]), cookies={SESSION_COOKIE: key})

    def attach(self, name: str, content: bytes) -> Attachment:
        """Attach something."""
        return self.session.attach(content, name=name)

    def address(self, attached: Attachment) -> str:
        """Return where it is."""
        return f"/{attachment.address(self.session.id, attached)}"


@pytest.fixture
def open_browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Browser]]:
    """Give a function that opens another browser."""
    monkeypatch.setenv("SESSION_ROOT", str(tmp_path))
    read_settings.cache_clear()
    yield lambda: Browser(tmp_path, mint())
    read_settings.cache_clear()


@pytest.fixture
def browser(open_browser: Callable[[], Browser]) -> Browser:
    """Give a browser."""
    return open_browser()


@pytest.mark.parametrize("format_", ["png", "jpeg", "gif", "webp"])
def test_image_is_shown_to_its_browser_alone(browser: Browser, format_: str) -> None:
    """As what its first bytes say that it is, whatever its name says."""
    content = picture(format_)
    got = browser.http.get(browser.address(browser.attach("view.png", content)))
    assert (got.status_code, got.content) == (200, content)
    assert got.headers["content-type"] == f"image/{format_}"
    assert got.headers["content-disposition"] == "inline; filename*=utf-8''view.png"
    assert got.headers["cache-control"] == "private, max-age=86400, immutable"
    assert got.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("name", ["page.html", "notes.txt", "plan.md", "table.csv"])
def test_what_could_be_a_page_is_only_saved(browser: Browser, name: str) -> None:
    """No browser takes it for one, and if one did, nothing in it would run."""
    got = browser.http.get(browser.address(browser.attach(name, PAGE)))
    assert got.content == PAGE
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"] == f"attachment; filename*=utf-8''{name}"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ("報告 2.txt", "報告 2.txt"),
        ("a;b=c&d.txt", "a;b=c&d.txt"),
        ("%0d%0aX-Evil:1.txt", "%0d%0aX-Evil_1.txt"),
        ('<a "b>.txt', "_a _b_.txt"),
        ("..\\..\\x.txt", ".._.._x.txt"),
        ("\u202etxt.md", "_txt.md"),
        ("x" * 200 + ".txt", "x" * 116 + ".txt"),
    ],
)
def test_name_is_data(browser: Browser, name: str, saved: str) -> None:
    """It is encoded whole, breaks no header, and can be saved anywhere."""
    got = browser.http.get(browser.address(browser.attach(name, b"x")))
    assert got.headers["content-disposition"].endswith(f"''{quote(saved, safe='')}")
    assert "x-evil" not in got.headers


def test_name_may_be_missing_and_is_no_longer_than_a_name(browser: Browser) -> None:
    """The address is the browser's to change; nothing but the name depends on it."""
    bare = browser.address(browser.attach("notes.txt", b"x")).partition("?")[0]
    assert browser.http.get(bare).headers["content-disposition"] == "attachment"
    got = browser.http.get(bare, params={"name": "x" * 5000})
    assert got.headers["content-disposition"] == f"attachment; filename*=utf-8''{'x' * 120}"


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [
        ("bytes=0-4", 206, b"01234"),
        ("bytes=7-", 206, b"789"),
        ("bytes=-2", 206, b"89"),
        ("bytes=10-", 416, b"no such range"),
        ("bytes=a-b", 416, b"no such range"),
    ],
)
def test_a_range_can_be_had(browser: Browser, asked: str, status: int, content: bytes) -> None:
    """As a download that goes on, or a PDF viewer, asks for it."""
    address = browser.address(browser.attach("digits.txt", b"0123456789"))
    got = browser.http.get(address, headers={"range": asked})
    assert (got.status_code, got.content) == (status, content)
    assert got.headers["content-range"].endswith("/10")


def test_head_says_what_get_would(browser: Browser) -> None:
    """But for the content."""
    address = browser.address(browser.attach("view.png", png()))
    got, head = browser.http.get(address), browser.http.head(address)
    assert head.content == b""
    assert dict(head.headers) == dict(got.headers)


def test_another_browser_gets_what_it_would_get_of_nothing(
    browser: Browser, open_browser: Callable[[], Browser]
) -> None:
    """Not even a difference that would tell that there is something."""
    mine = browser.attach("view.png", png())
    other = open_browser()
    other.attach("other.png", png(3, 3))
    nothing: Attachment = {**mine, "sha256": "0" * 64}
    refused = other.http.get(other.address(nothing))
    assert refused.status_code == 404
    for address in (browser.address(mine), other.address(mine)):
        answer = other.http.get(address)
        assert (answer.status_code, answer.content, dict(answer.headers)) == (
            refused.status_code,
            refused.content,
            dict(refused.headers),
        )


@pytest.mark.parametrize(
    "address",
    [
        "/attachments/{id}/..%2f..%2fcookie-secret",
        "/attachments/{id}/%2e%2e",
        "/attachments/{id}/{sha}.part",
        "/attachments/{id}/" + "G" * 64,
        "/attachments/00000000/{sha}",
        "/attachments/..%2f{id}/{sha}",
        "/attachments/{id}/{sha}/more",
        "/attachments/{id}",
    ],
)
def test_forged_address_finds_nothing(browser: Browser, address: str) -> None:
    """No path is made of what is no SHA-256."""
    attached = browser.attach("notes.txt", b"x")
    path = address.format(id=browser.session.id, sha=attached["sha256"])
    assert browser.http.get(path).status_code == 404


@pytest.mark.parametrize("key", ["", "short", "../" * 14, "x" * 43])
def test_forged_cookie_finds_nothing(browser: Browser, key: str) -> None:
    """Nor does one that is missing, of another form, or nobody's."""
    address = browser.address(browser.attach("notes.txt", b"x"))
    stranger = TestClient(Starlette(routes=[attachment.route]), cookies={SESSION_COOKIE: key})
    assert stranger.get(address).status_code == 404
    if key == "x" * 43:
        assert stranger.get(address.replace(browser.session.id, public_id(key))).status_code == 404


def test_file_that_is_damaged_or_gone_is_not_sent(browser: Browser, tmp_path: Path) -> None:
    """What comes is what was attached, or nothing."""
    attached = browser.attach("notes.txt", b"x")
    [blob] = tmp_path.rglob(attached["sha256"])
    blob.write_bytes(b"y")
    assert browser.http.get(browser.address(attached)).status_code == 404
    blob.unlink()
    assert browser.http.get(browser.address(attached)).status_code == 404


def test_volume_that_fails_is_said_to(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser may ask again later: it is not told that there is nothing."""
    address = browser.address(browser.attach("notes.txt", b"x"))

    def broken(*_: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("app.sessions.files.open_to_read", broken)
    got = browser.http.get(address)
    assert got.status_code == 503
    assert "cache-control" not in got.headers
