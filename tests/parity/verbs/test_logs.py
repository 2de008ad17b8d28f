"""Logs in a pipe are plain lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.verbs.logs import show_plainly

if TYPE_CHECKING:
    import pytest


def test_escape_sequences_of_compose_do_not_reach_a_pipe(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    """It writes them although nobody could see them; the exit code is passed on."""
    argv = ["sh", "-c", r"printf '\033[2Kapp-1  | one\ntwo\n'; exit $CODE"]
    assert show_plainly(argv, {"CODE": "3"}) == 3
    assert capfdbinary.readouterr().out == b"app-1  | one\ntwo\n"
