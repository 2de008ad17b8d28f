"""The command hands its options to the program of torture/, and draws a seed if it has none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from parity.errors import UsageError
from parity.verbs import torture
from tests.parity.cli.calling import run
from torture.__main__ import parser

RUN = torture.Run(turns=5, minutes=0.5, seed=7, clients=2, picture=None, as_json=True)


@pytest.mark.parametrize("picture", [None, Path("/a/b.png")])
def test_program_understands_the_command(picture: Path | None) -> None:
    """Both ends name the options alike."""
    argv = torture.command(replace(RUN, picture=picture, only=["replica killed", "scale in"]))
    assert argv[1:3] == ["-m", "torture"]
    wanted = {"turns": 5, "minutes": 0.5, "seed": 7, "clients": 2, "picture": picture, "json": True}
    only = {"only": ["replica killed", "scale in"]}
    assert vars(parser().parse_args(argv[3:])) == wanted | only


def test_seed_is_drawn_where_none_is_given() -> None:
    """Else two runs would be one."""
    without = replace(RUN, seed=None)
    assert torture.command(without) != torture.command(without)


@pytest.mark.parametrize("code", [0, 1])
def test_exit_code_is_the_program_s(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """CI goes by it."""
    monkeypatch.setattr(torture, "ensure_dev_environment", lambda: None)
    monkeypatch.setattr(torture, "show", lambda *_, **__: code)
    assert run("torture", "--turns", "5", "--seed", "0")[0] == code


def test_unknown_fault_is_quoted_beside_those_there_are() -> None:
    """Before anything is started."""
    with pytest.raises(UsageError, match="'fire' is none of replica killed, ") as caught:
        torture.command(replace(RUN, only=["fire"]))
    assert '--only "replica killed"' in caught.value.hint


def test_no_turns_are_wrong_usage() -> None:
    """Nothing would be proven."""
    assert run("torture", "--turns", "0")[0] == 2
