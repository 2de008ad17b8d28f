"""The SDK talks to the engine that the docker command line talks to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from unittest.mock import MagicMock

import pytest

from parity.errors import ParityError
from parity.host import client

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> MagicMock:
    """Give the SDK's module, and no context."""
    sdk = MagicMock()
    monkeypatch.setattr(client, "docker", sdk)
    monkeypatch.setattr(client, "run", lambda _: "unix:///home/u/.colima/docker.sock\n")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)
    return sdk


def test_default_context_is_the_environments(sdk: MagicMock) -> None:
    """With no configuration at all."""
    client.connect()
    sdk.from_env.assert_called_once()


def test_chosen_context_is_followed(sdk: MagicMock, tmp_path: Path) -> None:
    """Docker Desktop, Colima and rootless engines listen elsewhere."""
    (tmp_path / "config.json").write_text(json.dumps({"currentContext": "colima"}))
    client.connect()
    address = sdk.DockerClient.call_args.kwargs["base_url"]
    assert address == "unix:///home/u/.colima/docker.sock"


def test_docker_host_wins_over_the_context(
    sdk: MagicMock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for the command line."""
    (tmp_path / "config.json").write_text(json.dumps({"currentContext": "colima"}))
    monkeypatch.setenv("DOCKER_HOST", "tcp://box:2375")
    client.connect()
    sdk.from_env.assert_called_once()


@pytest.mark.parametrize("text", ["", "not json", "{}"])
def test_unreadable_configuration_means_the_default(
    sdk: MagicMock, tmp_path: Path, text: str
) -> None:
    """The command line would complain of it itself."""
    (tmp_path / "config.json").write_text(text)
    client.connect()
    sdk.from_env.assert_called_once()


def test_silent_engine_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a traceback of urllib3."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    with pytest.raises(ParityError, match="does not answer"):
        client.connect()
