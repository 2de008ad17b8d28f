"""The registry's configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.rehearsal.registry import configuration

if TYPE_CHECKING:
    from pathlib import Path


def test_the_registry_listens_on_loopback_only_and_keeps_everything_in_its_folder(
    tmp_path: Path,
) -> None:
    """Nobody else on the network gets at it, and it goes with its folder."""
    found = configuration(tmp_path, 5000)

    assert found["http"] == {"addr": "127.0.0.1:5000"}
    assert found["storage"] == {"filesystem": {"rootdirectory": str(tmp_path / "images")}}
    assert "htpasswd" in str(found["auth"])
