"""What the cloud's commands say comes next is for the stack in question, and can be typed."""

from __future__ import annotations

import io

import pytest

from parity.errors import ParityError, UsageError
from parity.project import DEFAULT_STACK
from parity.verbs import on_stack as shared
from parity.verbs.on_stack import on_stack


@pytest.mark.parametrize(
    ("hint", "shown"),
    [
        ("parity deploy", "parity deploy --stack chat"),
        (
            "parity deploy    (goes on waiting), or parity rollback",
            "parity deploy --stack chat    (goes on waiting), or parity rollback --stack chat",
        ),
        ("parity destroy --stack chat, then parity deploy again", None),
        ("parity deploy --receipt r1 --stack chat", "parity deploy --receipt r1 --stack chat"),
        ("parity deploy --stack other    (or another free name)", None),
        ("scripts/test, or parity doctor", "scripts/test, or parity doctor"),
    ],
)
def test_commands_of_a_hint_name_the_stack_once(hint: str, shown: str | None) -> None:
    """A hint followed to the letter must not reach another stack."""
    wanted = shown or hint.replace("parity deploy again", "parity deploy --stack chat again")
    with pytest.raises(ParityError) as caught, on_stack("chat", "deploy"):
        raise ParityError("no", hint=hint)
    assert caught.value.hint == wanted
    assert shared.for_stack(hint, DEFAULT_STACK) == hint


@pytest.mark.parametrize("ending", [KeyboardInterrupt(), SystemExit(143)])
def test_interrupted_command_names_the_one_that_goes_on(
    ending: BaseException, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C and SIGTERM alike."""
    with pytest.raises(type(ending)), on_stack("chat", "rollback"):
        raise ending
    assert "next:  parity rollback --stack chat " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "agreed"),
    [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False), ("what\ny\n", True)],
)
def test_question_is_asked_on_stderr_until_it_is_answered(
    *, typed: str, agreed: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Stdout is for the URL alone; only a yes is a yes."""
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert shared.confirm("Go?") is agreed
    shown = capsys.readouterr()
    assert (shown.out, shown.err.count("Go? [y/N]:")) == ("", typed.count("\n"))


def test_nobody_to_answer_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a pipeline; the option that answers beforehand is named."""
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(UsageError, match="nothing was changed") as caught:
        shared.confirm("Go?")
    assert "--yes" in caught.value.hint
