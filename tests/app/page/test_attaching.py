"""Files of a prompt become attachments on the volume, or one sentence says why not."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from app.browser.identity import Identity, Origin
from app.browser.outbox import File, Prompt
from app.conversation import read_turns
from app.page import answering, attaching
from app.page.volume import Uploads
from app.sessions import (
    AttachmentRefused,
    SessionStore,
    StoreUnavailable,
    VolumeFull,
    digest,
    mint,
)
from app.sessions.files import write as write_file
from app.settings import read_settings
from app.shared_files.kept import About, KeptFile
from app.shared_files.uploads import files_of
from tests.pictures import picture, png

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from app.sessions import Session

MIB = 2**20


@pytest.fixture
def identity() -> Identity:
    """Return a new browser's identity."""
    return Identity(mint(), Origin.RESTORED, mirrored=True)


@pytest.fixture
def uploads(
    tmp_path: Path, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Uploads]:
    """Give what that browser has uploaded to the volume."""
    monkeypatch.setenv("SESSION_ROOT", str(tmp_path))
    read_settings.cache_clear()
    yield Uploads(identity)
    read_settings.cache_clear()


@pytest.fixture
def upload(tmp_path: Path, identity: Identity) -> Callable[..., File]:
    """Give a function that uploads a file as the browser does."""
    count = iter(range(1000))

    def uploaded(name: str, content: bytes = b"words", key: str = identity.key) -> File:
        draft = files_of(tmp_path).draft()
        draft.write(content)
        file_id = f"{next(count):064x}"
        draft.keep(file_id, About(name, "", "upload", "streamlit session", digest(key)))
        return File(file_id, name)

    return uploaded


@pytest.fixture
def session(tmp_path: Path, identity: Identity) -> Session:
    """Give the browser's session."""
    return SessionStore(tmp_path).open(identity.key)


def prompt(*files: File) -> Prompt:
    """Return a prompt with files."""
    return Prompt("0-0-1", "see", files)


def test_files_are_kept_in_order_with_name_type_size_and_pixels(
    session: Session, uploads: Uploads, upload: Callable[..., File]
) -> None:
    """Whatever path their name pretends to be."""
    files = [upload("../../etc/notes.txt"), upload("view.png", png(60, 40)), upload("a.JPG", png())]
    kept = attaching.attach(session, prompt(*files), uploads)
    assert [(each["name"], each["type"], each.get("pixels")) for each in kept] == [
        ("notes.txt", "text/plain", None),
        ("view.png", "image/png", [60, 40]),
        ("a.JPG", "image/png", [60, 40]),
    ]
    assert session.read(kept[0]) == b"words"
    assert session.read(kept[1]) == png(60, 40)


def test_prompt_with_files_is_stored_and_its_uploads_go(
    session: Session, uploads: Uploads, upload: Callable[..., File]
) -> None:
    """One that comes once more, from another replica, finds itself stored."""
    sent = prompt(upload("notes.txt"))
    session.messages.append({"role": "user", "id": "waiting", "text": "", "at": 0})
    answering.accept(session, [sent], uploads)
    answering.accept(session, [sent], uploads)
    [_, turn] = read_turns(session.messages)
    assert [each["name"] for each in turn.attachments] == ["notes.txt"]
    assert uploads.find(sent.files[0].id) is None


def test_prompt_that_another_replica_stored_meanwhile_is_no_failure(
    tmp_path: Path,
    session: Session,
    uploads: Uploads,
    upload: Callable[..., File],
    identity: Identity,
) -> None:
    """Its uploads are gone because they were attached."""
    sent = prompt(upload("notes.txt"))
    elsewhere = SessionStore(tmp_path).open(identity.key)
    elsewhere.messages.append({"role": "user", "id": "waiting", "text": "", "at": 0})
    answering.accept(elsewhere, [sent], uploads)
    prompts = [sent]
    answering.accept(session, prompts, uploads)
    assert prompts == []
    assert len(read_turns(session.messages)) == 2


