"""A page that opens its uploads itself is given their ids, whatever the volume does meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from streamlit.runtime import Runtime

from app.shared_files import media, uploads
from app.shared_files.upkeep import Upkeep

if TYPE_CHECKING:
    from pathlib import Path

IDS = ["ab" * 32, "cd" * 32]


class OneSession:
    """A server to which one session is connected."""

    def is_active_session(self, session: str) -> bool:
        """Tell whether it is that one."""
        return session == "connected"


@pytest.fixture
def unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> uploads.UnreadUploads:
    """Give the uploads of a server whose volume is not there."""
    monkeypatch.setattr(Runtime, "instance", OneSession)
    volume = tmp_path / "not mounted"
    return uploads.UnreadUploads(volume, Upkeep(uploads.files_of(volume), media.files_of(volume)))


def test_every_id_is_given_and_none_is_left_out(unread: uploads.UnreadUploads) -> None:
    """In their order, empty; what is no id could be no file."""
    found = unread.get_files("connected", [IDS[1], "../cookie-secret", IDS[0]])
    assert [(each.file_id, each.data) for each in found] == [(IDS[1], b""), (IDS[0], b"")]


def test_ids_of_connected_sessions_are_kept_alive(unread: uploads.UnreadUploads) -> None:
    """So that no upkeep takes the files for forgotten before the page has opened them."""
    unread.get_files("connected", IDS)
    unread.get_files("gone", ["ef" * 32])
    assert unread.in_use() == set(IDS)
