"""Every request on another replica: what Streamlit answers with 400 and 404 is answered."""

from __future__ import annotations

import hashlib
import http.client
import itertools
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from app.browser.names import SESSION_COOKIE
from app.sessions import mint
from app.shared_files import find_upload, remove_upload
from e2e.wire import Tab, component_of
from tests.app.shared_files.conftest import MAX_UPLOAD_MIB, start, wait_until_healthy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamlit.proto.Common_pb2 import FileURLs

    from tests.app.shared_files.conftest import Replicas

DATA = bytes(range(256)) * 1000
LIMIT = MAX_UPLOAD_MIB * 2**20
KINDS = ("image", "audio", "video", "download")
TYPES = {
    "image": "image/jpeg",
    "audio": "audio/wav",
    "video": "video/mp4",
    "download": "text/plain; charset=utf-8",
}


def received(name: str, type_: str, data: bytes) -> str:
    """Return what the page says of a file that arrived."""
    return f"received {name} {type_} {len(data)} {hashlib.sha256(data).hexdigest()}"


def upload(tab: Tab, base: str, name: str = "a.bin", data: bytes = DATA) -> FileURLs:
    """Upload a file to one replica, which takes it."""
    (urls,) = tab.upload_urls(name)
    tab.turn = lambda: base
    assert tab.put(urls, name, data, "application/x-test").status_code == 204
    return urls


def names(replicas: Replicas, folder: str = "uploads") -> set[str]:
    """Return what is on the volume."""
    path = replicas.root / folder
    return {each.name for each in path.iterdir()} if path.exists() else set()


# Uploads


@pytest.mark.parametrize("number", [0, 1])
def test_upload_is_taken_by_any_replica(replicas: Replicas, tab: Tab, number: int) -> None:
    """The script on the websocket's replica gets it with name, type, size and content."""
    urls = upload(tab, replicas.urls[number], "ä b.bin")
    tab.run_with_files((urls, "ä b.bin", len(DATA)))
    assert received("ä b.bin", "application/x-test", DATA) in tab.texts()


def test_several_files_arrive_in_their_order(replicas: Replicas, tab: Tab) -> None:
    """As they are in the widget, not as they lie on the volume."""
    files = [
        (upload(tab, base, f"{n}.bin", bytes([n]) * 10), f"{n}.bin", 10)
        for n, base in zip(range(6), itertools.cycle(replicas.urls), strict=False)
    ]
    tab.run_with_files(*files)
    said = [each.split()[1] for each in tab.texts() if each.startswith("received")]
    assert said == [f"{n}.bin" for n in range(6)]


@pytest.mark.parametrize("number", [0, 1])
def test_upload_survives_the_hop_of_its_page(replicas: Replicas, tab: Tab, number: int) -> None:
    """Streamlit's session is another one then, and the browser is the same."""
    urls = upload(tab, replicas.urls[0])
    before = tab.session
    tab.hop(replicas.urls[number])
    tab.run()
    tab.run_with_files((urls, "a.bin", len(DATA)))
    assert tab.session != before
    assert received("a.bin", "application/x-test", DATA) in tab.texts()


def test_chat_message_comes_with_its_files(replicas: Replicas, tab: Tab) -> None:
    """Also one that was uploaded before the page came to this replica."""
    files = [(upload(tab, base), "a.bin", len(DATA)) for base in replicas.urls]
    tab.hop(replicas.urls[0])
    tab.run()
    tab.say("look", *files)
    assert "said look" in tab.texts()
    assert tab.texts().count(received("a.bin", "application/x-test", DATA)) == 2


@pytest.mark.parametrize("number", [0, 1])
def test_widget_deletes_its_file_on_any_replica(replicas: Replicas, tab: Tab, number: int) -> None:
    """It leaves the volume; to delete it again is no error."""
    urls = upload(tab, replicas.urls[0])
    assert urls.file_id in names(replicas)
    tab.turn = lambda: replicas.urls[number]
    assert [tab.delete(urls).status_code for _ in range(2)] == [204, 204]
    assert urls.file_id not in names(replicas)
    tab.run_with_files((urls, "a.bin", len(DATA)))
    assert not [each for each in tab.texts() if each.startswith("received")]


def test_same_file_may_be_sent_twice(replicas: Replicas, tab: Tab) -> None:
    """As by a browser whose network has lost the first answer."""
    (urls,) = tab.upload_urls("a.bin")
    for base, data in zip(replicas.urls, (b"first", b"second"), strict=True):
        tab.turn = lambda base=base: base  # type: ignore[misc]
        assert tab.put(urls, "a.bin", data, "text/plain").status_code == 204
    tab.run_with_files((urls, "a.bin", 6))
    assert received("a.bin", "text/plain", b"second") in tab.texts()


