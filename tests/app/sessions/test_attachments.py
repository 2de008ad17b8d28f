import errno
import hashlib
import io
import os
import shutil
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import pytest
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from app.sessions import (
    Attachment,
    AttachmentRefused,
    BlobMissing,
    InvalidKey,
    QuotaReached,
    Session,
    SessionError,
    SessionStore,
    StoreUnavailable,
    VolumeFull,
    attachments,
    converse_format,
    digest,
    media,
    mint,
    quota,
    record,
    upload,
)
from app.sessions.attachments import ORPHAN_AGE, remove_orphans
from app.sessions.log import Log

from .dying import killed_before, refused_at
from .helpers import flipped, say, texts, tree

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
BEGINNINGS = {
    "png": PNG[:8],
    "jpeg": b"\xff\xd8\xff\xe0",
    "gif": b"GIF89a",
    "webp": b"RIFF\0\0\0\0WEBP",
    "pdf": b"%PDF-1.7",
    "docx": b"PK\x03\x04",
    "xlsx": b"PK\x03\x04",
    "doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
}


@pytest.fixture
def folder(path: Path) -> Path:
    """Where the blobs of the session of `key` are."""
    return path.with_suffix(".blobs")


@pytest.fixture
def session(store: SessionStore, key: str) -> Session:
    """The session of `key`."""
    return store.open(key)


def names(folder: Path) -> list[str]:
    """Return what is in a folder; nothing if there is none."""
    return sorted(each.name for each in folder.iterdir()) if folder.exists() else []


class Pipe(io.RawIOBase):
    """Gives its bytes once, a few at a time."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        """It can be read, and not be turned back."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return fewer bytes than were asked for."""
        return self._data.read(min(size, 5))


def test_an_attachment_comes_back_as_it_was(store: SessionStore, key: str) -> None:
    """What a message names can be read in another session object, as bytes and as a file."""
    session = store.open(key)
    file = session.attach(PNG, name="cat.png")
    session.messages.append({"text": "look", "attachments": [file]})
    again = store.open(key)
    (kept,) = again.messages[-1]["attachments"]
    assert kept == {
        "sha256": hashlib.sha256(PNG).hexdigest(),
        "name": "cat.png",
        "type": "image/png",
        "size": len(PNG),
    }
    assert again.read(kept) == PNG
    with again.open_attachment(kept) as opened:
        assert opened.read(8) == PNG[:8]
        opened.seek(-3, os.SEEK_END)
        assert opened.read() == PNG[-3:]


def test_streamlit_s_uploaded_file_is_taken_as_it_is(store: SessionStore, key: str) -> None:
    """Name and type are its own; that the page has read it already, or will, does not matter."""
    record = UploadedFileRec(file_id="1", name="cat.png", type="image/png", data=PNG)
    given = UploadedFile(record, FileURLs())
    given.read(100)
    session = store.open(key)
    file = session.attach(given)
    assert (file["name"], file["type"], file["size"]) == ("cat.png", "image/png", len(PNG))
    assert session.read(file) == PNG
    assert given.tell() == 100


@pytest.mark.parametrize("form", ["bytearray", "memoryview", "file", "pipe"])
def test_bytes_and_files_of_any_kind_are_taken(
    form: str, store: SessionStore, key: str, tmp_path: Path
) -> None:
    """Also a stream that cannot be read twice, and that gives little at a time."""
    (tmp_path / "cat.png").write_bytes(PNG)
    with (tmp_path / "cat.png").open("rb") as opened:
        data: dict[str, upload.Data] = {
            "bytearray": bytearray(PNG),
            "memoryview": memoryview(PNG),
            "file": opened,
            "pipe": Pipe(PNG),
        }
        file = store.open(key).attach(data[form], name=None if form == "file" else "cat.png")
    assert (file["name"], file["sha256"]) == ("cat.png", hashlib.sha256(PNG).hexdigest())
    assert store.open(key).read(file) == PNG


