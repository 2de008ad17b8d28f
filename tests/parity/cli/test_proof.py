"""Commands that examine and test: their verdict is their exit code."""

from __future__ import annotations

import json

import pytest

from parity.verbs.doctor import Check
from tests.parity.cli.calling import run


@pytest.mark.parametrize(
    ("checks", "code"),
    [
        ([Check("a", ok=True, found="")], 0),
        ([Check("a", ok=False, found="", needed=False)], 0),
        ([Check("a", ok=False, found="")], 1),
    ],
)
def test_doctor_fails_only_for_what_is_needed(
    monkeypatch: pytest.MonkeyPatch, checks: list[Check], code: int
) -> None:
    """So that it can stand in a script."""
    monkeypatch.setattr("parity.verbs.doctor.examine", lambda _: checks)
    assert run("doctor")[0] == code
    got, output = run("doctor", "--json")
    assert got == code
    assert json.loads(output)[0]["state"] == checks[0].state


@pytest.mark.parametrize(
    ("option", "verb"),
    [
        ("--fast", "parity.verbs.run_tests.run_tests"),
        ("--arm64", "parity.verbs.run_arm64.run_arm64"),
        ("--store", "parity.verbs.prove_store.prove_store"),
    ],
)
@pytest.mark.parametrize(("passed", "code"), [(True, 0), (False, 1)])
def test_test_has_the_exit_code_of_its_verdict(
    monkeypatch: pytest.MonkeyPatch,
    passed: bool,  # noqa: FBT001 - a parameter of the test
    code: int,
    option: str,
    verb: str,
) -> None:
    """CI goes by it."""
    monkeypatch.setattr(verb, lambda *_, **__: passed)
    assert run("test", option)[0] == code


def test_fast_and_arm64_exclude_each_other() -> None:
    """One is without Docker, the other needs it."""
    code, output = run("test", "--fast", "--arm64")
    assert code == 2
    assert "--arm64" in output


@pytest.mark.parametrize(
    "options",
    ["--store --fast", "--store --arm64", "--only kills", "--seed 1", "--json"],
)
def test_options_of_the_store_s_proof_go_with_it_alone(
    options: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than be ignored."""
    for verb in ("prove_store.prove_store", "run_tests.run_tests"):
        monkeypatch.setattr(f"parity.verbs.{verb}", lambda *_, **__: pytest.fail("ran"))
    code, output = run("test", *options.split())
    assert code == 2
    assert "--store" in output
