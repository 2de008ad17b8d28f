"""`parity test --store`: the long proof of the session store, one part after another."""

from __future__ import annotations

import secrets
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from parity import console
from parity.deploy import junit
from parity.efs.mounting import mountpoints, unmount
from parity.errors import ParityError, UsageError
from parity.host.command import follow
from parity.host.signals import deaf
from parity.project import ROOT
from parity.testing.code import pytest_command
from parity.testing.environment import ensure_test_environment
from parity.testing.report import COLUMNS, Report
from parity.verbs.ps import duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.deploy.junit import Case

FOLDER = ROOT / "tests" / "store"
TIMEOUT = 2 * 3600.0  # seconds of one part; all of them take a quarter of an hour
FAULT_COLUMNS = ("injected", "what the app gets", "lost")
COLOURS = {"passed": "green", "skipped": "yellow", "failed": "red"}


def parts(folder: Path = FOLDER) -> list[str]:
    """Return the parts there are: the test modules of the folder."""
    return sorted(file.stem.removeprefix("test_") for file in folder.glob("test_*.py"))


def environment(seed: int) -> dict[str, str]:
    """Return what makes the tests long, and their chance repeatable."""
    return {"STORE_PROOF": "long", "STORE_SEED": str(seed)}


def command(part: str, seed: int, folder: Path) -> list[str]:
    """Return the argv of one part; folder: for its volumes and its report."""
    return pytest_command(
        str((FOLDER / f"test_{part}.py").relative_to(ROOT)),
        *("-v", "--tb=short", "-p", "no:cacheprovider", f"--hypothesis-seed={seed}"),
        f"--basetemp={folder / part}",
        junit.option(report_file(folder, part)),
    )


def report_file(folder: Path, part: str) -> Path:
    """Return where a part's report goes."""
    return folder / f"{part}.xml"


def prove_store(*, only: str = "", seed: int | None = None, as_json: bool = False) -> bool:
    """Run all parts, or only one; return whether each has tried something and found nothing.

    Nothing of it is left, however it ends. Raises UsageError for a part that is not there.
    """
    known = parts()
    if only and only not in known:
        there_are = ", ".join(known)
        raise UsageError(
            f"there is no part '{only}'; there are: {there_are}",
            hint=f"parity test --store --only {known[0]}",
        )
    ensure_test_environment()
    seed = secrets.randbelow(2**32) if seed is None else seed
    console.note(f"Seed: {seed}")
    report, cases = Report(), dict[str, list[junit.Case]]()
    with volumes() as folder:
        for part in [only] if only else known:
            with report.attempt(part), console.step(f"Prove the store: {part}", keep=True) as step:
                argv = command(part, seed, folder)
                try:
                    follow(argv, step.say, env=environment(seed), timeout=TIMEOUT)
                finally:
                    cases[part] = junit.read_cases(report_file(folder, part))
                require_proof(part, cases[part])
    if as_json:
        console.emit_json(as_data(seed, report, cases))
    else:
        show(report, [case for found in cases.values() for case in found])
    return report.passed


def require_proof(part: str, cases: list[Case]) -> None:
    """Raise ParityError where a part has tried nothing: all of it was skipped, or there is none."""
    if all(case.result == "skipped" for case in cases):
        raise ParityError(
            f"'{part}' proves nothing: each of its {len(cases)} tests was skipped",
            hint="parity doctor",
        )


@contextmanager
def volumes() -> Iterator[Path]:
    """Give a folder for volumes; what is still mounted in it at the end is taken away first."""
    with tempfile.TemporaryDirectory(prefix="parity-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        try:
            yield folder
        finally:
            with deaf():
                for place in map(Path, mountpoints()):
                    if place.is_relative_to(folder):
                        unmount(place)


def show(report: Report, cases: list[Case]) -> None:
    """Print what was tried and found, the faults, and the verdict on each part."""
    console.headline("what was tried")
    console.table(("", "result", "figures", "time>"), rows(cases))
    if faults := fault_rows(cases):
        console.headline("what was injected, and what was lost")
        console.table(FAULT_COLUMNS, faults)
    console.headline("result")
    console.table(COLUMNS, report.rows())


def rows(cases: list[Case]) -> list[list[str]]:
    """Return one row a test, but for those of the table of faults that passed."""
    return [
        [
            escape(case.title),
            f"[{COLOURS[case.result]}]{case.result}[/]",
            escape(", ".join(f"{name} {value}" for name, value in case.recorded.items())),
            duration(case.seconds),
        ]
        for case in cases
        if FAULT_COLUMNS[0] not in case.recorded
    ]


def fault_rows(cases: list[Case]) -> list[list[str]]:
    """Return one row a fault, of those that did what the table says."""
    return [
        [escape(case.recorded[column]) for column in FAULT_COLUMNS]
        for case in cases
        if FAULT_COLUMNS[0] in case.recorded
    ]


def as_data(seed: int, report: Report, cases: dict[str, list[Case]]) -> dict[str, object]:
    """Return all that was found."""
    parts = {
        outcome.title: {
            "passed": outcome.passed,
            "seconds": round(outcome.seconds, 1),
            "tests": [vars(case) for case in cases.get(outcome.title, [])],
        }
        for outcome in report.outcomes
    }
    return {"seed": seed, "passed": report.passed, "parts": parts}