def test_blobs_are_private_and_their_names_reveal_nothing(
    store: SessionStore, key: str, folder: Path
) -> None:
    """Mode 0700 and 0600; on the volume are two hashes, and no name that a user gave."""
    file = store.open(key).attach(PNG, name="salaries.png")
    blob = folder / file["sha256"]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert blob.stat().st_mode & 0o777 == 0o600
    assert blob.read_bytes() == PNG
    assert names(folder) == [file["sha256"]]
    assert not any("salaries" in name or key in name for name in tree(store.root))


def test_the_same_content_is_kept_once_a_session_and_never_shared(
    store: SessionStore, key: str, folder: Path
) -> None:
    """Each name is kept with its message; another session has a copy of its own."""
    session = store.open(key)
    one = session.attach(PNG, name="one.png")
    two = session.attach(io.BytesIO(PNG), name="two.png")
    three = session.attach(Pipe(PNG), name="three.png")
    assert (one["name"], two["name"], three["name"]) == ("one.png", "two.png", "three.png")
    assert one["sha256"] == two["sha256"] == three["sha256"]
    assert names(folder) == [one["sha256"]]
    store.open(key).attach(PNG, name="four.png")
    other = store.open(mint())
    with pytest.raises(BlobMissing):
        other.read(one)
    assert other.read(other.attach(PNG, name="one.png")) == PNG


def test_attaching_again_writes_nothing_where_it_can_be_known_before(
    store: SessionStore, key: str, folder: Path
) -> None:
    """The file on the volume stays the very same one; only its age begins anew."""
    session = store.open(key)
    blob = folder / session.attach(PNG, name="cat.png")["sha256"]
    os.utime(blob, (1, 1))
    before = blob.stat().st_ino
    session.attach(PNG, name="cat.png")
    assert blob.stat().st_ino == before
    assert blob.stat().st_mtime > 1


def test_a_blob_is_durable_before_any_record_can_name_it(
    store: SessionStore, key: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Content is synced under a name that counts for nothing, then renamed, then the folders."""
    steps: list[str] = []
    fsync, rename = os.fsync, Path.rename

    def sync(fd: int) -> None:
        steps.append(f"sync {Path(f'/proc/self/fd/{fd}').readlink().name[:6]}")
        fsync(fd)

    def renamed(self: Path, target: Path) -> Path:
        steps.append(f"rename {self.name[:6]}")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "rename", renamed)
    session = store.open(key)
    session.attach(PNG, name="cat.png")
    name = digest(key)
    top = ["sessio", "volume"]
    assert steps == [
        "sync .part-",
        "rename .part-",
        f"sync {folder.name[:6]}",
        *(f"sync {each}" for each in (name[:3], *top)),
    ]


@pytest.mark.parametrize("name", [f"a.{each}" for each in media.TYPES])
def test_every_format_that_converse_takes_is_taken(
    name: str, store: SessionStore, key: str
) -> None:
    """Told by the name; the block of Converse that it goes into is told by the type."""
    format_ = name[2:]
    file = store.open(key).attach(BEGINNINGS.get(format_, b"") + b"text", name=name)
    kind = "image" if format_ in media.IMAGES else "document"
    assert converse_format(file["type"]) == (kind, format_)


def test_the_formats_are_those_of_the_api() -> None:
    """Nothing is missing and nothing made up: botocore's model of Converse says the same."""
    model = botocore.session.get_session().get_service_model("bedrock-runtime")
    assert [*media.IMAGES] == model.shape_for("ImageFormat").enum
    assert [*media.DOCUMENTS] == model.shape_for("DocumentFormat").enum


@pytest.mark.parametrize(
    ("name", "claimed", "data", "expected"),
    [
        ("cat.png", None, BEGINNINGS["jpeg"], "image/jpeg"),
        ("CAT.JPG", None, BEGINNINGS["jpeg"], "image/jpeg"),
        ("cat", "image/jpg", BEGINNINGS["jpeg"], "image/jpeg"),
        ("cat", "application/octet-stream", BEGINNINGS["webp"], "image/webp"),
        ("list.csv", "application/vnd.ms-excel", b"a,b", "text/csv"),
        ("page.htm", None, b"<p>", "text/html"),
        ("notes", "text/plain; charset=utf-8", b"a", "text/plain"),
        ("notes", "md", b"# a", "text/markdown"),
        ("notes.txt", None, BEGINNINGS["pdf"], "text/plain"),
    ],
)
def test_the_type_is_told_by_name_then_type_then_content(
    name: str, claimed: str | None, data: bytes, expected: str, session: Session
) -> None:
    """Browsers guess types, and names of images are often wrong; Bedrock refuses what is."""
    assert session.attach(data, name=name, type=claimed)["type"] == expected


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"x", "a.exe", "its type is none of png, jpeg"),
        (b"x", "png", "its type is none of"),
        (b"text", "a.png", "'a.png' cannot be attached: its content is no png"),
        (b"RIFF\0\0\0\0WAVE", "a.webp", "its content is no webp"),
        (b"text", "a.pdf", "its content is no pdf"),
        (PNG, "a.docx", "its content is no docx"),
        (b"", "a.txt", "'a.txt' cannot be attached: it is empty"),
        (bytes(upload.LARGEST + 1), "a.txt", "'a.txt' cannot be attached: it is larger than 25 MB"),
        (io.StringIO("x"), "a.txt", "'a.txt' must be opened in binary mode"),
        (Pipe(bytes(2000)), "a.xls", "its content is no xls"),
        ("a/path.txt", "a.txt", "must be bytes or an open file"),
        (None, "a.txt", "must be bytes or an open file"),
        (b"x", None, "needs a name"),
        (b"x", " ", "needs a name"),
        (b"x", 7, "needs a name"),
        (b"x", "a" * 252 + ".txt", "longer than 255"),
        (b"x", "a\nb.txt", "letters that cannot be shown"),
        (b"x", "a\0.txt", "letters that cannot be shown"),
        (b"x", "a\ud800.txt", "letters that cannot be shown"),
    ],
)
def test_what_cannot_be_attached_is_refused_in_one_sentence(
    data: upload.Data, name: str, sentence: str, session: Session, path: Path
) -> None:
    """The session is as it was, and nothing new is on the volume but perhaps empty folders."""
    say(session, "a")
    before = path.read_bytes()
    with pytest.raises(AttachmentRefused, match=sentence):
        session.attach(data, name=name)
    assert path.read_bytes() == before
    assert [each for each in path.parent.rglob("*") if each.is_file()] == [path]


