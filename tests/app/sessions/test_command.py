import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.sessions import SessionStore, digest, mint, public_id, record
from app.sessions.command import main, purging
from app.sessions.command.entries import Entry, entries
from app.sessions.lock import acquire

from .dying import killed_before
from .helpers import aside, flipped, say, texts, tree

REPOSITORY = Path(__file__).parents[3]
Run = Callable[..., tuple[int, list[dict[str, Any]], str]]


@pytest.fixture
def run(
    store: SessionStore, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Run:
    """Call the command on the store's volume: exit code, lines of data, and stderr."""
    monkeypatch.setenv("SESSION_ROOT", str(store.root))

    def call(*arguments: object, stdin: str = "") -> tuple[int, list[dict[str, Any]], str]:
        capfd.readouterr()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        try:
            code = main([str(each) for each in arguments])
        except SystemExit as error:
            code = int(error.code or 0)
        out, err = capfd.readouterr()
        return code, [json.loads(line) for line in out.splitlines()], err

    return call


@pytest.fixture
def filled(store: SessionStore, key: str) -> bytes:
    """The bytes of a session with all that one may hold, which is on the volume."""
    session = store.open(key)
    say(session, "before")
    session.settings["model"] = "nova-micro"
    session.reset()
    cat = session.attach(b"\xff\xd8\xff" + bytes(2_000_000), name="cat.jpg")
    notes = session.attach(b"notes", name="../notes.txt")
    session.messages.append({"text": "Grüße \ud800", "attachments": [cat, notes]})
    session.settings["gone"] = [1, 2.5, None]
    del session.settings["gone"]
    path = log_of(store, key)
    later, _ = record.frame(99, b"\xff of a later release", record.scan(path.read_bytes()).end, 7)
    path.write_bytes(path.read_bytes() + later)
    say(session, "last")
    return path.read_bytes()


def log_of(store: SessionStore, key: str) -> Path:
    """Return where a session's log is."""
    (path,) = store.root.rglob(f"{digest(key)}.log")
    return path


def contents(root: Path) -> dict[str, bytes]:
    """Return every file of sessions with what is in it."""
    files = (path for path in (root / "sessions").rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def exported(run: Run, *arguments: object) -> str:
    """Return what `export` prints."""
    code, lines, _ = run("export", *arguments)
    assert code == 0
    return "".join(json.dumps(line) + "\n" for line in lines)


def test_ls_shows_a_line_a_session_by_public_id_only(
    run: Run, store: SessionStore, key: str, filled: bytes
) -> None:
    """How much there is, and when it was last used; no key, and no whole file name."""
    say(store.open(mint()), "a")
    code, lines, err = run("ls")
    assert (code, err, len(lines)) == (0, "", 2)
    (line,) = [line for line in lines if line["id"] == public_id(key)]
    assert time.time() - 60 < _seconds(line.pop("last_use")) <= time.time()
    assert line == {
        "id": public_id(key),
        "messages": 2,
        "settings": 1,
        "bytes": len(filled),
        "attachments": 2,
        "attachment_bytes": 2_000_008,
        "notice": None,
    }


def _seconds(text: str) -> float:
    assert text.endswith("Z")
    return time.mktime(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")) - time.timezone


def test_ls_and_show_and_verify_change_nothing(
    run: Run, store: SessionStore, key: str, filled: bytes
) -> None:
    """Not even what is damaged, nor a time stamp: that is for the app to do."""
    path = log_of(store, key)
    path.write_bytes(flipped(filled, len(filled) - 3, 1))
    os.utime(path, (1000, 1000))
    before = contents(store.root)
    code, (line,), _ = run("ls")
    assert (code, line["last_use"]) == (0, "1970-01-01T00:16:40Z")
    assert "a damaged record at byte" in line["notice"]
    code, lines, err = run("show", public_id(key))
    assert (code, len(lines)) == (1, 7)
    assert "a damaged record at byte" in err
    code, (line,), err = run("verify")
    assert (code, line["ok"]) == (1, False)
    assert contents(store.root) == before
    assert path.stat().st_mtime == 1000
    store.open(key)
    assert len(aside(path)) == 1
    assert run("ls")[1][0]["notice"] == "damage was set aside, 1 x"
    assert run("verify")[0] == 0


def test_show_prints_the_records(run: Run, key: str, filled: bytes) -> None:
    """In order, with their places; also those before a reset, and those of a later release."""
    code, lines, _ = run("show", public_id(key).upper())
    assert code == 0
    assert [line["record"] for line in lines] == list(range(1, 9))
    assert [line["kind"] for line in lines] == [
        *("message", "setting", "reset", "message", "setting", "setting", 99, "message")
    ]
    assert lines[0] == {"record": 1, "at": 24, "kind": "message", "value": {"text": "before"}}
    assert lines[3]["value"]["text"] == "Grüße \ud800"
    assert lines[6]["version"] == 7
    assert [record.scan(filled[:24]).end.offset, lines[1]["at"]] == [24, 24 + 16 + 17]


@pytest.mark.parametrize(
    ("harm", "problem"),
    [
        (
            lambda path: path.write_bytes(flipped(path.read_bytes(), -1, 0)),
            "a damaged record at byte",
        ),
        (lambda path: path.write_bytes(b"x" * 99), "no session log at byte 0"),
        (lambda path: (path.unlink(), path.mkdir()), "no file at byte 0"),
        (lambda path: _blob(path, 5).unlink(), "attachment [0-9a-f]{8} is gone"),
        (lambda path: _blob(path, 5).write_bytes(b"Notes"), "attachment [0-9a-f]{8} is damaged"),
    ],
)
def test_verify_finds_whatever_is_not_as_it_was_written(
    harm: Callable[[Path], object], problem: str, run: Run, filled: bytes, path: Path
) -> None:
    """Exit code 1, and a sentence for each; all else is found sound."""
    assert filled
    code, (line,), err = run("verify")
    assert (code, line["problems"], line["attachments"]) == (0, [], 2)
    assert "1 sessions checked, 0 with problems" in err
    harm(path)
    code, (line,), err = run("verify", path.name[:8])
    assert (code, line["ok"]) == (1, False)
    assert re.match(problem, line["problems"][0])
    assert len(line["problems"]) == 1
    assert "1 with problems" in err


def _blob(path: Path, size: int) -> Path:
    folder = path.with_suffix(".blobs")
    (found,) = [each for each in folder.iterdir() if each.stat().st_size == size]
    return found


def test_a_torn_tail_is_no_problem_and_a_newer_format_is_named(
    run: Run, store: SessionStore, key: str, filled: bytes
) -> None:
    """An append may just be under way; what this release cannot read it cannot vouch for."""
    path = log_of(store, key)
    path.write_bytes(filled[:-4])
    assert run("verify")[0] == 0
    assert run("ls")[1][0]["notice"] is None
    header, _ = record.file_header(bytes(8))
    path.write_bytes(_of_version_2(header))
    assert run("verify")[1][0]["problems"] == ["format 2, which is not known here"]
    assert run("verify")[0] == 1
    assert run("ls")[1][0]["notice"] == "format 2, which is not known here"


def _of_version_2(header: bytes) -> bytes:
    changed = bytearray(header)
    changed[9] = 2
    changed[20:24] = zlib.crc32(changed[:20]).to_bytes(4)
    return bytes(changed)


def test_what_was_exported_comes_back_byte_for_byte(
    run: Run, store: SessionStore, key: str, filled: bytes, tmp_path: Path
) -> None:
    """Onto another volume or the same one, after a purge; positions hold, and keys open it."""
    other = mint()
    say(store.open(other), "a")
    position = store.open(key).position
    before = contents(store.root)
    assert before[str(log_of(store, key).relative_to(store.root))] == filled
    text = exported(run)
    assert key not in text
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    code, lines, _ = run("--root", elsewhere, "import", stdin=text)
    assert code == 0
    assert sorted(line["id"] for line in lines) == sorted([public_id(key), public_id(other)])
    assert contents(elsewhere) == before
    again = SessionStore(elsewhere).open(key)
    assert again.position == position
    assert again.read(again.messages[0]["attachments"][1]) == b"notes"
    for path in (elsewhere / "sessions").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0
    assert run("purge", "--yes", public_id(key), public_id(other))[0] == 0
    assert contents(store.root) == {}
    assert run("import", stdin=text)[0] == 0
    assert contents(store.root) == before
    say(store.open(key), "next")
    assert run("verify")[0] == 0


def test_an_import_never_writes_to_what_is_there(
    run: Run, store: SessionStore, key: str, filled: bytes
) -> None:
    """It says which session that is, goes on with the others, and ends with 1."""
    assert filled
    other = mint()
    say(store.open(other), "a")
    text = exported(run)
    run("purge", "--yes", public_id(other))
    say(store.open(key), "since")
    before = log_of(store, key).read_bytes()
    code, (line,), err = run("import", stdin=text)
    assert (code, line["id"]) == (1, public_id(other))
    assert f"session {public_id(key)} is there already; it was left as it is" in err
    assert log_of(store, key).read_bytes() == before
    assert texts(store.open(other)) == ["a"]


def test_an_import_that_died_can_be_repeated(run: Run, store: SessionStore, key: str) -> None:
    """Killed before any of its file operations: once more, and the session is there, and whole.

    Where it was whole already, that is what it says.
    """
    session = store.open(key)
    file = session.attach(b"notes", name="notes.txt")
    session.messages.append({"text": "a", "attachments": [file]})
    text, before = exported(run), contents(store.root)

    def import_() -> None:
        sys.stdin = io.TextIOWrapper(io.BytesIO(text.encode()))
        assert main(["import"]) == 0

    number, answers = 1, []
    while True:
        shutil.rmtree(store.root / "sessions")
        if not killed_before(number, import_):
            break
        code, _, err = run("import", stdin=text)
        answers.append(code)
        assert code == 0 or "is there already" in err, err
        now = contents(store.root)
        assert {name: now[name] for name in before} == before, number
        assert run("verify", public_id(key))[0] == 0
        number += 1
    assert number > 40
    assert answers == sorted(answers), "it is there from one moment on"
    assert set(answers) == {0, 1}


def test_an_export_that_is_not_whole_imports_nothing_of_that_session(
    run: Run, store: SessionStore, key: str, filled: bytes
) -> None:
    """Cut off behind any line, or changed in any: one sentence, and no trace on the volume."""
    assert filled
    lines = exported(run).splitlines(keepends=True)
    run("purge", "--yes", public_id(key))
    for size in range(1, len(lines)):
        code, made, err = run("import", stdin="".join(lines[:size]))
        assert (code, made) == (1, [])
        assert f"the export ends within session {public_id(key)}, which was left out" in err
    for number, line in enumerate(lines):
        changed = dict(json.loads(line))
        name = list(changed)[-1]
        changed[name] = {"text": "changed"} if isinstance(changed[name], dict) else "0"
        text = "".join([*lines[:number], json.dumps(changed) + "\n", *lines[number + 1 :]])
        code, made, err = run("import", stdin=text)
        assert (code, made) == (1, []), line
        assert err.startswith("error: line "), err
    assert contents(store.root) == {}


def _head(**other: object) -> str:
    head = {"session": "a" * 64, "format": 1, "nonce": "0011223344556677"}
    return json.dumps(head | other) + "\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "line 1 is no JSON"),
        ("[]", "line 1 is none of an export"),
        ("{}", "line 1 begins no session of an export"),
        (_head(session="../../etc"), "line 1 begins no session"),
        (_head(session=7), "line 1 begins no session"),
        (_head(nonce="00"), "line 1 begins no session"),
        (_head(nonce="x"), "line 1 begins no session"),
        (_head(format=2), "line 1 begins no session"),
        (_head(), "ends within session aaaaaaaa"),
        ("\xff", "line 1 is no JSON"),
    ],
)
def test_what_is_no_export_is_refused(
    text: str, sentence: str, run: Run, store: SessionStore
) -> None:
    """One sentence that says which line, and nothing on the volume."""
    code, lines, err = run("import", stdin=text)
    assert (code, lines) == (1, [])
    assert sentence in err
    assert contents(store.root) == {}


@pytest.mark.parametrize(
    "line",
    [
        {"blob": "../../../evil", "at": 0, "base64": "AA=="},
        {"blob": "A" * 64, "at": 0, "base64": "AA=="},
        {"blob": ["a"], "at": 0, "base64": "AA=="},
        {"blob": "a" * 64, "at": 5, "base64": "AA=="},
        {"blob": "a" * 64, "at": None, "base64": "AA=="},
        {"blob": "a" * 64, "at": 0, "base64": "?"},
        {"blob": "a" * 64, "at": 0, "base64": None},
        {"kind": "frob", "value": {}},
        {"kind": "message", "value": []},
        {"kind": "setting", "value": {}},
        {"kind": "message"},
        {"kind": 1, "version": 1, "base64": "AA=="},
        {"kind": 70000, "version": 1, "base64": "AA=="},
        {"kind": -1, "version": 1, "base64": "AA=="},
        {"kind": True, "version": 1, "base64": "AA=="},
        {"kind": 99, "version": "1", "base64": "AA=="},
        {"kind": None},
        {"end": "0" * 64, "records": 0},
        {},
    ],
)
def test_a_line_that_does_not_fit_leaves_nothing_of_its_session(
    line: dict[str, object], run: Run, store: SessionStore
) -> None:
    """Whoever made the file: no other name on the volume, and no record that is none."""
    code, lines, err = run("import", stdin=_head() + json.dumps(line) + "\n")
    assert (code, lines) == (1, [])
    assert "error: line 2 does not fit into session aaaaaaaa, which was left out" in err
    assert contents(store.root) == {}
    assert not any("evil" in name for name in tree(store.root.parent))


def test_a_record_that_others_would_have_written_differently_survives_as_it_is(
    run: Run, store: SessionStore, key: str, path: Path
) -> None:
    """JSON has many forms; where ours would be another, the bytes go as they are."""
    say(store.open(key), "a")
    plain = path.read_bytes()
    frame, _ = record.frame(1, b'{ "text": 1.0e0 }', record.scan(plain).end)
    path.write_bytes(plain + frame)
    text = exported(run)
    assert run("purge", "--yes", public_id(key))[0] == 0
    assert run("import", stdin=text)[0] == 0
    assert path.read_bytes() == plain + frame
    assert texts(store.open(key)) == ["a", 1.0]


def test_no_error_names_a_whole_file_name(run: Run, key: str, filled: bytes, path: Path) -> None:
    """Whatever the system says comes without its path."""
    assert filled
    blobs = path.with_suffix(".blobs")
    shutil.rmtree(blobs)
    blobs.symlink_to(blobs)
    for arguments in (["ls"], ["show", public_id(key)], ["verify"], ["purge", "-y", key[:0]]):
        _, lines, err = run(*arguments)
        assert digest(key) not in err + json.dumps(lines)
    path.unlink()
    path.symlink_to(path)
    for arguments in (["ls"], ["show", public_id(key)], ["verify"], ["export"]):
        _, lines, err = run(*arguments)
        assert digest(key) not in err + json.dumps(lines)


def test_what_is_damaged_is_left_out_of_an_export_and_said_so(
    run: Run, store: SessionStore, key: str, filled: bytes, tmp_path: Path
) -> None:
    """The rest can be imported."""
    path = log_of(store, key)
    path.write_bytes(flipped(filled, len(filled) - 3, 1))
    _blob(path, 5).write_bytes(b"Notes")
    code, lines, err = run("export", public_id(key))
    assert code == 1
    assert "a damaged record at byte" in err
    (tmp_path / "elsewhere").mkdir()
    text = "".join(json.dumps(line) + "\n" for line in lines)
    assert run("--root", tmp_path / "elsewhere", "import", stdin=text)[0] == 0
    assert len(SessionStore(tmp_path / "elsewhere").open(key).messages) == 1


def test_purge_deletes_all_that_there_is_of_a_session_once_it_is_told_so(
    run: Run, store: SessionStore, key: str, filled: bytes
) -> None:
    """Log, attachments, and copies of damaged logs; not a trace of any other session."""
    path = log_of(store, key)
    path.write_bytes(flipped(filled, len(filled) - 3, 1))
    session = store.open(key)
    assert len(aside(path)) == 1
    other = mint()
    say(store.open(other), "a")
    for answer in ("", "n\n", "\n", "what?\n"):
        code, lines, err = run("purge", public_id(key), stdin=answer)
        assert (code, lines) == (1, [])
        assert f"Delete 1 session for good ({public_id(key)})? [y/N]" in err
        assert "nothing was deleted" in err
    code, (line,), _ = run("purge", public_id(key), public_id(key), stdin="y\n")
    assert (code, line) == (0, {"id": public_id(key), "purged": True})
    assert list(contents(store.root)) == [str(log_of(store, other).relative_to(store.root))]
    assert session.refresh()
    say(session, "anew")
    assert texts(store.open(key)) == ["anew"]
    assert texts(store.open(other)) == ["a"]


def test_purge_by_age_spares_what_was_used_since(run: Run, store: SessionStore) -> None:
    """Age counts from the last use, in days."""
    old, young = mint(), mint()
    for each in (old, young):
        say(store.open(each), "a")
    then = time.time() - 10 * 86_400
    os.utime(log_of(store, old), (then, then))
    code, _, err = run("purge", "--older-than", "11", "--yes")
    assert code == 0
    assert "no session is that old" in err
    code, (line,), _ = run("purge", "--older-than", "9.5", "--yes")
    assert (code, line["id"]) == (0, public_id(old))
    assert [line["id"] for line in run("ls")[1]] == [public_id(young)]


def test_purge_by_age_is_not_stopped_by_one_that_is_not_there(
    run: Run, store: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One whose log is yet to be made of its successor counts by that; one that went is gone."""
    keys = [mint() for _ in range(3)]
    for each in keys:
        say(store.open(each), "a")
    vanishing, replaced, _ = sorted(keys, key=digest)
    gone = log_of(store, vanishing)
    path = log_of(store, replaced)
    path.rename(path.with_name(f"{path.name}.next"))
    for log in store.root.rglob("*.log*"):
        os.utime(log, (1, 1))

    def entries_then_gone(root: Path) -> Iterator[Entry]:
        found = list(entries(root))
        gone.unlink()
        return iter(found)

    monkeypatch.setattr(purging, "entries", entries_then_gone)
    code, lines, err = run("purge", "--older-than", "9", "--yes")
    assert (code, err) == (0, "")
    assert [line["id"] for line in lines] == sorted(
        public_id(each) for each in set(keys) - {vanishing}
    )
    assert contents(store.root) == {}


def test_purge_leaves_a_session_that_is_being_written_to(
    run: Run, store: SessionStore, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits for the lock as any writer does; a sentence says that it waited in vain."""
    monkeypatch.setattr("app.sessions.command.entries.PATIENCE", 0.05)
    say(store.open(key), "a")
    fd = os.open(log_of(store, key), os.O_RDWR)
    try:
        acquire(fd, 0)
        code, lines, err = run("purge", public_id(key), "--yes")
    finally:
        os.close(fd)
    assert (code, lines) == (1, [])
    assert "is being written to from elsewhere" in err
    assert texts(store.open(key)) == ["a"]
    assert run("purge", public_id(key), "--yes")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["show", "0123"], 2, "'0123' is no session's id"),
        (["show", "../../../etc"], 2, "is no session's id"),
        (["show", "0123456g"], 2, "is no session's id"),
        (["show", "01234567"], 1, "there is no session 01234567"),
        (["purge"], 2, "purge takes ids, or --older-than DAYS"),
        (["purge", "01234567", "--older-than", "3"], 2, "purge takes ids, or --older-than DAYS"),
        (["purge", "--older-than", "0"], 2, "greater than 0"),
        (["purge", "--older-than", "x"], 2, "invalid float value: 'x'"),
        (["frobnicate"], 2, "invalid choice: 'frobnicate'"),
        ([], 2, "required: COMMAND"),
        (["--root", "/nonexistent", "ls"], 1, "'/nonexistent' is no folder"),
        (["--root", "/nonexistent", "import"], 1, "'/nonexistent' is no folder"),
    ],
)
def test_wrong_usage_and_what_is_not_there_are_told_apart(
    arguments: list[str], code: int, sentence: str, run: Run
) -> None:
    """Exit code 2 for the one and 1 for the other; a sentence quotes what was given."""
    got, lines, err = run(*arguments)
    assert (got, lines) == (code, [])
    assert sentence in err