def test_app_finds_and_removes_an_upload_by_id_and_key(
    replicas: Replicas, tab: Tab, key: str
) -> None:
    """For a page that has no widget any more; as an open file that need not be in memory."""
    urls = upload(tab, replicas.urls[1], "ä.bin")
    assert find_upload(replicas.root, urls.file_id, mint()) is None
    remove_upload(replicas.root, urls.file_id, mint())
    file = find_upload(replicas.root, urls.file_id, key)
    assert file is not None
    with file:
        assert (file.name, file.type, file.size) == ("ä.bin", "application/x-test", len(DATA))
        assert (file.read(3), file.seek(-2, 2), file.read()) == (
            DATA[:3],
            len(DATA) - 2,
            DATA[-2:],
        )
    remove_upload(replicas.root, urls.file_id, key)
    assert find_upload(replicas.root, urls.file_id, key) is None


@pytest.mark.parametrize("number", [0, 1])
def test_largest_upload_is_taken_and_one_byte_more_is_not(
    replicas: Replicas, tab: Tab, number: int
) -> None:
    """The file itself is measured, not the body around it; nothing is left of what is refused."""
    upload(tab, replicas.urls[number], data=bytes(LIMIT))
    before = names(replicas)
    (urls,) = tab.upload_urls("b.bin")
    assert tab.put(urls, "b.bin", bytes(LIMIT + 1), "a/b").status_code == 413
    assert names(replicas) == before


def chunked(data: bytes, boundary: str = "xyz", files: int = 1) -> Iterator[bytes]:
    """Yield a multipart body, so that its length is not said ahead."""
    for number in range(files):
        yield (
            f'--{boundary}\r\nContent-Disposition: form-data; name="f{number}"; '
            f'filename="f{number}"\r\nContent-Type: text/plain\r\n\r\n'
        ).encode()
        for at in range(0, len(data), 50_000):
            yield data[at : at + 50_000]
        yield b"\r\n"
    yield f"--{boundary}--\r\n".encode()


MULTIPART = {"Content-Type": "multipart/form-data; boundary=xyz"}


def test_limit_holds_for_a_body_that_does_not_say_its_length(replicas: Replicas, tab: Tab) -> None:
    """It is refused as soon as it is too long, and exactly then."""
    before = names(replicas)
    (urls,) = tab.upload_urls("a.bin")
    address = replicas.urls[0] + urls.upload_url
    headers = MULTIPART | tab.xsrf_header()
    too_long = tab.http.put(address, content=chunked(bytes(LIMIT + 1)), headers=headers)
    assert (too_long.status_code, names(replicas)) == (413, before)
    assert tab.http.put(address, content=chunked(bytes(LIMIT)), headers=headers).status_code == 204


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"".join(chunked(b"a", files=2)), MULTIPART),
        (b"--xyz--\r\n", MULTIPART),
        (b"".join(chunked(b"a"))[:-9], MULTIPART),
        (b"nothing of the kind", MULTIPART),
        (b"a", {"Content-Type": "text/plain"}),
        (b"a", {"Content-Type": "multipart/form-data"}),
        (b"--xyz\r\n" + b"A" * 100_000, MULTIPART),
    ],
    ids=["two files", "none", "cut short", "no multipart", "other type", "no boundary", "header"],
)
def test_malformed_body_is_refused(
    replicas: Replicas, tab: Tab, body: bytes, headers: dict[str, str]
) -> None:
    """With 400, and nothing is left of it."""
    before = names(replicas)
    (urls,) = tab.upload_urls("a.bin")
    address = replicas.urls[1] + urls.upload_url
    answer = tab.http.put(address, content=body, headers=headers | tab.xsrf_header())
    assert (answer.status_code, names(replicas)) == (400, before)


def test_upload_that_breaks_off_leaves_nothing(replicas: Replicas, tab: Tab) -> None:
    """The browser was closed in the midst of it."""
    before = names(replicas)
    (urls,) = tab.upload_urls("a.bin")

    def breaks_off() -> Iterator[bytes]:
        yield from itertools.islice(chunked(bytes(500_000)), 8)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        tab.http.put(
            replicas.urls[0] + urls.upload_url,
            content=breaks_off(),
            headers=MULTIPART | tab.xsrf_header(),
        )
    # Its end comes to the replica as that of the connection; the next answer is behind it.
    upload(tab, replicas.urls[0])
    assert not [each for each in names(replicas) - before if each.startswith(".part")]


