"""A front end that one client publishes is there for the others at once, whatever they believe."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from app.front_end import archive, front_ends
from app.front_end.front_ends import FrontEnds
from parity.efs.control import read_counters

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    Mount = Callable[..., list[Path]]

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


def test_start_asks_little_of_the_volume_once_its_version_is_there(mount: Mount) -> None:
    """A replica's first start in a version writes its front end; others write nothing."""
    here, there = mount(2, pace=0)
    asked = []
    for root in (here, there):
        ends = FrontEnds(root)
        ends.publish([])
        ends.wait_published()
        asked.append(read_counters(root)["operations"])
    assert asked[0]["RENAME"] == 1
    assert asked[0]["WRITE"] < 100
    assert not set(asked[1]) & {"CREATE", "WRITE", "COMMIT", "RENAME", "REMOVE"}
    assert sum(asked[1].values()) < 20
    [name] = os.listdir(there / archive.FOLDER)  # noqa: PTH208
    assert archive.NAME.fullmatch(name)
