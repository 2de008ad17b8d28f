"""The volume is looked into alike, whether it is a folder here or EFS in a VPC.

Of EFS all is real but the file system, which is a folder, and AWS, which is moto's: the program is
sent by RunTask, run over the folder, and its lines come back through CloudWatch Logs.
"""

from __future__ import annotations

import json
import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest

from app.sessions import SessionStore, mint
from e2e.volume import Volume, log_of
from parity.cluster.ecs import Ecs
from parity.cluster.service import find_service
from parity.errors import ParityError, UsageError
from parity.volume.efs import SOURCE, Efs
from parity.volume.folder import Folder
from parity.volume.seal import one_time_key, sealed_in
from tests.parity.cluster.ecs_world import GROUP, STACK, Scheduler

if TYPE_CHECKING:
    from parity.aws.account import Account
    from parity.volume.protocol import Files

A_FILE = PurePosixPath("sessions/abc/one.log")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a volume with nothing on it."""
    return tmp_path


@pytest.fixture
def efs(account: Account, service: Scheduler, root: Path) -> Efs:
    """Give the volume of a deployed stack."""
    service.volume = root
    return Efs(Ecs(account, find_service(account, STACK)).one_off_tasks())


@pytest.fixture(params=["folder", "efs"])
def files(request: pytest.FixtureRequest, root: Path, efs: Efs) -> Files:
    """Give the volume, both ways."""
    return efs if request.param == "efs" else Folder(root)


def log_lines(service: Scheduler) -> str:
    """Return all that is in the log group."""
    events = service.logs.filter_log_events(logGroupName=GROUP)["events"]
    return "\n".join(event["message"] for event in events)


def test_every_file_is_listed_and_no_folder(files: Files, root: Path) -> None:
    """Also those with names that no store would give, and those in a folder that is hidden."""
    names = ["cookie-secret", "sessions/abc/x.log", ".hidden/a b", "line\nbreak", "ключ"]
    assert files.list() == set()
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    assert files.list() == {PurePosixPath(name) for name in names}


@pytest.mark.parametrize("content", [b"", b"\x00\xff\n", b"+", os.urandom(50_000)], ids=len)
def test_file_is_read_byte_by_byte(files: Files, root: Path, content: bytes) -> None:
    """Of any length and content."""
    (root / A_FILE).parent.mkdir(parents=True)
    (root / A_FILE).write_bytes(content)
    assert files.read(A_FILE) == content


def test_file_that_is_not_there_is_told_from_an_empty_one(files: Files) -> None:
    """That is no error."""
    assert files.read(A_FILE) is None


def test_file_is_written_with_its_folders_and_written_anew(files: Files, root: Path) -> None:
    """As a replica would find it."""
    for content in (b"long\x00 content", b"short"):
        files.write(A_FILE, content)
        assert (root / A_FILE).read_bytes() == content


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "sessions/../../x", ""])
def test_path_that_leads_out_of_the_volume_is_refused(files: Files, path: str) -> None:
    """Before anything is read or written."""
    with pytest.raises(UsageError, match="is no path of a file in the volume"):
        files.read(PurePosixPath(path))
    with pytest.raises(UsageError, match="is no path of a file in the volume"):
        files.write(PurePosixPath(path), b"x")


def test_conversation_is_read_as_the_store_wrote_it(files: Files, root: Path) -> None:
    """A torn tail and all: what was acknowledged is there, and the volume is left as it was."""
    key = mint()
    session = SessionStore(root).open(key)
    session.messages.append({"role": "user", "id": "1", "text": "hello", "at": 1.0})
    session.settings["model"] = "nova"
    log = root / log_of(key)
    whole = log.read_bytes()
    files.write(log_of(key), whole + whole[24:40])
    volume = Volume(files)
    assert volume.prompts(key) == ["hello"]
    assert volume.setting(key, "model") == "nova"
    assert volume.turns(mint()) == []
    assert volume.files() == {log_of(key)}
    assert log.read_bytes() == whole + whole[24:40]


def test_log_holds_nothing_that_a_user_wrote(efs: Efs, service: Scheduler, root: Path) -> None:
    """Only what can be opened with a key that is gone; nor do file names go through it plainly."""
    (root / A_FILE).parent.mkdir(parents=True)
    (root / A_FILE).write_text("My secret plan " * 10)
    assert b"secret plan" in (efs.read(A_FILE) or b"")
    assert efs.list() == {A_FILE}
    logged = log_lines(service)
    lines = [json.loads(line) for line in logged.splitlines()]
    assert [set(line) for line in lines] == [{"volume", "of", "sealed"}] * 2
    sealed = [sealed_in([line]) or b"" for line in logged.splitlines()]
    for secret in (b"secret plan", b"one.log"):
        assert not any(secret in each for each in sealed)
    with one_time_key() as another, pytest.raises(ParityError, match="cannot be opened"):
        another.open(sealed[0])


def test_each_answer_is_sealed_for_a_key_of_its_own(
    efs: Efs, service: Scheduler, root: Path
) -> None:
    """And the key's folder is gone when the answer is there."""
    before = {path.name for path in Path(root).parent.glob("parity-key-*")}
    with one_time_key() as first, one_time_key() as second:
        assert first.certificate != second.certificate
        assert first.folder.stat().st_mode & 0o077 == 0
    assert not first.folder.exists()
    efs.list()
    assert {path.name for path in Path(root).parent.glob("parity-key-*")} == before
    assert service.one_off_tasks() == []


def test_lines_are_put_together_in_any_order_and_among_others() -> None:
    """CloudWatch Logs orders by time, and whole milliseconds are many lines."""
    pieces = [
        json.dumps({"volume": number, "of": 3, "sealed": text})
        for number, text in enumerate(["c2Vh", "bGVk", "IQ=="])
    ]
    assert (
        sealed_in(["Warning: something", pieces[2], pieces[0], pieces[1], '{"event": "x"}'])
        == b"sealed!"
    )
    assert sealed_in(pieces[1:]) is None
    assert sealed_in([]) is None


def test_line_is_shorter_than_the_log_driver_breaks_it(
    efs: Efs, service: Scheduler, root: Path
) -> None:
    """16 KiB; what is longer comes in several."""
    (root / "big").write_bytes(os.urandom(100_000))
    efs.read(PurePosixPath("big"))
    lengths = [len(line) for line in log_lines(service).splitlines()]
    assert len(lengths) > 10
    assert max(lengths) < 16 * 1024


def test_what_the_volume_refuses_is_said(efs: Efs, root: Path) -> None:
    """In the system's words."""
    (root / "folder").mkdir()
    with pytest.raises(ParityError, match="could not be looked into: IsADirectoryError"):
        efs.read(PurePosixPath("folder"))


def test_content_too_large_for_a_command_is_refused(efs: Efs, root: Path) -> None:
    """Before a task is started; compressed it may be large."""
    noise = os.urandom(8_000)
    with pytest.raises(ParityError, match="more than ECS lets a task be given"):
        efs.write(A_FILE, noise)
    efs.write(A_FILE, b"a" * 100_000)
    assert (root / A_FILE).stat().st_size == 100_000
    efs.write(A_FILE, noise[:2_000])
    assert (root / A_FILE).read_bytes() == noise[:2_000]


def test_program_leaves_room_for_what_it_is_to_do() -> None:
    """All goes into the 8,192 characters of RunTask's overrides."""
    with one_time_key() as key:
        assert len(SOURCE) + len(key.certificate) < 8_192 - 3_500
