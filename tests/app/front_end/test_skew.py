"""A replica serves the files of every version, and talks to pages of its own only."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app.front_end import archive, front_ends
from app.front_end.front_ends import FrontEnds
from app.front_end.skew import LONGEST, PING, STREAM, VersionSkew
from app.front_end.stamp import COOKIE, PINGS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.requests import Request
    from starlette.websockets import WebSocket

OTHER = "0.1.0-0123abcd.zip"
SCRIPT = "static/js/index.Foreign1.js"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a volume on which nothing was published."""
    (tmp_path / "volume").mkdir()
    return tmp_path / "volume"


@pytest.fixture
def publish(tmp_path: Path, root: Path) -> Callable[..., None]:
    """Give a function that publishes another version's files, as its replica does."""

    def published(name: str = OTHER, **texts: str) -> None:
        folder = tmp_path / f"static of {name}"
        for url, text in (texts or {SCRIPT: "foreign()"}).items():
            (folder / url).parent.mkdir(parents=True, exist_ok=True)
            (folder / url).write_text(text)
        archive.publish(root, name, archive.files_below({"static": str(folder / "static")}))

    return published


@pytest.fixture
def ends(root: Path) -> FrontEnds:
    """Give the front ends that one replica knows, its own published."""
    ends = FrontEnds(root)
    ends.publish([])
    ends.wait_published()
    return ends


