"""Logs as earlier releases left them, byte for byte: whatever comes later must read them.

Never change the bytes. What a later release writes goes beside them, as another log.
"""

import os
from pathlib import Path

import pytest

from app.sessions import BlobMissing, SessionStore, record
from app.sessions.record import Cursor

# Format 1, first release: messages, settings, a reset; text beyond ASCII and a lone surrogate.
FIRST = bytes.fromhex("""
89504b530d0a1a0a000100000001020304050607509c92dc0000002200010001d3b4e4197b22726f6c65223a22757365
72222c22636f6e74656e74223a226265666f7265227d6160e6400000002500020001fdcb9b827b226e616d65223a226d
6f64656c222c2276616c7565223a226e6f76612d6d6963726f227d645cee7900000002000300019ddd4c367b7d55d0be
50000000280001000125f77aa27b22726f6c65223a2275736572222c22636f6e74656e74223a224772c3bcc39f6520f0
9f9880227d94e0a3c00000003d000100017471ed697b22726f6c65223a22617373697374616e74222c22636f6e74656e
74223a225c7564383030222c226e223a5b312c322e352c6e756c6c2c747275655d7dea6ef8080000001f0002000127ff
e59d7b226e616d65223a22676f6e65222c2276616c7565223a7b2261223a317d7dbef3ff6d0000000f0002000176d88e
d87b226e616d65223a22676f6e65227d45ae763000000024000200019c90a39e7b226e616d65223a226d6f64656c222c
2276616c7565223a226e6f76612d6c697465227d847ecb3c
""")
# Format 1, with attachments, a record of a kind that is not known yet, and a last word.
SECOND = FIRST + bytes.fromhex("""
00000018006300016112b1657b226f66223a2261206c617465722072656c65617365227dec9837f0000000a000010001
ed7e2b387b22636f6e74656e74223a226c6f6f6b222c226174746163686d656e7473223a5b7b22736861323536223a22
326332366234366236386666633638666639396234353363316433303431333431333432326437303634383362666130
66393861356538383632363665376165222c226e616d65223a226e6f7465732e747874222c2274797065223a22746578
742f706c61696e222c2273697a65223a337d5d7d6098688f00000002001000012e8669787b7d702ebbc7
""")
# Format 1, as compaction leaves it: the conversation's position is that of the log before.
COMPACTED = bytes.fromhex("""
89504b530d0a1a0a0001000008090a0b0c0d0e0f611075cf00000024000200019fb244247b226e616d65223a226d6f64
656c222c2276616c7565223a226e6f76612d6c697465227da92884dc0000001200010001b2e496247b22636f6e74656e
74223a226b657074227d7adaddb60000001d001100014dfb0f097b22706f736974696f6e223a5b3531322c3337333539
32383535395d7d81ffd762
""")
SAID: list[dict[str, object]] = [
    {"role": "user", "content": "Grüße \U0001f600"},
    {"role": "assistant", "content": "\ud800", "n": [1, 2.5, None, True]},
]
FILE = {
    "sha256": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
    "name": "notes.txt",
    "type": "text/plain",
    "size": 3,
}


@pytest.fixture(autouse=True)
def folder(path: Path) -> None:
    """The log's folder is there already."""
    path.parent.mkdir(parents=True)


def test_a_log_of_the_first_release_is_read_and_written_on(
    store: SessionStore, key: str, path: Path
) -> None:
    """Messages since the reset, the last of each setting; and what is added comes behind it."""
    path.write_bytes(FIRST)
    session = store.open(key)
    assert list(session.messages) == SAID
    assert dict(session.settings) == {"model": "nova-lite"}
    assert session.notice is None
    session.messages.append({"content": "next"})
    assert path.read_bytes().startswith(FIRST)
    assert list(store.open(key).messages) == [*SAID, {"content": "next"}]


def test_a_log_with_attachments_is_read(store: SessionStore, key: str, path: Path) -> None:
    """The blob is found where it was put; without it, the conversation is still there."""
    path.write_bytes(SECOND)
    session = store.open(key)
    assert list(session.messages) == [*SAID, {"content": "look", "attachments": [FILE]}]
    with pytest.raises(BlobMissing):
        session.read(FILE)
    path.with_suffix(".blobs").mkdir()
    (path.with_suffix(".blobs") / str(FILE["sha256"])).write_bytes(b"foo")
    assert session.read(FILE) == b"foo"


def test_a_compacted_log_is_read(store: SessionStore, key: str, path: Path) -> None:
    """With the position that it had, so that an answer in the making still fits."""
    path.write_bytes(COMPACTED)
    session = store.open(key)
    assert list(session.messages) == [{"content": "kept"}]
    assert session.position == Cursor(512, 0xDEADBEEF)
    session.messages.append({"content": "next"}, after=session.position)
    assert len(store.open(key).messages) == 2


@pytest.mark.parametrize("log", [FIRST, SECOND, COMPACTED])
def test_every_beginning_of_such_a_log_is_one(log: bytes) -> None:
    """Cut short anywhere it is whole or torn, and never of a form that was not meant."""
    whole = record.scan(log, every=True)
    assert whole.end.offset == len(log)
    for size in range(len(log)):
        found = record.scan(log[:size], every=True)
        assert found.ending in {record.Ending.CLEAN, record.Ending.TORN}
        assert found.records == whole.records[: len(found.records)]


def test_what_is_written_today_is_format_1(
    store: SessionStore, key: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same calls make the same bytes: a replica of the first release can read them, too."""
    monkeypatch.setattr(os, "urandom", lambda size: bytes(range(size)))
    session = store.open(key)
    session.messages.append({"role": "user", "content": "before"})
    session.settings["model"] = "nova-micro"
    session.reset()
    for message in SAID:
        session.messages.append(message)
    session.settings["gone"] = {"a": 1}
    del session.settings["gone"]
    session.settings["model"] = "nova-lite"
    assert path.read_bytes() == FIRST
