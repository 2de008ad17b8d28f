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


REGISTERED = "enabled\ninterpreter /usr/bin/qemu\nflags: PF\noffset 0\n"


@pytest.fixture
def foreign(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Give an x86_64 Linux machine's folder of registrations."""
    monkeypatch.setattr(platform, "system", lambda: "Linux")
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
    (foreign / "qemu-aarch64").write_text(REGISTERED.replace("enabled", "disabled"))
    assert not emulation.is_emulated("arm64")
    (foreign / "qemu-aarch64").write_text(REGISTERED)
    assert emulation.is_emulated("arm64")


def test_emulator_that_containers_cannot_reach_is_none(foreign: Path) -> None:
    """Without the flag F, each container would have to hold the emulator itself."""
    (foreign / "qemu-aarch64").write_text(REGISTERED.replace("PF", "OC"))
    assert not emulation.is_emulated("arm64")


def test_engine_in_a_virtual_machine_emulates_by_itself(
    monkeypatch: pytest.MonkeyPatch, foreign: Path
) -> None:
    """A Mac has neither packages nor a kernel that could be asked."""
    assert not emulation.is_emulated("arm64")
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(emulation, "install", lambda *_, **__: pytest.fail(f"{foreign}"))
    emulation.ensure_emulation("arm64")


def test_kernel_that_still_cannot_is_an_error(
    foreign: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the installation the registration is looked at again, and quoted."""
    (foreign / "register").touch()
    (foreign / "qemu-aarch64").write_text(REGISTERED.replace("enabled", "disabled"))
    asked: list[Sequence[str]] = []
    monkeypatch.setattr(emulation, "install", lambda names, **_: asked.append(names))
    monkeypatch.setattr(emulation, "complaint", lambda _: "update-binfmts: no")
    with pytest.raises(ParityError, match="does not run arm64") as caught:
        emulation.ensure_emulation("arm64")
    assert asked == [emulation.PACKAGES]
    assert "qemu-aarch64: disabled" in caught.value.detail
    assert "update-binfmts: no" in caught.value.detail
    assert caught.value.hint
