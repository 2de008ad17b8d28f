"""The steps of a test run: what each was called, how it ended, what it counted."""

from __future__ import annotations

import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from parity import console
from parity.deploy import junit
from parity.deploy.receipt import SuiteResult
from parity.errors import ParityError
from parity.host.command import beside, show
from parity.project import ROOT
from parity.verbs.ps import duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

COLUMNS = ("step", "result", "time>")


@dataclass(frozen=True)
class Outcome:
    """How one step ended and how many seconds it took."""

    title: str
    passed: bool
    seconds: float


@dataclass
class Report:
    """The steps so far; a failed one does not keep the next from running."""

    outcomes: list[Outcome] = field(default_factory=list)
    suites: dict[str, SuiteResult] = field(default_factory=dict)
    fields: int = 0  # of the template, that the rehearsal read back as they are in it
    parity: bool | None = None  # whether the two sides agreed whenever they were compared

    @property
    def passed(self) -> bool:
        """True when every step passed."""
        return all(outcome.passed for outcome in self.outcomes)

    @property
    def last_passed(self) -> bool:
        """True when the last step passed."""
        return self.outcomes[-1].passed

    def run(self, title: str, argv: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        """Run a program as a step, its output going straight to the terminal."""
        console.headline(title)
        with self.attempt(title):
            if code := show(argv, env=env, cwd=ROOT):
                raise ParityError(f"{title} failed with exit code {code}")

    def run_suite(
        self, title: str, argv: Sequence[str], env: Mapping[str, str] | None = None
    ) -> None:
        """Run pytest as a step, and keep what it counted."""
        with tempfile.TemporaryDirectory(prefix="parity-") as folder:
            file = Path(folder) / "report.xml"
            self.run(title, [*argv, junit.option(file)], env)
            self._count(title, file)

    @contextmanager
    def suite_beside(self, title: str, argv: Sequence[str]) -> Iterator[Callable[[], None]]:
        """Run pytest beside the block, and give what waits for it.

        The step is over, and its output shown, when it has been waited for: at the end of the block
        at the latest.
        """
        with tempfile.TemporaryDirectory(prefix="parity-") as folder:
            file, output = Path(folder) / "report.xml", Path(folder) / "output"
            started, waited = time.monotonic(), False
            with (
                output.open("w") as written,
                beside([*argv, junit.option(file)], written, cwd=ROOT) as code,
            ):

                def wait() -> None:
                    nonlocal waited
                    if waited:
                        return
                    waited = True
                    with console.step(f"Wait for the {title}"):
                        failed = code()
                    console.headline(title)
                    console.verbatim(output.read_text())
                    with self.attempt(title, started):
                        if failed:
                            raise ParityError(f"{title} failed with exit code {failed}")
                    self._count(title, file)

                yield wait
                wait()

    def _count(self, title: str, file: Path) -> None:
        try:
            self.suites[title] = junit.read_counts(file)
        except ParityError:  # it did not come to its end, which the step's result says already
            self.suites[title] = SuiteResult(passed=0, failed=1, skipped=0, seconds=0)

    @contextmanager
    def attempt(self, title: str, started: float | None = None) -> Iterator[None]:
        """Time the block as a step; a ParityError in it is printed, and ends only the step.

        started: by time.monotonic(), where the step had begun before the block.
        """
        passed, started = False, time.monotonic() if started is None else started
        try:
            yield
            passed = True
        except ParityError as error:
            console.failure(error)
        finally:
            self.outcomes.append(Outcome(title, passed, time.monotonic() - started))

    def rows(self) -> list[list[str]]:
        """Return one row a step, with Rich markup, matching COLUMNS."""
        return [
            [
                outcome.title,
                "[green]passed[/]" if outcome.passed else "[red]failed[/]",
                duration(outcome.seconds),
            ]
            for outcome in self.outcomes
        ]
