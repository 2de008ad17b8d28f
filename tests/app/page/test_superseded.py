"""What was said under a key that another tab superseded goes with the page to the other key."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from app.conversation import prompt_record, read_turns
from app.page import volume
from app.sessions import SessionStore, mint
from app.settings import read_settings
from tests.pages import run_body
from tests.pictures import png

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from app.conversation import Attached


def page(key: str, superseded: str) -> None:
    """Open the session of a page that has learnt of a faster tab."""
    from app.browser.identity import Identity, Origin  # noqa: PLC0415 - AppTest runs this alone
    from app.page import volume  # noqa: PLC0415

    volume.open_session(Identity(key, Origin.NEW, mirrored=True, superseded=superseded))


def test_attachments_come_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With their message, and once; what is gone already keeps nothing from coming."""
    monkeypatch.setenv("SESSION_ROOT", str(tmp_path))
    read_settings.cache_clear()
    volume._store.cache_clear()
    key, superseded = mint(), mint()
    store = SessionStore(tmp_path)
    before = store.open(superseded)
    kept = cast("Attached", before.attach(png(), name="a.png"))
    gone = cast("Attached", before.attach(b"x", name="b.txt"))
    before.messages.append(prompt_record("1", "look", attachments=[kept, gone]))
    [blob] = tmp_path.rglob(gone["sha256"])
    blob.unlink()
    app = run_body(page, key=key, superseded=superseded)
    assert not app.exception
    session = store.open(key)
    [turn] = read_turns(session.messages)
    assert [each["name"] for each in turn.attachments] == ["a.png", "b.txt"]
    assert session.read(turn.attachments[0]) == png()
    read_settings.cache_clear()
    volume._store.cache_clear()