@pytest.mark.parametrize(
    "name", ["../../../../etc/passwd.txt", "/etc/a.txt", "..\\a.txt", "C:\\a.txt", "%2e%2e/a.md"]
)
def test_names_like_paths_are_data_and_nothing_else(
    name: str, store: SessionStore, key: str, folder: Path
) -> None:
    """They come back as they were, and name no file."""
    file = store.open(key).attach(b"x", name=name)
    assert file["name"] == name
    assert names(folder) == [file["sha256"]]


@pytest.mark.parametrize(
    "attachment",
    [
        {},
        {"sha256": None},
        {"sha256": "../" * 20},
        {"sha256": "a" * 63},
        {"sha256": "A" * 64},
        {"sha256": "a" * 64 + "\n"},
        {"sha256": ["a" * 64]},
        None,
        "a" * 64,
    ],
)
def test_what_names_no_attachment_reaches_no_file(
    attachment: Attachment, store: SessionStore, key: str
) -> None:
    """A message from elsewhere may say anything."""
    with pytest.raises(BlobMissing, match="no attachment of this conversation"):
        store.open(key).read(attachment)


@pytest.mark.parametrize("thing", ["gone", "damaged", "cut", "longer", "empty", "folder", "link"])
def test_a_blob_that_is_not_as_it_was_costs_itself_only(
    thing: str,
    store: SessionStore,
    key: str,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One sentence instead of it; all else works, and attaching it again mends it."""
    session = store.open(key)
    file = session.attach(PNG, name="cat.png")
    other = session.attach(b"text", name="notes.txt")
    session.messages.append({"text": "look", "attachments": [file, other]})
    blob = folder / file["sha256"]
    if thing == "gone":
        blob.unlink()
    elif thing == "folder":
        blob.unlink()
        blob.mkdir()
    elif thing == "link":
        blob.rename(folder / "elsewhere")
        blob.symlink_to(folder / "elsewhere")
    else:
        contents = {
            "damaged": flipped(PNG, 100, 1),
            "cut": PNG[:-1],
            "longer": PNG + b"\0",
            "empty": b"",
        }
        blob.write_bytes(contents[thing])
    again = store.open(key)
    with pytest.raises(BlobMissing, match="The rest of the conversation is not affected"):
        again.read(file)
    with pytest.raises(BlobMissing):
        again.open_attachment(file)
    line = caplog.messages[0]
    assert line.startswith(f"session {again.id}: attachment {file['sha256'][:8]} is ")
    assert digest(key) not in caplog.text
    assert again.notice is None
    assert again.read(other) == b"text"
    say(again, "next")
    assert len(store.open(key).messages) == 2
    if thing == "folder":
        blob.rmdir()
    assert again.read(again.attach(PNG, name="cat.png")) == PNG


def test_an_attachment_of_another_session_cannot_be_read(store: SessionStore, key: str) -> None:
    """Knowing the SHA-256 of something is no way to it."""
    file = store.open(key).attach(PNG, name="cat.png")
    with pytest.raises(BlobMissing):
        store.open(mint()).read(file)


def test_a_large_file_is_not_held_in_memory(store: SessionStore, key: str, tmp_path: Path) -> None:
    """25 MB go through in pieces; only who asks for all its bytes holds them, once."""
    big = tmp_path / "big.txt"
    with big.open("wb") as out:
        for number in range(25):
            out.write(number.to_bytes(1) * 2**20)
    session = store.open(key)
    with big.open("rb") as opened:
        tracemalloc.start()
        file = session.attach(opened)
        session.open_attachment(file).close()
        attached = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        data = session.read(file)
        read = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert file["size"] == len(data) == upload.LARGEST
    assert attached < 4 * 2**20
    assert read < 30 * 2**20


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """Let calls of the system fail: {"pwrite": errno.ENOSPC} and so on."""
    faults: dict[str, int] = {}
    for name in ("pwrite", "fsync", "pread"):
        real = getattr(os, name)

        def call(*arguments: object, name: str = name, real: object = real) -> object:
            if name in faults:
                raise OSError(faults[name], os.strerror(faults[name]))
            assert callable(real)
            return real(*arguments)

        monkeypatch.setattr(os, name, call)
    yield faults
    faults.clear()


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"pwrite": errno.ENOSPC}, VolumeFull),
        ({"pwrite": errno.EDQUOT}, VolumeFull),
        ({"pwrite": errno.EIO}, StoreUnavailable),
        ({"fsync": errno.EIO}, StoreUnavailable),
        ({"fsync": errno.ESTALE}, StoreUnavailable),
    ],
)
def test_a_volume_that_refuses_leaves_nothing_of_an_attachment(
    fault: dict[str, int],
    expected: type[Exception],
    session: Session,
    folder: Path,
    failing: dict[str, int],
) -> None:
    """One sentence; the session is as it was, and the same works once the fault is over."""
    say(session, "a")
    failing.update(fault)
    with pytest.raises(expected):
        session.attach(PNG, name="cat.png")
    failing.clear()
    assert list(folder.iterdir()) == []
    assert not session.refresh()
    assert texts(session) == ["a"]
    assert session.read(session.attach(PNG, name="cat.png")) == PNG


def test_an_unreadable_blob_is_no_damaged_one(
    store: SessionStore, key: str, failing: dict[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    """EIO may pass: it is an error of the volume, and is told as that."""
    session = store.open(key)
    file = session.attach(PNG, name="cat.png")
    failing["pread"] = errno.EIO
    with pytest.raises(StoreUnavailable, match="try again in a moment"):
        session.read(file)
    failing.clear()
    assert session.read(file) == PNG
    assert "damaged" not in caplog.text


def remove(store: SessionStore, key: str, before: float) -> int:
    """Remove orphans as housekeeping would."""
    log = Log(store.root, digest(key), "12345678", patience=1)
    with log.writing() as writer:
        return remove_orphans(log, writer, before)


def test_orphans_are_what_no_message_names_and_nobody_touched(
    store: SessionStore, key: str, folder: Path
) -> None:
    """What a process left that died before its record, and what a reset made void; no more."""
    session = store.open(key)
    void = session.attach(b"void", name="a.txt")
    session.messages.append({"attachments": [void]})
    session.reset()
    named = session.attach(b"named", name="a.txt")
    session.messages.append({"attachments": [named]})
    kept = session.attach(b"set", name="a.txt")
    session.settings["logo"] = kept["sha256"]
    unnamed = session.attach(b"unnamed", name="a.txt")
    for name in (".part-0123", "README"):
        (folder / name).write_bytes(b"x")
    assert remove(store, key, before=0) == 0
    for each in folder.iterdir():
        os.utime(each, (1000, 1000))
    again = session.attach(b"unnamed", name="a.txt")
    assert again == unnamed
    assert remove(store, key, before=2000) == 2
    left = {named["sha256"], kept["sha256"], unnamed["sha256"], "README"}
    assert {each.name for each in folder.iterdir()} == left
    assert session.read(named) == b"named"


def test_nothing_is_an_orphan_where_the_log_may_say_more(
    store: SessionStore, key: str, path: Path, folder: Path
) -> None:
    """Records of a later release, and those that were set aside, may name any blob."""
    session = store.open(key)
    session.attach(PNG, name="cat.png")
    say(session, "a")
    copy = path.with_name(f"{path.name}.damaged-20260101T000000Z-abcdef")
    copy.write_bytes(b"x")
    assert remove(store, key, before=2e12) == 0
    copy.unlink()
    plain = path.read_bytes()
    later, _ = record.frame(99, b"from a later release", record.scan(plain).end)
    path.write_bytes(plain + later)
    assert remove(store, key, before=2e12) == 0
    path.write_bytes(plain)
    assert remove(store, key, before=2e12) == 1
    assert list(folder.iterdir()) == []


def test_attachments_have_a_quota_and_orphans_make_room(
    store: SessionStore, key: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond it one sentence, and nothing is added; what a reset made void goes after an hour."""
    monkeypatch.setattr(quota, "ATTACHMENTS", 1000)
    session = store.open(key)
    for letter in (b"a", b"b"):
        file = session.attach(letter * 400, name="a.txt")
        session.messages.append({"attachments": [file]})
    with pytest.raises(QuotaReached, match="A reset makes room within an hour"):
        session.attach(b"c" * 400, name="a.txt")
    assert session.attach(b"a" * 400, name="again.txt")["size"] == 400
    session.reset()
    with pytest.raises(QuotaReached):
        session.attach(b"c" * 400, name="a.txt")
    for each in folder.iterdir():
        os.utime(each, (each.stat().st_mtime - ORPHAN_AGE - 1,) * 2)
    session.attach(b"c" * 400, name="a.txt")
    assert len(list(folder.iterdir())) == 1


def test_no_descriptor_stays_open(store: SessionStore, key: str, folder: Path) -> None:
    """Neither after what works, nor after what does not."""
    session = store.open(key)
    before = names(Path("/proc/self/fd"))
    file = session.attach(PNG, name="cat.png")
    session.read(file)
    (folder / file["sha256"]).write_bytes(b"x")
    for _ in range(3):
        with pytest.raises(BlobMissing):
            session.read(file)
        with pytest.raises(AttachmentRefused):
            session.attach(b"", name="a.txt")
    assert names(Path("/proc/self/fd")) == before


def test_a_writer_that_is_killed_leaves_no_half_attachment(
    store: SessionStore, key: str, folder: Path
) -> None:
    """Killed before each of its file operations: what has a name is whole, the rest an orphan."""
    session = store.open(key)
    say(session, "a")
    whole = hashlib.sha256(PNG).hexdigest()

    def attach() -> None:
        again = store.open(key)
        again.messages.append({"text": "b", "attachments": [again.attach(PNG, name="cat.png")]})

    number = 0
    while killed_before(number := number + 1, attach):
        again = store.open(key)
        assert again.notice is None
        assert len(again.messages) in {1, 2}
        for message in again.messages[1:]:
            assert again.read(message["attachments"][0]) == PNG
        for each in names(folder):
            assert each.startswith(".part-") or (folder / each).read_bytes() == PNG
        if len(again.messages) == 2 or number % 2:
            shutil.rmtree(folder, ignore_errors=True)
            again.reset()
            say(again, "a")
    assert number > 20
    assert names(folder)[-1] == whole
    store.open(key).reset()
    assert remove(store, key, before=2e12) > 0
    assert names(folder) == []


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC, errno.ESTALE, errno.EROFS])
def test_whatever_call_a_volume_refuses_costs_nothing_but_that_attachment(
    error: int, store: SessionStore, key: str, folder: Path
) -> None:
    """Each call of the system in turn: a SessionError or success, and a sound session after it."""
    session = store.open(key)
    say(session, "a")
    number = 0
    outcomes: set[type[SessionError] | None] = set()

    def attach() -> None:
        try:
            session.attach(PNG, name="cat.png")
        except SessionError as refused:
            outcomes.add(type(refused))
        else:
            outcomes.add(None)

    while refused_at(number := number + 1, error, attach):
        assert texts(store.open(key)) == ["a"]
        for each in names(folder):
            assert each.startswith(".part-") or (folder / each).read_bytes() == PNG
        if number % 3:
            shutil.rmtree(folder, ignore_errors=True)
    assert number > 15
    assert outcomes >= {None, VolumeFull if error == errno.ENOSPC else StoreUnavailable}
    assert session.read(session.attach(PNG, name="cat.png")) == PNG