LARGE_IMAGE = png() + bytes(4 * MIB)
VAST_IMAGE = picture("gif").replace(struct.pack("<HH", 60, 40), struct.pack("<HH", 60_000, 60_000))


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([("view.bmp", b"BM")], "'view.bmp' cannot be attached: its type is none of png, jpeg"),
        ([("view.svg", b"<svg/>")], "'view.svg' cannot be attached: its type is none of"),
        ([("view.png", b"words")], "'view.png' cannot be attached: its content is no png."),
        (
            [("view.png", b"\x89PNG\r\n\x1a\n" + bytes(9))],
            "'view.png' cannot be attached: it is no",
        ),
        (
            [("view.png", LARGE_IMAGE)],
            "'view.png' has 4 MB. The model takes images of up to 3.75",
        ),
        (
            [("a.txt", bytes(5 * MIB))],
            "'a.txt' has 5 MB. The model takes documents of up to 4.5",
        ),
        ([("wide.png", png(8001, 1))], "'wide.png' is more than 8,000 pixels wide or high"),
        ([("vast.gif", VAST_IMAGE)], "'vast.gif' is more than 8,000 pixels"),
        (
            [(f"{n}.png", png()) for n in range(21)],
            "These are 21 images. With one message the model",
        ),
        (
            [(f"{n}.txt", b"x") for n in range(6)],
            "These are 6 documents. With one message the model",
        ),
        ([(f"{n}.txt", b"x") for n in range(26)], "These are 26 files. With one message"),
        (
            [(f"{n}.txt", bytes(4 * MIB)) for n in range(4)],
            "These files have 16 MB together. With one message the model takes up to 14 MB.",
        ),
        ([("empty.txt", b"")], "'empty.txt' cannot be attached: it is empty."),
        ([("x" * 300 + ".txt", b"x")], "The attachment's name is longer than 255 letters."),
    ],
)
def test_what_the_model_would_not_take_is_refused_in_one_sentence(
    session: Session,
    uploads: Uploads,
    upload: Callable[..., File],
    files: list[tuple[str, bytes]],
    sentence: str,
) -> None:
    """Before anything of the prompt is stored; the files wait for what the user decides."""
    sent = prompt(*[upload(*each) for each in files])
    prompts = [sent]
    with pytest.raises(AttachmentRefused) as refused:
        answering.accept(session, prompts, uploads)
    assert str(refused.value).startswith(sentence)
    assert (prompts, session.exists) == ([sent], False)


def test_another_browsers_upload_is_as_good_as_none(
    session: Session, uploads: Uploads, upload: Callable[..., File]
) -> None:
    """Whoever knows its id."""
    theirs = upload("secret.txt", key=mint())
    with pytest.raises(AttachmentRefused, match=r"'secret\.txt' did not arrive"):
        attaching.attach(session, prompt(theirs), uploads)
    with pytest.raises(AttachmentRefused, match="A file of your message did not arrive"):
        attaching.attach(session, prompt(File("../../cookie-secret")), uploads)


def test_full_volume_keeps_the_prompt_and_its_files(
    session: Session,
    uploads: Uploads,
    upload: Callable[..., File],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is stored as soon as there is room, whole."""
    prompts = [prompt(upload("a.txt"), upload("b.txt", b"more"))]
    session.messages.append({"role": "user", "id": "waiting", "text": "", "at": 0})

    def full(fd: int, data: bytes, offset: int) -> None:
        if data == b"more":
            raise OSError(28, "No space left on device")
        write_file(fd, data, offset)

    with monkeypatch.context() as broken:
        broken.setattr("app.sessions.files.write", full)
        with pytest.raises(VolumeFull):
            answering.accept(session, prompts, uploads)
    assert len(read_turns(session.messages)) == 1
    answering.accept(session, prompts, uploads)
    [_, turn] = read_turns(session.messages)
    assert [session.read(each) for each in turn.attachments] == [b"words", b"more"]


def test_volume_that_does_not_give_the_files_is_told_as_such(
    session: Session,
    uploads: Uploads,
    upload: Callable[..., File],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And not as files that did not arrive, which the user would have to choose again."""
    sent = prompt(upload("a.txt"))

    def broken(*_: object) -> KeptFile:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("app.shared_files.kept.Files.open", broken)
    with pytest.raises(StoreUnavailable):
        attaching.attach(session, sent, uploads)
    attaching.forget(sent, uploads)  # no failure of the prompt