def test_without_a_volume_there_is_nothing_to_do(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The root is named, or in the environment."""
    monkeypatch.delenv("SESSION_ROOT")
    code, _, err = run("ls")
    assert code == 2
    assert "Set SESSION_ROOT, or give --root FOLDER" in err


def test_ids_are_longer_where_eight_digits_name_two_sessions(run: Run, store: SessionStore) -> None:
    """Eight digits then ask for more, with those that `ls` shows."""
    folder = store.root / "sessions" / "abc"
    folder.mkdir(parents=True)
    for rest in ("1" * 56, "12" + "0" * 54, "2" * 56):
        (folder / f"abcd1234{rest}.log").write_bytes(b"")
    ids = ["abcd123411", "abcd123412", "abcd12342"]
    assert [line["id"] for line in run("ls")[1]] == ids
    code, _, err = run("show", "abcd1234")
    assert code == 2
    assert f"3 sessions begin with abcd1234; say which: {', '.join(ids)}" in err
    assert run("show", "abcd12342")[0] == 0
    assert run("show", "abcd1234" + "1" * 56)[0] == 0


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    """One for each command."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    for name in ("ls", "show", "verify", "export", "import", "purge"):
        assert re.search(rf"python -m app\.sessions.* {name}", out)


def test_the_command_works_while_another_process_writes(store: SessionStore, key: str) -> None:
    """As an operator would call it: each look finds a sound session, which only grows."""
    environment = os.environ | {"SESSION_ROOT": str(store.root), "LC_ALL": "C"}
    call = [sys.executable, "-m", "app.sessions"]
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.app.sessions.workers", store.root, key],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
    )
    try:
        assert writer.stdout
        writer.stdout.read(5)
        seen = [0]
        for _ in range(4):
            found = subprocess.check_output([*call, "ls"], cwd=REPOSITORY, env=environment)
            seen.append(json.loads(found)["messages"])
            subprocess.run(
                [*call, "verify"], cwd=REPOSITORY, env=environment, check=True, capture_output=True
            )
            writer.stdout.read(1)
        text = subprocess.check_output([*call, "export"], cwd=REPOSITORY, env=environment)
    finally:
        writer.kill()
        writer.wait()
        if writer.stdout:
            writer.stdout.close()
    assert seen == sorted(set(seen))
    assert text.count(b'{"kind": "message"') == json.loads(text.splitlines()[-1])["records"] > 5


def test_a_reader_that_has_seen_enough_is_no_error(store: SessionStore, key: str) -> None:
    """`| head -1` ends the command without a traceback."""
    session = store.open(key)
    for number in range(300):
        session.messages.append({"number": number, "text": "x" * 1000})
    call = f"{sys.executable} -m app.sessions --root {store.root} show {session.id} | head -1"
    done = subprocess.run(
        ["bash", "-c", call], cwd=REPOSITORY, check=True, capture_output=True, text=True
    )
    assert json.loads(done.stdout)["record"] == 1
    assert done.stderr == ""