def test_housekeeping_removes_orphans_of_sessions_in_use(
    store: SessionStore, key: str, folder: Path
) -> None:
    """An hour after they were touched; what a message names stays, however old."""
    session = store.open(key)
    named = session.attach(b"named", name="a.txt")
    session.attach(b"orphan", name="a.txt")
    session.messages.append({"attachments": [named]})
    now = time.time()
    log = Log(store.root, digest(key), "12345678", patience=0)
    assert attachments.tidy(log, now + ORPHAN_AGE - 60) == 0
    assert len(names(folder)) == 2
    assert attachments.tidy(log, now + ORPHAN_AGE + 60) == 1
    assert names(folder) == [named["sha256"]]


@pytest.mark.parametrize("error", [errno.ENOENT, errno.ESTALE])
def test_a_blob_that_a_client_took_for_missing_is_looked_for_afresh(
    error: int, session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An NFS client may answer from memory until the folder that the name is in was opened."""
    file = session.attach(PNG, name="cat.png")
    opener = os.open
    known_as_missing = {folder / file["sha256"]}

    def open_as_nfs_does(path: Path, flags: int, mode: int = 0o777) -> int:
        if path in known_as_missing:
            raise OSError(error, os.strerror(error))
        if path == folder and flags & os.O_DIRECTORY:
            known_as_missing.clear()
        return opener(path, flags, mode)

    monkeypatch.setattr(os, "open", open_as_nfs_does)
    assert session.read(file) == PNG


def test_an_attachment_is_found_by_key_without_the_conversation(
    store: SessionStore, session: Session, key: str, path: Path
) -> None:
    """For who serves files: nothing of the log is read, however long it is, or damaged."""
    file = session.attach(PNG, name="cat.png")
    session.messages.append({"attachments": [file]})
    path.write_bytes(b"no log at all")
    with store.open_attachment(key, file["sha256"]) as found:
        assert found.read() == PNG
    with pytest.raises(BlobMissing):
        store.open_attachment(mint(), file["sha256"])
    with pytest.raises(InvalidKey):
        store.open_attachment("../" * 14, file["sha256"])


@pytest.mark.parametrize("format_", BEGINNINGS)
def test_an_image_is_known_by_its_first_bytes_alone(format_: str) -> None:
    """What is none has no type that a browser would show."""
    expected = media.IMAGES.get(format_)
    assert media.image_type(BEGINNINGS[format_].ljust(media.HEAD, b"\0")) == expected