def test_upload_without_the_xsrf_token_is_refused(replicas: Replicas, tab: Tab) -> None:
    """Another site could otherwise send files, or delete them, in the user's name."""
    urls = upload(tab, replicas.urls[0])
    for base in replicas.urls:
        for header in ({}, {"X-Xsrftoken": "2|00000000|00000000|0"}):
            put = tab.http.put(base + urls.upload_url, files={"a": b"a"}, headers=header)
            delete = tab.http.delete(base + urls.delete_url, headers=header)
            assert (put.status_code, delete.status_code) == (403, 403)
    assert urls.file_id in names(replicas)


# Another's files


@pytest.fixture
def stranger(replicas: Replicas) -> Iterator[Tab]:
    """Give another browser's page."""
    with replicas.visit(mint()) as tab:
        tab.run()
        yield tab


def test_another_browser_has_no_use_for_an_upload(
    replicas: Replicas, tab: Tab, stranger: Tab
) -> None:
    """It can neither read, nor replace, nor delete it, nor upload to its address."""
    urls = upload(tab, replicas.urls[0])
    (unused,) = tab.upload_urls("b.bin")
    for base in replicas.urls:
        stranger.hop(base)
        stranger.run()
        stranger.run_with_files((urls, "a.bin", len(DATA)))
        assert not [each for each in stranger.texts() if each.startswith("received")]
        assert stranger.put(urls, "a.bin", b"mine", "a/b").status_code == 404
        assert stranger.put(unused, "a.bin", b"mine", "a/b").status_code == 404
        assert stranger.delete(urls).status_code == 404
        stranger.http.cookies.delete(SESSION_COOKIE)
        assert stranger.put(urls, "a.bin", b"mine", "a/b").status_code == 404
        assert stranger.delete(urls).status_code == 404
    tab.run_with_files((urls, "a.bin", len(DATA)))
    assert received("a.bin", "application/x-test", DATA) in tab.texts()


def test_another_browser_cannot_see_media(replicas: Replicas, tab: Tab, stranger: Tab) -> None:
    """Its own have other addresses, though the content is the same; this one's are 404 to it."""
    for kind, address in tab.media().items():
        assert stranger.media()[kind] != address
        for base in replicas.urls:
            assert tab.http.get(base + address).status_code == 200
            assert stranger.http.get(base + address).status_code == 404
            assert httpx.get(base + address).status_code == 404


def test_ids_that_no_replica_gave_out_are_refused(replicas: Replicas, tab: Tab) -> None:
    """Guessed, of another session, or changed in one digit."""
    (urls,) = tab.upload_urls("a.bin")
    before = names(replicas)
    changed = urls.file_id[:-1] + ("0" if urls.file_id[-1] != "0" else "1")
    for session, file_id in (
        (tab.session, "0" * 64),
        (tab.session, changed),
        ("another-session", urls.file_id),
    ):
        for base in replicas.urls:
            address = f"{base}/_stcore/upload_file/{session}/{file_id}"
            answer = tab.http.put(address, files={"a": b"a"}, headers=tab.xsrf_header())
            assert answer.status_code == 404
    assert names(replicas) == before


PATHS = [
    "/media/../../etc/passwd",
    "/media/..%2f..%2fetc%2fpasswd",
    "/media/%2e%2e/%2e%2e/etc/passwd",
    "/media/../uploads/{id}",
    "/media/..%2Fuploads%2F{id}",
    "/media/{id}/../../cookie-secret",
    "/media/{id}%00.png",
    "/media/{id}\\..\\..",
    "/media//etc/passwd",
    "/media/.part-0000000000000000",
    "/media/.clock",
    "/media/",
    "/media/{id}.png/x",
    "/media/A{id}",
]


@pytest.mark.parametrize("path", PATHS)
def test_paths_lead_nowhere_out_of_media(replicas: Replicas, tab: Tab, path: str) -> None:
    """They are sent as they are written, which no proper client does."""
    urls = upload(tab, replicas.urls[0])
    for base in replicas.urls:
        status, body = raw("GET", base, path.format(id=urls.file_id), tab)
        assert status in {400, 404}
        assert b"root:" not in body


