"""`parity test --app` hands its options to the program of e2e/adopted/."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import MagicMock

import pytest

from e2e.adopted.__main__ import parser
from parity.verbs.try_app import Trial, command
from tests.parity.cli.calling import run


def test_program_understands_the_command() -> None:
    """Both ends name the options alike."""
    argv = command(Trial("my-app", "./my-app", Path("/r"), only="refresh", as_json=True))
    assert argv[1:3] == ["-m", "e2e.adopted"]
    told = vars(parser().parse_args(argv[3:]))
    named = {"name": "my-app", "source": "./my-app", "folder": Path("/r")}
    assert told == named | {"only": ["refresh"], "json": True}


@pytest.mark.parametrize(
    "options", ["--app --fast", "--app --store", "--report x", "--app --seed 3", "--only refresh"]
)
def test_options_that_do_not_go_together_are_refused(
    options: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than ignored."""
    for verb in ("try_app.try_app", "prove_store.prove_store", "run_tests.run_tests"):
        monkeypatch.setattr(f"parity.verbs.{verb}", lambda *_, **__: pytest.fail("ran"))
    assert run("test", *options.split())[0] == 2


@pytest.mark.parametrize("code", [0, 1])
def test_exit_code_is_the_program_s(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """1 is a loss."""
    monkeypatch.setattr("parity.verbs.try_app.try_app", lambda *_, **__: code)
    assert run("test", "--app")[0] == code


def test_without_a_stack_the_next_step_is_to_adopt(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing to try."""
    nothing = MagicMock()
    nothing.replicas.return_value = []
    monkeypatch.setattr("parity.verbs.try_app.Compose", lambda _: nothing)
    code, output = run("test", "--app")
    assert code == 1
    assert "parity adopt ./my-app" in output
