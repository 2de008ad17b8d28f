"""The long proof of the store: which parts there are, what it runs, what it leaves."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from parity.efs.mounting import mount, mountpoints
from parity.errors import ParityError, UsageError
from parity.project import ROOT
from parity.verbs import prove_store
from tests.efs.mounts import mounting

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DOC = (ROOT / "docs" / "store.md").read_text()
REPORT = """
<testsuites><testsuite tests="2" failures="1" errors="0" skipped="0" time="1">
<testcase name="test_it_holds[plain folder]" time="61.5">
<properties><property name="kills" value="500"/><property name="lost" value="0"/></properties>
</testcase>
<testcase name="test_told[full]" time="1">
<properties><property name="injected" value="full"/><property name="what the app gets" value="no"/>
<property name="lost" value="nothing"/></properties>
</testcase>
</testsuite></testsuites>
"""


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let these tests install nothing."""
    monkeypatch.setattr(prove_store, "ensure_test_environment", lambda: None)


def test_every_part_is_told_in_the_documentation() -> None:
    """And no other."""
    table = DOC.partition("| part |")[2].partition("## Faults")[0]
    told = [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")]
    assert sorted(told) == prove_store.parts()


def test_the_tests_are_long_and_go_by_the_seed() -> None:
    """As the tests themselves understand what they are given."""
    ask = "from tests.store.effort import *; print(EFFORT == LONG, SEED)"
    for environment, said in ((prove_store.environment(7), "True 7"), ({}, "False 4")):
        done = subprocess.check_output(
            [sys.executable, "-c", ask], cwd=ROOT, env=environment, text=True
        )
        assert done.strip() == said


def test_unknown_part_lists_those_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing is run."""
    monkeypatch.setattr(prove_store, "follow", lambda *_, **__: pytest.fail("ran"))
    with pytest.raises(UsageError, match="no part 'nope'; there are: faults, fuzz, kills"):
        prove_store.prove_store(only="nope")


def leaving_a_report(error: ParityError | None, text: str = REPORT) -> Callable[..., None]:
    """Return what stands in for a run of pytest."""

    def follow(argv: list[str], *_: object, **__: object) -> None:
        (option,) = (each for each in argv if each.startswith("--junit-xml="))
        with open(option.partition("=")[2], "w") as file:  # noqa: PTH123 - a name
            file.write(text)
        if error:
            raise error

    return follow


@pytest.mark.parametrize("error", [None, ParityError("pytest failed")])
def test_a_finding_is_the_verdict_and_keeps_no_part_from_running(
    error: ParityError | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All that was found is data on stdout."""
    monkeypatch.setattr(prove_store, "follow", leaving_a_report(error))
    assert prove_store.prove_store(seed=7, as_json=True) == (error is None)
    found = json.loads(capsys.readouterr().out)
    assert (found["seed"], found["passed"]) == (7, error is None)
    assert list(found["parts"]) == prove_store.parts()
    assert found["parts"]["kills"]["passed"] == (error is None)
    assert found["parts"]["kills"]["tests"][0] == {
        "title": "it holds: plain folder",
        "result": "passed",
        "seconds": 61.5,
        "recorded": {"kills": "500", "lost": "0"},
    }


@pytest.mark.parametrize(("skipped", "proven"), [(0, True), (1, True), (2, False)])
def test_a_part_that_was_skipped_altogether_proves_nothing(
    skipped: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    proven: bool,
) -> None:
    """As all do where no volume can be mounted; one test that ran is a proof of its own."""
    text = REPORT.replace("</testcase>", "<skipped/></testcase>", skipped)
    monkeypatch.setattr(prove_store, "follow", leaving_a_report(None, text))
    assert prove_store.prove_store(only="faults", seed=7) == proven
    told = "'faults' proves nothing: each of its 2 tests was skipped"
    assert (told in " ".join(capsys.readouterr().err.split())) != proven


def test_figures_and_faults_have_a_table_each(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault that did what it should is a line of the second only."""
    monkeypatch.setattr(prove_store, "follow", leaving_a_report(None))
    assert prove_store.prove_store(only="faults", seed=7)
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "it holds: plain folder passed kills 500, lost 0 1 min" in lines
    assert "full no nothing" in lines
    assert sum("full" in line for line in lines) == 1


def test_what_a_killed_run_left_mounted_is_taken_away(tmp_path: Path) -> None:
    """Before the folder beneath goes; and nothing else is."""
    with mounting(tmp_path) as mounts:
        (other,) = mounts(1)
        with suppress(KeyboardInterrupt), prove_store.volumes() as folder:
            (folder / "volume").mkdir()
            (folder / "client").mkdir()
            client = mount(folder / "volume", folder / "client", log=tmp_path / "log")
            raise KeyboardInterrupt
        assert str(folder / "client") not in mountpoints()
        assert str(other) in mountpoints()
        client.wait(10)
    assert not folder.exists()