@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/upload_file/{session}/../../../x",
        "/_stcore/upload_file/{session}/..%2f..%2fx",
        "/_stcore/upload_file/..%2f..%2fx/{id}",
        "/_stcore/upload_file/{session}/{id}/x",
        "/_stcore/upload_file/{session}/",
        "/_stcore/upload_file/{session}/.clock",
    ],
)
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_paths_lead_nowhere_out_of_uploads(
    replicas: Replicas, tab: Tab, path: str, method: str
) -> None:
    """Nothing is written and nothing removed."""
    urls = upload(tab, replicas.urls[0])
    before = {each for each in replicas.root.rglob("*") if not each.name.startswith(".")}
    for base in replicas.urls:
        status, _ = raw(method, base, path.format(session=tab.session, id=urls.file_id), tab)
        assert status in {400, 404}
    assert {each for each in replicas.root.rglob("*") if not each.name.startswith(".")} == before


def raw(method: str, base: str, path: str, tab: Tab) -> tuple[int, bytes]:
    """Send a path as it is, with the tab's cookies; return status and body."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=30)
    cookies = "; ".join(f"{each.name}={each.value}" for each in tab.http.cookies.jar)
    body = b"".join(chunked(b"a"))
    headers = {"Cookie": cookies, **tab.xsrf_header(), **MULTIPART}
    connection.request(method, path, body if method == "PUT" else None, headers)
    answer = connection.getresponse()
    try:
        return answer.status, answer.read()
    finally:
        connection.close()


# Media


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [0, 1])
def test_any_replica_sends_what_a_page_shows(
    replicas: Replicas, tab: Tab, kind: str, number: int
) -> None:
    """The moment that it was drawn, with its type and its length."""
    answer = tab.http.get(replicas.urls[number] + tab.media()[kind])
    assert answer.status_code == 200
    assert answer.headers["content-type"] == TYPES[kind]
    assert int(answer.headers["content-length"]) == len(answer.content) > 1000
    assert answer.headers["cache-control"] == "private"


def test_media_keep_their_address_on_every_replica_and_run(replicas: Replicas, tab: Tab) -> None:
    """So the browser need not load them again."""
    before = tab.media()
    for base in replicas.urls:
        tab.hop(base)
        tab.run()
        assert tab.media() == before


def test_download_has_its_name(replicas: Replicas, tab: Tab) -> None:
    """Quoted where that is safe."""
    answer = tab.http.get(replicas.urls[0] + tab.media()["download"])
    assert answer.headers["content-disposition"] == 'attachment; filename="report 0.txt"'
    assert answer.text == "report of 0\n" * 1000


def test_deferred_download_is_made_here_and_sent_from_anywhere(
    replicas: Replicas, tab: Tab
) -> None:
    """A name that is not ASCII comes as RFC 5987 has it; only its owner gets it."""
    address = tab.click_deferred()
    for base in replicas.urls:
        answer = tab.http.get(base + address)
        assert (answer.status_code, answer.content) == (200, b"made for 0")
        assert answer.headers["content-disposition"] == "attachment; filename*=utf-8''%C3%BC.bin"
        assert httpx.get(base + address).status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "extent"),
    [
        ("bytes=0-99", 206, (0, 100)),
        ("bytes=100-", 206, (100, None)),
        ("bytes=-7", 206, (-7, None)),
        ("bytes=5-5", 206, (5, 6)),
        ("bytes=0-99999999", 206, (0, None)),
        ("bytes=99999999-", 416, None),
        ("bytes=0-1,3-4", 416, None),
        ("lines=1-2", 416, None),
        ("bytes=9-3", 416, None),
    ],
)
def test_ranges_are_sent_by_every_replica(
    replicas: Replicas, tab: Tab, asked: str, status: int, extent: tuple[int, int | None] | None
) -> None:
    """One range, as for seeking in a video; Streamlit's own server refuses the same ones."""
    address = tab.media()["video"]
    whole = tab.http.get(replicas.urls[0] + address).content
    for base in replicas.urls:
        answer = tab.http.get(base + address, headers={"Range": asked})
        assert answer.status_code == status
        if extent is None:
            assert answer.headers["content-range"] == f"bytes */{len(whole)}"
        else:
            start, end = extent
            assert answer.content == whole[start:end]
            first = whole.index(answer.content) if start else 0
            last = first + len(answer.content) - 1
            assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(whole)}"


def test_head_says_what_get_would_send(replicas: Replicas, tab: Tab) -> None:
    """Safari asks so before it plays."""
    address = tab.media()["audio"]
    for base in replicas.urls:
        head, get = tab.http.head(base + address), tab.http.get(base + address)
        assert head.status_code == 200
        assert head.content == b""
        for name in ("content-length", "content-type", "accept-ranges"):
            assert head.headers[name] == get.headers[name]


