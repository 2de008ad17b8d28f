"""What a user reads: data on stdout, the rest on stderr, and nothing taken for markup."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from parity import console
from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Give a function that returns what was printed on stderr."""
    recorder = Console(record=True, width=120, highlight=False, soft_wrap=True, quiet=False)
    monkeypatch.setattr(console, "err", recorder)
    return lambda: recorder.export_text(clear=False)


def test_error_says_what_failed_why_and_what_to_type_next(said: Callable[[], str]) -> None:
    """In that order: the last line is the one to act on."""
    console.failure(ParityError("port 80 is taken", hint="PORT=81 scripts/up", detail="line one\n"))
    assert said().splitlines() == [
        "line one",
        "error: port 80 is taken",
        "next:  PORT=81 scripts/up",
    ]


def test_brackets_in_an_error_are_printed_as_they_are(said: Callable[[], str]) -> None:
    """Paths and IPv6 addresses have brackets; a closing tag in them must not raise."""
    console.failure(ParityError("[/bold] [red]", hint="[::1]", detail="[/]"))
    assert "error: [/bold] [red]" in said()
    assert "next:  [::1]" in said()


def test_step_shows_success_and_time(said: Callable[[], str]) -> None:
    """A finished step stays on the screen."""
    with console.step("Build [x]"):
        pass
    assert "✓ Build [x] 0.0 s" in said()


def test_failed_step_stays_visible_and_the_error_goes_on(said: Callable[[], str]) -> None:
    """Which step failed must not be a guess."""
    with pytest.raises(ParityError), console.step("Build"):
        raise ParityError("no")
    assert "✗ Build" in said()


@pytest.mark.parametrize(("keep", "lines"), [(False, []), (True, ["  [a 1/2]", "  [b]"])])
def test_progress_goes_into_a_file_only_where_it_is_to_be_kept(
    said: Callable[[], str],
    keep: bool,  # noqa: FBT001 - a parameter of the test
    lines: list[str],
) -> None:
    """A long build says which step it is at; a push with its hundreds of reports does not."""
    with console.step("Build", keep=keep) as step:
        step.say("[a 1/2]")
        step.say("[b]")
    assert said().splitlines()[1:-1] == lines
    assert "✓ Build" in said()


def test_step_that_was_given_up_is_not_shown_as_done(said: Callable[[], str]) -> None:
    """A pull without a registry is no success."""
    with console.step("Pull") as pull:
        pull.give_up("no registry")
    assert "✓" not in said()
    assert "- Pull: no registry" in said()


def test_json_is_one_document_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    """For jq, and for other alphabets."""
    console.emit_json({"name": "Zoë"})
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"name": "Zoë"}
    assert "Zoë" in captured.out
    assert captured.err == ""


def test_table_has_no_colours_in_a_pipe() -> None:
    """What goes into a file is plain text, and not folded at 80 columns."""
    pipe = Console(file=io.StringIO(), width=console.PIPE_WIDTH)
    pipe.print(console.make_table(("a", "n>"), [["[green]" + "x" * 150 + "[/]", "1"]]))
    assert isinstance(pipe.file, io.StringIO)
    header, row = pipe.file.getvalue().splitlines()
    assert header.split() == ["a", "n"]
    assert row.split() == ["x" * 150, "1"]
