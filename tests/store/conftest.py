"""The volume on which the store is tried, and how a test tells what it has tried."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from app.sessions import SessionStore, digest, garbage, record
from parity.host.signals import ENDING
from tests.efs.mounts import mounting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MOUNTS = 4


@dataclass(frozen=True)
class Volume:
    """A volume as its replicas see it: `folder` itself, or each through a client of its own."""

    kind: str
    folder: Path
    mounts: list[Path]

    def store(self, replica: int, patience: float = 30) -> SessionStore:
        """Return the store of a replica; any number is one's."""
        return SessionStore(self.mounts[replica % len(self.mounts)], patience=patience)

    def files(self, key: str) -> dict[str, Path]:
        """Return what is there of a session, by the name behind its digest."""
        name = digest(key)
        return {path.name.removeprefix(name): path for path in self.folder.rglob(f"{name}*")}

    def assert_clean(self, key: str) -> None:
        """Assert that the log ends with its last record, and that nothing was set aside of it."""
        found = self.files(key)
        assert set(found) <= {".log", ".blobs"}
        scanned = record.scan(found[".log"].read_bytes())
        assert scanned.ending is record.Ending.CLEAN, scanned.why


@pytest.fixture(params=["plain folder", "EFS semantics"])
def volume(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Volume]:
    """Give a volume of each kind, with four ways to it."""
    if request.param == "plain folder":
        (tmp_path / "volume").mkdir()
        yield Volume(request.param, tmp_path / "volume", [tmp_path / "volume"] * MOUNTS)
        return
    with mounting(tmp_path) as mounts:
        yield Volume(request.param, tmp_path / "volume", mounts(MOUNTS))


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Give a function that puts figures, by their names, into the report of the run."""

    def figures(**found: object) -> None:
        named = ((name.replace("_", " "), value) for name, value in found.items())
        request.node.user_properties.extend(named)

    return figures


@pytest.fixture(autouse=True)
def nothing_noted() -> Iterator[None]:
    """Let no test inherit another's notes of what is worth compacting."""
    garbage._noted.clear()
    yield
    garbage._noted.clear()


@pytest.fixture(autouse=True, scope="session")
def ended_in_good_order() -> Iterator[None]:
    """Let the first of Ctrl-C and SIGTERM end the run, and no other disturb that: all is undone."""

    def end(*_: object) -> None:
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
