"""The engine that runs is used; another's is left alone; a missing one is installed or named."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from parity.errors import ParityError
from parity.host import engine
from parity.host.distribution import Distribution

if TYPE_CHECKING:
    from pathlib import Path

DEBIAN_12 = Distribution("debian", "bookworm", "12")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """A machine without Docker; what the kit would do to it is noted in the list."""
    did: list[str] = []

    def start() -> bool:
        did.append("start")
        return True

    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(engine, "PID_FILE", tmp_path / "pid")
    monkeypatch.setattr(engine, "UNIT_FILE", tmp_path / "unit")
    monkeypatch.setattr(engine, "LOG_FILE", tmp_path / "log")
    monkeypatch.setattr(engine, "engine_problem", lambda: "'docker' is not installed")
    monkeypatch.setattr(engine, "has_compose", lambda: False)
    monkeypatch.setattr(engine, "find_dockerd", lambda: None)
    monkeypatch.setattr(engine, "_docker_context", lambda: "default")
    monkeypatch.setattr(engine, "read_distribution", lambda: DEBIAN_12)
    monkeypatch.setattr(engine, "can_install", lambda: True)
    monkeypatch.setattr(engine, "is_installed", lambda _: False)
    monkeypatch.setattr(engine, "install", lambda names, **_: did.append(f"install {names}"))
    monkeypatch.setattr(engine, "install_newer", lambda names, **_: did.append(f"newer {names}"))
    monkeypatch.setattr(engine, "_require_root_to_start", lambda: None)
    monkeypatch.setattr(engine, "_start", start)
    return did


def test_running_engine_with_compose_is_used_as_it_is(
    bare: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the host is touched."""
    monkeypatch.setattr(engine, "engine_problem", lambda: None)
    monkeypatch.setattr(engine, "has_compose", lambda: True)
    assert engine.ensure_engine() is False
    assert bare == []


def test_bare_debian_12_gets_docker_from_debian_13_and_a_start(bare: list[str]) -> None:
    """The first, iptables, from its own suite, Docker from the newer one."""
    assert engine.ensure_engine() is True
    assert bare[0] == "install ('iptables',)"
    assert bare[1].startswith("newer ('docker.io'")
    assert bare[2:] == ["start"]


def test_installed_engine_that_does_not_run_is_only_started(
    bare: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No apt where nothing is missing."""
    monkeypatch.setattr(engine, "has_compose", lambda: True)
    monkeypatch.setattr(engine, "find_dockerd", lambda: "/usr/sbin/dockerd")
    engine.ensure_engine()
    assert bare == ["start"]


def test_engine_that_the_package_itself_started_is_not_the_kits(
    bare: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under systemd the installation starts the service; `down` must not stop it."""
    monkeypatch.setattr(
        engine, "engine_problem", lambda: None if bare else "'docker' is not installed"
    )
    assert engine.ensure_engine() is False
    assert "start" not in bare


def test_docker_host_is_never_replaced_by_an_engine_of_our_own(
    bare: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names the engine that is meant."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://build-box:2375")
    with pytest.raises(ParityError, match="tcp://build-box:2375"):
        engine.ensure_engine()
    assert bare == []


def test_context_of_docker_desktop_is_not_replaced_either(
    bare: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as Docker Desktop or Colima, not started yet."""
    monkeypatch.setattr(engine, "_docker_context", lambda: "colima")
    with pytest.raises(ParityError, match="'colima'"):
        engine.ensure_engine()
    assert bare == []


def test_user_outside_the_docker_group_is_told_so(
    bare: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine runs; starting another would not help."""
    denied = "permission denied while trying to connect to the Docker daemon socket"
    monkeypatch.setattr(engine, "engine_problem", lambda: denied)
    with pytest.raises(ParityError, match="may not talk") as caught:
        engine.ensure_engine()
    assert "usermod" in caught.value.hint
    assert bare == []


def test_dockers_own_packages_are_not_driven_out(
    bare: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """docker-ce without its Compose plugin: the distribution's packages would conflict."""
    monkeypatch.setattr(engine, "is_installed", lambda name: name == "docker-ce")
    with pytest.raises(ParityError, match="docker-ce") as caught:
        engine.ensure_engine()
    assert "docker-compose-plugin" in caught.value.hint
    assert bare == []


def test_other_systems_are_told_what_to_install(
    bare: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One error, one next step."""
    monkeypatch.setattr(engine, "can_install", lambda: False)
    with pytest.raises(ParityError, match="was not found") as caught:
        engine.ensure_engine()
    assert "install Docker Engine" in caught.value.hint
    assert bare == []


@pytest.mark.parametrize(
    ("distribution", "own", "newer"),
    [
        (DEBIAN_12, "iptables", "docker-compose"),
        (Distribution("debian", "trixie", "13"), "docker-compose", ""),
        (Distribution("debian", "forky", ""), "docker-compose", ""),
        (Distribution("ubuntu", "noble", "24.04"), "docker-compose-v2", ""),
    ],
)
def test_packages_by_distribution(distribution: Distribution, own: str, newer: str) -> None:
    """Names differ, and Debian 12's own Docker is too old."""
    packages = engine.docker_packages(distribution)
    assert own in packages.own
    assert (newer in packages.newer) if newer else not packages.newer


def test_debian_11_is_refused_before_anything_is_installed() -> None:
    """Its packages have no Compose v2."""
    with pytest.raises(ParityError, match="Debian 11"):
        engine.docker_packages(Distribution("debian", "bullseye", "11"))


def test_stop_ends_the_kits_own_daemon_and_nothing_else(bare: list[str], tmp_path: Path) -> None:
    """Found by process id and name; a process that merely has the id is left alone."""
    assert not engine.stop_engine()
    daemon = subprocess.Popen(["dockerd", "60"], executable="/bin/sleep")
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        (tmp_path / "pid").write_text(str(stranger.pid))
        assert not engine.started_by_kit()
        assert not engine.stop_engine()
        assert stranger.poll() is None

        _until_named(daemon.pid)
        (tmp_path / "pid").write_text(str(daemon.pid))
        assert engine.started_by_kit()
        assert engine.stop_engine()
        assert daemon.wait(5) == -15
        assert not (tmp_path / "pid").exists()
    finally:
        for process in (daemon, stranger):
            process.kill()
            process.wait()
    assert bare == []


def test_unit_of_an_earlier_boot_is_the_machines_own(
    bare: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a reboot systemd starts Docker by itself; `down` leaves it."""
    boot = tmp_path / "boot_id"
    boot.write_text("now\n")
    monkeypatch.setattr(engine, "BOOT_ID", boot)
    (tmp_path / "unit").write_text("before\n")
    assert not engine.started_by_kit()
    (tmp_path / "unit").write_text("now\n")
    assert engine.started_by_kit()
    assert bare == []


def _until_named(pid: int) -> None:
    deadline = time.monotonic() + 5
    while not engine._is_dockerd(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
