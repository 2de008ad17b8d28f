"""A front end that one client publishes is there for the others at once, whatever they believe."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from app.front_end import archive, front_ends
from app.front_end.front_ends import FrontEnds

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

OTHER = "0.1.0-0123abcd.zip"
SCRIPT = "static/js/index.Foreign1.js"


def test_new_version_is_found_by_who_has_just_looked(
    volumes: tuple[str, list[Path]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before its replica is healthy; and again when its archive was removed and came back."""
    _, [here, there] = volumes
    monkeypatch.setattr(front_ends, "LOOK_SECONDS", 0)
    (tmp_path / "static" / "js").mkdir(parents=True)
    (tmp_path / SCRIPT).write_text("foreign()")
    files = archive.files_below({"static": str(tmp_path / "static")})
    old = FrontEnds(there)
    assert old.read(SCRIPT) is None
    assert not (there / archive.FOLDER / OTHER).exists()  # which its client now believes
    assert archive.publish(here, OTHER, files)
    assert old.read(SCRIPT) == b"foreign()"
    assert not archive.publish(there, OTHER, files)
    (there / archive.FOLDER / OTHER).unlink()
    assert archive.publish(here, OTHER, files)
    assert old.read(SCRIPT) == b"foreign()"


def test_whole_front_end_is_published_within_seconds(volumes: tuple[str, list[Path]]) -> None:
    """Once a version; each later start of a replica asks for little."""
    _, [here, there] = volumes
    started = []
    for root in (here, there, here):
        began = time.monotonic()
        ends = FrontEnds(root)
        ends.publish([])
        ends.wait_published()
        started.append(time.monotonic() - began)
    assert started[0] < 10
    assert max(started[1:]) < 1
    [name] = os.listdir(there / archive.FOLDER)  # noqa: PTH208
    assert archive.NAME.fullmatch(name)
