"""Programs of another architecture run here, or it is said what is missing."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import pytest

from parity.errors import ParityError
from parity.host import emulation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@pytest.fixture
def foreign(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Give an x86_64 machine's folder of registrations."""
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(emulation, "REGISTRATIONS", tmp_path)
    return tmp_path


def test_own_architecture_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """On an arm64 machine nothing is installed."""
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    monkeypatch.setattr(emulation, "install", pytest.fail)
    emulation.ensure_emulation("arm64")


def test_registration_counts_only_while_enabled(foreign: Path) -> None:
    """A disabled interpreter runs nothing."""
    assert not emulation.is_emulated("arm64")
    (foreign / "qemu-aarch64").write_text("disabled\ninterpreter /usr/bin/qemu\n")
    assert not emulation.is_emulated("arm64")
    (foreign / "qemu-aarch64").write_text("enabled\ninterpreter /usr/bin/qemu\n")
    assert emulation.is_emulated("arm64")


def test_kernel_that_still_cannot_is_an_error(
    foreign: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the installation the registration is looked at again."""
    (foreign / "register").touch()
    asked: list[Sequence[str]] = []
    monkeypatch.setattr(emulation, "install", lambda names, **_: asked.append(names))
    monkeypatch.setattr(emulation, "succeeds", lambda _: False)
    with pytest.raises(ParityError, match="does not run arm64"):
        emulation.ensure_emulation("arm64")
    assert asked == [emulation.PACKAGES]
