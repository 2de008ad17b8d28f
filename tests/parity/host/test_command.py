"""A program's failure becomes one sentence, its last lines and a next step."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from parity.errors import ParityError
from parity.host.command import NOT_FOUND, complaint, follow, run, show, succeeds

if TYPE_CHECKING:
    from pathlib import Path

INTERRUPTED = """
import os, signal, subprocess, threading
from parity.host.command import show
from parity.host.signals import end_in_good_order_on_sigterm

waiting, wait = threading.Event(), subprocess.Popen.wait

def noticed_wait(process, *arguments):
    waiting.set()
    return wait(process, *arguments)

def end():
    waiting.wait()
    while not os.path.exists("ready"):
        pass
    os.kill(os.getpid(), signal.SIGTERM)

subprocess.Popen.wait = noticed_wait
end_in_good_order_on_sigterm()
threading.Thread(target=end).start()
show(["sh", "-c", "trap 'echo >done; exit' TERM; echo >ready; while :; do sleep 0.05; done"])
"""


def test_output_is_returned_and_environment_is_added() -> None:
    """Added to, not in place of, what is there."""
    assert run(["sh", "-c", 'echo "$X$HOME"'], env={"X": "1"}).startswith("1/")


def test_failure_quotes_the_command_and_the_end_of_its_output() -> None:
    """The end, since that is where the reason is."""
    with pytest.raises(ParityError) as caught:
        run(["sh", "-c", "seq 100; echo why >&2; exit 3"], hint="do this")
    assert "exit code 3" in caught.value.what
    assert caught.value.detail.splitlines()[-1] == "why"
    assert len(caught.value.detail.splitlines()) == 30
    assert caught.value.hint == "do this"


def test_output_is_told_line_by_line_as_it_comes(tmp_path: Path) -> None:
    """The program waits for the first line to be told before it prints the second."""
    told: list[str] = []
    seen = tmp_path / "seen"

    def tell(line: str) -> None:
        told.append(line)
        seen.touch()

    script = 'echo "$X"; while [ ! -e seen ]; do sleep 0.05; done; echo two >&2'
    follow(["sh", "-c", f"cd {tmp_path}; {script}"], tell, env={"X": "one"}, timeout=10)
    assert told == ["one", "two"]


def test_followed_program_fails_as_any_other() -> None:
    """With its exit code, the end of its output, and a known cause by its name."""
    with pytest.raises(ParityError) as caught:
        follow(["sh", "-c", "seq 100; exit 3"], lambda _: None, timeout=10, hint="do this")
    assert "exit code 3" in caught.value.what
    assert caught.value.detail.splitlines() == [str(n) for n in range(71, 101)]
    assert caught.value.hint == "do this"
    full = ["sh", "-c", "echo no space left on device; seq 100; exit 1"]
    with pytest.raises(ParityError, match="disk of Docker is full"):
        follow(full, lambda _: None, timeout=10)
    with pytest.raises(ParityError, match="not installed"):
        follow(["no-such-program"], lambda _: None, timeout=10)


def test_followed_program_that_takes_too_long_is_ended() -> None:
    """It does not hang the command."""
    with pytest.raises(ParityError, match="took over"):
        follow(["sleep", "60"], lambda _: None, timeout=0.2)


def test_followed_program_ends_with_whoever_follows_it(tmp_path: Path) -> None:
    """Ctrl-C must not leave a build running."""

    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    script = f"trap 'echo > {tmp_path}/ended; exit' TERM; echo ready; while :; do sleep 0.05; done"
    with pytest.raises(KeyboardInterrupt):
        follow(["sh", "-c", script], interrupt, timeout=10)
    assert (tmp_path / "ended").exists()


def test_known_cause_wins_over_the_exit_code() -> None:
    """A full disk is called a full disk."""
    with pytest.raises(ParityError, match="disk of Docker is full"):
        run(["sh", "-c", "echo write: no space left on device; exit 1"])


def test_missing_program_is_named() -> None:
    """Not a FileNotFoundError."""
    with pytest.raises(ParityError, match="'no-such-program' is not installed"):
        run(["no-such-program"])
    assert not succeeds(["no-such-program"])
    assert show(["no-such-program"]) == NOT_FOUND


def test_program_that_takes_too_long_is_ended() -> None:
    """A hung docker must not hang the kit."""
    with pytest.raises(ParityError, match="took over 0 s"):
        run(["sleep", "60"], timeout=0.05)


def test_complaint_is_the_last_line_or_nothing() -> None:
    """What fits into a table."""
    assert complaint(["true"]) is None
    assert complaint(["sh", "-c", "echo a; echo b >&2; exit 1"]) == "b"
    assert complaint(["false"]) == "'false' failed with exit code 1"


def test_interrupted_program_gets_time_to_end_itself(tmp_path: Path) -> None:
    """SIGTERM to the kit reaches the program, which cleans up before the kit goes on."""
    script = tmp_path / "script.py"
    script.write_text(INTERRUPTED)
    done = subprocess.run([sys.executable, str(script)], check=False, timeout=30, cwd=tmp_path)
    assert done.returncode == 143
    assert (tmp_path / "done").exists()
