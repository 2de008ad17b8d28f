"""Replicas that start together agree on one secret."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from app.cookie_secret import NAME, shared_secret

if TYPE_CHECKING:
    from pathlib import Path


def test_replicas_agree_on_one_secret(tmp_path: Path) -> None:
    """Whoever asks, and when, gets the same; nothing else is left on the volume."""
    with ThreadPoolExecutor(16) as replicas:
        secrets = set(replicas.map(lambda _: shared_secret(tmp_path), range(64)))
    assert len(secrets) == 1
    assert len(secrets.pop()) == 64
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600


def test_volume_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """The caller decides what to do without a volume."""
    with pytest.raises(OSError, match="No such file"):
        shared_secret(tmp_path / "missing")