# The rest


def test_component_has_its_files_on_a_replica_where_no_script_ran(
    replicas: Replicas, tab: Tab, tmp_path: Path
) -> None:
    """A page that another replica drew asks this one for them."""
    log = tmp_path / "cold.log"
    process, url = start(replicas.root, log)
    try:
        wait_until_healthy(url, log)
        for file in ("index.html", "script.js"):
            assert httpx.get(url + component_of(tab) + file).status_code == 200
    finally:
        process.terminate()
        process.wait()


def test_files_are_found_below_a_base_path(replicas: Replicas, tmp_path: Path) -> None:
    """As where the balancer gives an app a path of its own (server.baseUrlPath)."""
    log = tmp_path / "below.log"
    process, root = start(replicas.root, log, STREAMLIT_SERVER_BASE_URL_PATH="my/app")
    url = f"{root}/my/app"
    try:
        wait_until_healthy(url, log)
        with Tab(lambda: url, {SESSION_COOKIE: mint()}, query="seed=below") as tab:
            tab.run()
            urls = upload(tab, url)
            assert urls.file_id in names(replicas)
            assert tab.http.get(url + tab.media()["image"]).status_code == 200
            for path in ("/media/../../../etc/passwd", "/_stcore/upload_file/x/../../../x"):
                assert raw("GET", root, f"/my/app{path}", tab)[0] in {400, 404, 405}
    finally:
        process.terminate()
        process.wait()


def test_first_visit_has_files_before_it_has_a_cookie(replicas: Replicas) -> None:
    """They are then its session's, and go with it; uploads are the browser's once it has one."""
    with replicas.visit(None, seed="new") as tab:
        tab.run()
        for base in replicas.urls:
            assert tab.http.get(base + tab.media()["image"]).status_code == 200
        first = upload(tab, replicas.urls[0])
        (asked_before,) = tab.upload_urls("b.bin")
        tab.http.cookies.set(SESSION_COOKIE, mint())
        assert tab.put(asked_before, "b.bin", DATA, "a/b").status_code == 204
        tab.run_with_files((first, "a.bin", len(DATA)), (asked_before, "b.bin", len(DATA)))
        assert len([each for each in tab.texts() if each.startswith("received")]) == 2
        tab.hop(replicas.urls[1])
        tab.run()
        tab.run_with_files((first, "a.bin", len(DATA)), (asked_before, "b.bin", len(DATA)))
        assert [each.split()[1] for each in tab.texts() if each.startswith("received")] == ["b.bin"]


def test_media_are_the_browsers_once_the_page_knows_its_key(replicas: Replicas) -> None:
    """On a first visit the websocket comes before the cookie, so the page says whose it is."""
    with replicas.visit(None, seed="known") as tab:
        tab.run()
        before, key = tab.media(), mint()
        tab.http.cookies.set(SESSION_COOKIE, key)
        tab.tell_key(key)
        for kind, address in tab.media().items():
            assert address != before[kind]
            for base in replicas.urls:
                assert tab.http.get(base + address).status_code == 200
                assert httpx.get(base + address).status_code == 404
        shown = tab.media()
        tab.hop(replicas.urls[0])
        tab.run()
        assert tab.media() == shown


def test_volume_that_refuses_is_told_and_the_replica_lives(replicas: Replicas, tab: Tab) -> None:
    """503 to the browser; as soon as the volume works, so does it."""
    address = tab.media()["image"]
    (urls,) = tab.upload_urls("a.bin")
    for folder in ("uploads", "media"):
        (replicas.root / folder).mkdir(exist_ok=True)
        (replicas.root / folder).rename(replicas.root / f"{folder}-away")
        (replicas.root / folder).write_text("no folder")
    try:
        for base in replicas.urls:
            tab.turn = lambda base=base: base  # type: ignore[misc]
            assert tab.put(urls, "a.bin", DATA, "a/b").status_code == 503
            assert tab.http.get(base + address).status_code == 503
    finally:
        for folder in ("uploads", "media"):
            (replicas.root / folder).unlink()
            (replicas.root / f"{folder}-away").rename(replicas.root / folder)
    for base in replicas.urls:
        tab.turn = lambda base=base: base  # type: ignore[misc]
        assert tab.put(urls, "a.bin", DATA, "a/b").status_code == 204
        assert tab.http.get(base + address).status_code == 200
