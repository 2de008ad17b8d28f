"""apt is asked for what is wanted, and the machine's own sources stay as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parity.errors import ParityError
from parity.host import packages
from parity.host.distribution import Archive, Distribution

if TYPE_CHECKING:
    from pathlib import Path


def test_apt_asks_nothing_and_waits_for_its_lock() -> None:
    """An installation that waits for an answer would hang for ever."""
    argv = packages.apt_get("install", ["-o", "X=1"], ["docker.io"])
    assert argv[-6:-4] == ["-o", "X=1"]
    assert argv[-4:] == ["install", "-y", "--no-install-recommends", "docker.io"]
    assert "DPkg::Lock::Timeout=120" in argv
    assert argv[0] == "apt-get"


def test_update_names_no_packages() -> None:
    """`apt-get update -y pkg` is an error."""
    assert packages.apt_get("update")[-1] == "update"


def test_newer_packages_come_through_a_configuration_of_our_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Both suites, the newer one at a priority that upgrades nothing by itself."""
    archive = Archive("http://mirror.example/debian", "/k.gpg")
    monkeypatch.setattr(packages, "find_archive", lambda _: archive)
    options = packages._own_configuration(Distribution("debian", "bookworm", "12"), tmp_path)
    assert f"Dir::Etc::SourceParts={tmp_path / 'sources'}" in options
    assert "Dir::Etc::SourceList=/dev/null" in options
    sources = {file.name: file.read_text() for file in (tmp_path / "sources").iterdir()}
    assert set(sources) == {"bookworm.sources", "trixie.sources"}
    assert "URIs: http://mirror.example/debian" in sources["trixie.sources"]
    assert "Pin-Priority: 100" in (tmp_path / "preferences" / "newer").read_text()


def test_machine_without_a_source_of_its_own_suite_is_told_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Guessing a mirror would be worse."""
    monkeypatch.setattr(packages, "find_archive", lambda _: None)
    with pytest.raises(ParityError, match="'bookworm'"):
        packages._own_configuration(Distribution("debian", "bookworm", "12"), tmp_path)


def test_without_apt_or_root_the_missing_packages_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So that a user can install them by hand."""
    monkeypatch.setattr(packages, "can_install", lambda: False)
    with pytest.raises(ParityError, match=r"docker\.io, iptables") as caught:
        packages.install(["docker.io", "iptables"], hint="do it by hand")
    assert caught.value.hint == "do it by hand"


def test_broken_source_of_somebody_else_does_not_stop_an_installation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`apt-get update` fails for one bad source; what is wanted may come from a good one."""
    ran = []

    def apt(argv: list[str]) -> None:
        ran.append(argv)
        if "update" in argv:
            raise ParityError("update failed", detail="E: bad source")

    monkeypatch.setattr(packages, "_apt", apt)
    packages._update_and_install([], ["chromium"])
    assert ran[-1][-1] == "chromium"


def test_failed_installation_shows_what_update_said_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is often there."""

    def apt(argv: list[str]) -> None:
        said = "E: bad source" if "update" in argv else "E: Unable to locate package"
        raise ParityError("apt-get failed", hint="next", detail=said)

    monkeypatch.setattr(packages, "_apt", apt)
    with pytest.raises(ParityError) as caught:
        packages._update_and_install([], ["chromium"])
    assert caught.value.detail == "E: bad source\nE: Unable to locate package"