@pytest.fixture
def client(ends: FrontEnds) -> TestClient:
    """Give a client of a replica."""

    async def streamlits(request: Request) -> PlainTextResponse:
        return PlainTextResponse(f"Streamlit's {request.url.path}")

    async def stream(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("welcome")
        await websocket.close()

    app = Starlette(
        routes=[WebSocketRoute(STREAM, stream), Route("/{path:path}", streamlits)],
        middleware=[Middleware(VersionSkew, ends)],
    )
    return TestClient(app)


def test_own_files_are_on_the_volume_before_the_start_goes_on(ends: FrontEnds, root: Path) -> None:
    """All that Streamlit serves below /static/, for replicas that have other files."""
    assert len(ends.own) > 300
    [name] = archive.listed(root)
    assert name.startswith(f"{ends.version}-")
    reader = FrontEnds(root)
    assert all(reader.read(url) for url in ends.own)


def test_file_of_another_version_is_served_as_streamlit_would(
    client: TestClient, publish: Callable[..., None]
) -> None:
    """For ever, as its name has a hash of its content; with the type a module needs."""
    publish()
    answer = client.get(f"/{SCRIPT}")
    assert (answer.status_code, answer.text) == (200, "foreign()")
    assert answer.headers["content-type"].split(";")[0] in {
        "text/javascript",
        "application/javascript",
    }
    assert answer.headers["cache-control"] == "public, immutable, max-age=31536000"
    assert client.head(f"/{SCRIPT}").headers["content-length"] == "9"


def test_version_that_comes_later_is_found(
    client: TestClient, publish: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replica that has looked in vain looks again, but not at each request."""
    assert client.get(f"/{SCRIPT}").status_code == 404
    publish()
    assert client.get(f"/{SCRIPT}").status_code == 404
    monkeypatch.setattr(front_ends, "LOOK_SECONDS", 0)
    assert client.get(f"/{SCRIPT}").status_code == 200


def test_file_that_no_version_has_is_not_found(client: TestClient) -> None:
    """Streamlit would send its index.html as a script, and a cache might keep that."""
    answer = client.get("/static/js/index.Nowhere1.js")
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


def test_own_files_and_all_else_are_streamlits(client: TestClient, ends: FrontEnds) -> None:
    """The middleware is no way around what Streamlit does with a request."""
    own = next(iter(ends.own))
    for path in (f"/{own}", "/", "/healthz", "/media/abc.png", "/_stcore/health", "/statics/a.js"):
        assert client.get(path).text == f"Streamlit's {path}"
    assert client.post("/static/js/a.b.js").status_code == 405  # the routes' own answer
    assert client.get("/component/unknown.thing/index.html").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/%2e%2e/%2e%2e/cookie-secret",
        "/static/js/%2e%2e%2f%2e%2e%2fcookie-secret",
        "/static//etc/passwd",
        "/static/js/..%5c..%5ccookie-secret",
        "/static/js/.hidden",
        "/static/js/a%00.js",
        "/static/js/a\N{LATIN SMALL LETTER E WITH ACUTE}.js",
        "/static/" + "a" * LONGEST,
        "/static/" + "a/" * 9 + "a.js",
        "/component/../../cookie-secret",
    ],
)
def test_odd_names_are_never_looked_up(
    client: TestClient, ends: FrontEnds, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """They are for Streamlit to refuse."""
    monkeypatch.setattr(ends, "read", pytest.fail)
    assert client.get(path).text.startswith("Streamlit's ")


def test_archive_that_is_damaged_is_passed_over(
    client: TestClient,
    root: Path,
    publish: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither its bytes nor its end are believed; whole again, it serves again."""
    monkeypatch.setattr(front_ends, "LOOK_SECONDS", 0)
    publish()
    publish("0.2.0-0123abcd.zip", **{"static/js/third.Foreign2.js": "third()"})
    path = root / archive.FOLDER / OTHER
    whole = path.read_bytes()
    for broken in (whole.replace(b"foreign()", b"hostile()"), whole[:-30], b""):
        path.write_bytes(broken)
        assert client.get(f"/{SCRIPT}").status_code == 404
        assert client.get("/static/js/third.Foreign2.js").text == "third()"
    path.write_bytes(whole)
    assert client.get(f"/{SCRIPT}").text == "foreign()"
    path.unlink()
    assert client.get("/static/js/other.Nowhere1.js").status_code == 404


@pytest.mark.parametrize(
    "page", [None, f"{FrontEnds.version}:2", "1.0.0:0", "1.0.0", "1.0.0:-1", "1.0.0:99", '"', ""]
)
def test_page_that_is_not_new_or_of_the_same_version_is_connected(
    client: TestClient, page: str | None
) -> None:
    """So is one that was refused often enough, and one whose cookie says nothing."""
    cookies = {"Cookie": f"{COOKIE}={page}"} if page is not None else {}
    with client.websocket_connect(STREAM, headers=cookies) as connection:
        assert connection.receive_text() == "welcome"


def connects(client: TestClient) -> bool:
    """Do what a page does: ask whether it could connect, then connect; tell whether it could."""
    assert client.get(PING).status_code == 200
    try:
        with client.websocket_connect(STREAM) as connection:
            return connection.receive_text() == "welcome"
    except WebSocketDisconnect:
        return False


def test_new_page_of_another_version_is_refused_but_not_for_ever(client: TestClient) -> None:
    """No replica of its version may be left; connected, it finds that out and reloads."""
    client.cookies.set(COOKIE, f"1.0.0:{PINGS}", domain="testserver.local", path="/")
    assert [connects(client) for _ in range(PINGS + 1)] == [False, False, True, True]


def test_who_is_no_new_page_gets_no_cookie(client: TestClient) -> None:
    """Neither a balancer that asks for its health, nor a page that has been counted out."""
    for said in ("", "1.0.0:0", "nonsense"):
        answer = client.get(PING, headers={"Cookie": f"{COOKIE}={said}"})
        assert "set-cookie" not in answer.headers


def test_volume_that_does_not_answer_holds_up_no_start_for_ever(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is where the volume's troubles are told, and it needs a replica."""
    answers = threading.Event()
    monkeypatch.setattr(archive, "listed", lambda _: answers.wait() and [])
    monkeypatch.setattr(front_ends, "PATIENCE_SECONDS", 0.2)
    ends, began = FrontEnds(root), time.monotonic()
    ends.publish([])
    ends.wait_published()
    assert 0.2 <= time.monotonic() - began < 5
    answers.set()


def test_volume_that_fails_is_tried_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it works."""
    monkeypatch.setattr(front_ends, "RETRY_SECONDS", 0.05)
    (root / archive.FOLDER).touch()  # no folder can be made there
    ends = FrontEnds(root)
    ends.publish([])
    time.sleep(0.2)
    (root / archive.FOLDER).unlink()
    ends.wait_published()
    assert len(archive.listed(root)) == 1


def test_page_of_a_component_is_asked_for_each_time(
    client: TestClient, root: Path, tmp_path: Path
) -> None:
    """Names of a component's files need not have a hash in them."""
    folder = tmp_path / "component"
    folder.mkdir()
    (folder / "main.js").write_text("component()")
    archive.publish(root, OTHER, archive.files_below({"component/some.thing": str(folder)}))
    answer = client.get("/component/some.thing/main.js")
    assert answer.text == "component()"
    assert answer.headers["cache-control"] == "no-cache"
