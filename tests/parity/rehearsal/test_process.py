"""Servers of the rehearsal: begun, waited for, ended."""

from __future__ import annotations

import os
import socket
import sys
from typing import TYPE_CHECKING

import pytest

from parity.errors import ParityError
from parity.host.preflight import LOOPBACK, any_free_port
from parity.rehearsal.process import bare_environment, server

if TYPE_CHECKING:
    from pathlib import Path


def test_a_server_answers_inside_the_block_and_is_gone_after_it(tmp_path: Path) -> None:
    """Nothing is left running, and the first line of the block may already connect."""
    port = any_free_port()
    argv = [sys.executable, "-m", "http.server", str(port), "--bind", LOOPBACK]

    with (
        server(argv, port=port, log=tmp_path / "log", env=bare_environment(), cwd=tmp_path),
        socket.socket() as probe,
    ):
        assert probe.connect_ex((LOOPBACK, port)) == 0

    with socket.socket() as probe:
        assert probe.connect_ex((LOOPBACK, port)) != 0


def test_a_server_that_ends_at_once_is_an_error_with_its_last_words(tmp_path: Path) -> None:
    """Nobody waits a minute for a program that has already said what is wrong."""
    argv = [sys.executable, "-c", "raise SystemExit('no licence')"]

    with (
        pytest.raises(ParityError, match="exit code 1") as caught,
        server(argv, port=any_free_port(), log=tmp_path / "log", env=os.environ, cwd=tmp_path),
    ):
        pytest.fail("the block must not be entered")

    assert "no licence" in caught.value.detail


def test_the_users_aws_is_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither profile nor keys reach an emulator."""
    monkeypatch.setenv("AWS_PROFILE", "production")

    assert not [name for name in bare_environment(PORT="1") if name.startswith("AWS_")]
