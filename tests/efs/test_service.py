"""EFS semantics of a stack on this host; what needs no engine."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from parity.efs import service
from parity.efs.clients import USER, user_of
from parity.errors import ParityError
from parity.project import ROOT, read_settings

if TYPE_CHECKING:
    from parity.project import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Give a stack whose runtime files are the test's own."""
    monkeypatch.setattr(service, "RUN", tmp_path / "run")
    monkeypatch.setattr(service, "PLUGINS", tmp_path / "plugins")
    data = tmp_path / "data"
    data.mkdir()
    return replace(read_settings(), project="p", data=data)


def test_override_names_the_driver_as_the_socket_is_named() -> None:
    """The engine finds a driver by its socket; the override changes the volume and no more."""
    override = yaml.safe_load((ROOT / service.OVERRIDE).read_text())
    driver = override["volumes"][service.VOLUME]["driver"]
    assert driver.replace("${COMPOSE_PROJECT_NAME:-parity-kit}", "p") == service.socket_of("p").stem
    assert list(override["services"]) == ["app"]
    assert list(override["services"]["app"]) == ["volumes"]


def test_plugin_outlives_the_command_and_is_found_again(settings: Settings, tmp_path: Path) -> None:
    """Started once, revived when killed, and nothing is left when stopped."""
    if os.geteuid() != 0:
        pytest.skip("only root runs the plugin")
    assert not service.is_on("p")
    assert service.as_running(settings) == settings
    service.ensure_running(settings)
    try:
        first = (tmp_path / "run" / "p" / "pid").read_text()
        service.ensure_running(settings)
        assert (tmp_path / "run" / "p" / "pid").read_text() == first
        assert user_of(tmp_path / "run" / "p") == USER
        service.ensure_running(settings, "7:8")
        assert (tmp_path / "run" / "p" / "pid").read_text() == first
        assert user_of(tmp_path / "run" / "p") == (7, 8)
        service.ensure_running(settings)
        assert user_of(tmp_path / "run" / "p") == USER
        assert service.is_wanted(service.as_running(settings))
        os.kill(int(first), signal.SIGKILL)
        os.waitpid(int(first), 0)
        assert service.is_on("p")
        assert not service.is_running("p")
        service.revive(settings)
        assert service.is_running("p")
    finally:
        service.stop(settings)
    assert not (tmp_path / "run").exists()
    assert list(service.PLUGINS.iterdir()) == []
    service.stop(settings)


def test_one_stack_has_one_folder(settings: Settings, tmp_path: Path) -> None:
    """Another DATA_FOLDER under a running stack is refused before anything changes."""
    if service.host_problem():
        pytest.skip(str(service.host_problem()))
    (tmp_path / "run" / "p").mkdir(parents=True)
    (tmp_path / "run" / "p" / "folder").write_text(str(settings.data))
    with pytest.raises(ParityError, match="has its volume in"):
        service.prepare(replace(settings, data=tmp_path / "other"))


def test_plain_users_are_told_that_it_needs_root(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine looks for its plugins where only root may write."""
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr(Path, "exists", lambda _: True)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(ParityError, match="root"):
        service.prepare(settings)


@pytest.mark.parametrize(
    ("system", "text"), [("Darwin", "virtual machine"), ("Windows", "virtual machine")]
)
def test_other_systems_are_told_why_not(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, system: str, text: str
) -> None:
    """And what works there."""
    monkeypatch.setattr("platform.system", lambda: system)
    with pytest.raises(ParityError, match=text) as caught:
        service.prepare(settings)
    assert caught.value.hint.startswith("parity up ")
