from pathlib import Path

import pytest

from app.sessions import SessionStore, digest, mint


@pytest.fixture
def store(tmp_path: Path) -> SessionStore:
    """A store on an empty volume."""
    root = tmp_path / "volume"
    root.mkdir()
    return SessionStore(root, patience=5)


@pytest.fixture
def key() -> str:
    """A key that no session has yet."""
    return mint()


@pytest.fixture
def path(store: SessionStore, key: str) -> Path:
    """Where the log of `key` is to be found."""
    name = digest(key)
    return store.root / "sessions" / name[:3] / f"{name}.log"
