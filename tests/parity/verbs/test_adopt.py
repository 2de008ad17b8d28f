"""`parity adopt`: what it refuses before anything is built or started."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parity.errors import UsageError
from parity.verbs import adopt
from tests.parity.cli.calling import run

if TYPE_CHECKING:
    from pathlib import Path

BUILD_OUTPUT = """\
#10 [app dependencies 2/2] RUN pip install
#10 5.120 Looking in indexes: https://index.example.com/simple
#10 6.254 ERROR: Could not find a version that satisfies the requirement nope==9
#10 6.260 ERROR: No matching distribution found for nope==9
#10 ERROR: process "/bin/sh -c pip" did not complete successfully: exit code: 1
"""


@pytest.fixture(autouse=True)
def _no_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ensure_running_engine", "bring_up", "ensure_image"):
        monkeypatch.setattr(adopt, name, lambda *_, **__: pytest.fail("began"))


@pytest.mark.parametrize("source", ["./nowhere", "/no/such/app", "~/nowhere", "nowhere/"])
def test_path_that_does_not_exist_is_quoted(source: str) -> None:
    """What looks like a path is not looked for in a registry."""
    code, output = run("adopt", source)
    assert code == 2
    assert f"there is no folder '{source}'" in output.replace("\n", " ")


def test_file_is_answered_with_the_command_that_was_meant(tmp_path: Path) -> None:
    """Its folder, and itself as the entry."""
    file = tmp_path / "page.py"
    file.write_text("import streamlit")
    code, output = run("adopt", str(file))
    assert code == 2
    assert f"parity adopt {tmp_path} --entry page.py" in output.replace("\n", " ")


@pytest.mark.parametrize("arguments", [[], ["./a", "--remove"]])
def test_either_an_app_or_remove(arguments: list[str]) -> None:
    """Never both, never neither."""
    code, output = run("adopt", *arguments)
    assert code == 2
    assert "--remove" in output


def test_port_in_use_is_named_with_the_same_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a free one."""
    (tmp_path / "app.py").write_text("import streamlit")
    monkeypatch.setattr("parity.host.preflight.port_is_free", lambda port: port != 8123)
    monkeypatch.setattr("parity.host.preflight.port_holders", dict)
    monkeypatch.setenv("PORT", "8123")
    code, output = run("adopt", str(tmp_path))
    assert code == 1
    assert f"PORT=8124 parity adopt {tmp_path}" in output.replace("\n", " ")


def test_pip_s_own_words_are_shown() -> None:
    """Less what BuildKit puts before them; nothing where something else failed."""
    said = adopt.install_failure(BUILD_OUTPUT).splitlines()
    assert said[-1] == "ERROR: No matching distribution found for nope==9"
    assert not any(line.startswith("#") for line in said)
    assert adopt.install_failure("#3 1.0 COPY failed") == ""


def test_environment_is_given_or_taken_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Docker has it."""
    monkeypatch.setenv("TABLE", "orders")
    monkeypatch.delenv("NOPE", raising=False)
    assert adopt.parse_environment(["A=b=c", "TABLE", "E="]) == {
        "A": "b=c",
        "TABLE": "orders",
        "E": "",
    }
    assert adopt.parse_environment(None) == {}
    for wrong in ("NOPE", "1=2", "=x"):
        with pytest.raises(UsageError, match=f"'{wrong}'"):
            adopt.parse_environment([wrong])
