"""The store's command gets what was typed, and its output and exit code come back."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from parity import stack
from parity.efs import service
from parity.project import ROOT, Settings, read_settings
from parity.verbs.sessions import run_sessions
from tests.parity.cli.calling import run

if TYPE_CHECKING:
    from pathlib import Path

# In place of Docker: has an image, and says what it was called with.
ENGINE = """#!/bin/sh
if [ "$1" = image ]; then exit ${IMAGE_CODE:-0}; fi
echo "arguments: $*"
echo "files: $COMPOSE_FILE"
echo "project: $COMPOSE_PROJECT_NAME, data: $DATA_FOLDER" >&2
cat
exit 3
"""


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put that program where Docker is looked for; return the data folder."""
    data = tmp_path / "data"
    data.mkdir()
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(ENGINE)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DATA_FOLDER", str(data))
    monkeypatch.setenv("COMPOSE_PROJECT_NAME", "p")
    return data


def test_the_call_is_a_container_of_its_own_on_the_stack_s_volume() -> None:
    """Gone afterwards, starts nothing else, and mixes no terminal into the data."""
    assert stack.sessions_command(["purge", "--older-than", "9"]) == [
        *("docker", "compose", "--project-directory", str(ROOT), "--progress", "quiet"),
        *("run", "--rm", "--no-deps", "-T", "app"),
        *("python3", "-m", "app.sessions", "purge", "--older-than", "9"),
    ]


def test_input_output_and_exit_code_go_through(engine: Path) -> None:
    """As a shell sees it: options of the inner command are its own, `--help` too."""
    program = [sys.executable, "-c", "from parity.cli import main; main()"]
    done = subprocess.run(
        [*program, "sessions", "purge", "--yes", "--help"],
        input="a line\n",
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 3
    called, files, echoed = done.stdout.splitlines()
    assert called.startswith("arguments: compose ")
    assert called.endswith(" app python3 -m app.sessions purge --yes --help")
    assert (files, echoed) == ("files: ", "a line")
    assert done.stderr == f"project: p, data: {engine}\n"


@pytest.mark.usefixtures("engine")
def test_on_efs_semantics_it_is_a_client_as_the_replicas_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """On the folder itself its locks would hold against no replica; a dead plugin is revived."""
    revived: list[Settings] = []
    monkeypatch.setattr(service, "RUN", tmp_path)
    monkeypatch.setattr(service, "revive", revived.append)
    assert run_sessions(read_settings(), ["verify"]) == 3
    assert "files: \n" in capfd.readouterr().out
    (tmp_path / "p").mkdir()
    assert run_sessions(read_settings(), ["purge"]) == 3
    files = f"{ROOT / 'compose.yaml'}{os.pathsep}{ROOT / 'compose.efs.yaml'}"
    assert f"files: {files}\n" in capfd.readouterr().out
    assert {settings.project for settings in revived} == {"p"}


def test_without_a_volume_or_an_image_the_next_command_is_named(
    engine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is built, pulled or made by asking."""
    monkeypatch.setenv("IMAGE_CODE", "1")
    code, output = run("sessions", "ls")
    assert code == 1
    assert "'p-app' is not there" in output
    assert "scripts/up" in output
    engine.rmdir()
    code, output = run("sessions", "ls")
    assert code == 1
    assert "there are no sessions yet" in output
    assert not engine.exists()


def test_help_of_the_outer_command_has_examples() -> None:
    """And asks for nothing."""
    code, output = run("sessions", "--help")
    assert code == 0
    assert "parity sessions export > sessions.jsonl" in output
    assert "parity sessions" in run("sessions")[1]
