"""`parity test`: everything that CI runs, from lint to the browser suite on a stack of its own."""

from __future__ import annotations

import secrets
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from parity import console, stack
from parity.deploy import junit, local
from parity.deploy.receipt import SuiteResult, receipt_file
from parity.deploy.template import read_template
from parity.errors import ParityError
from parity.host import preflight
from parity.host.browser import ensure_browser
from parity.host.client import connect
from parity.host.command import show
from parity.host.engine import ensure_engine
from parity.host.isolated_tool import ensure_tool
from parity.host.python_environment import ensure_dev_environment, tool
from parity.host.signals import deaf
from parity.project import ROOT, STATE
from parity.rehearsal.rehearse import rehearse
from parity.verbs import rehearse as rehearsed
from parity.verbs.down import delete_folder, own_images, remove_images, stop_own_engine
from parity.verbs.ps import duration
from parity.verbs.up import prepare_images

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from parity.deploy.receipt import Receipt
    from parity.host.base_images import BaseImages
    from parity.project import Settings

COLUMNS = ("step", "result", "time>")
TYPED = ("app", "bedrock", "parity", "bench", "e2e", "tests")
SHELL_SCRIPTS = ("scripts", "nginx", ".ci")
CHECKOV_LOCK = ROOT / "requirements-checkov.txt"
CHECKOV_CONFIG = ROOT / "infra" / ".checkov.yaml"
WORKERS = 2
REHEARSAL = "rehearsal"


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
            try:
                self.suites[title] = junit.read_counts(file)
            except ParityError:  # it did not come to its end, which the step's result says already
                self.suites[title] = SuiteResult(passed=0, failed=1, skipped=0, seconds=0)

    @contextmanager
    def attempt(self, title: str) -> Iterator[None]:
        """Time the block as a step; a ParityError in it is printed, and ends only the step."""
        started, passed = time.monotonic(), False
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


def run_tests(settings: Settings, *, fast: bool) -> bool:
    """Run all checks, or with fast those that need no Docker; return whether all passed."""
    ensure_dev_environment()
    report = Report()
    receipt: Receipt | None = None
    if fast:
        _check_code(report)
    else:
        ensure_browser()
        with engine_for_tests():
            images = prepare_images(settings)
            console.note(str(images))
            _check_code(report)
            receipt = _run_browser_suite(report, settings, images)
    console.headline("result")
    console.table(COLUMNS, report.rows())
    if receipt:
        console.note(f"Receipt: {receipt_file(receipt)}")
    return report.passed


def lint_commands() -> dict[str, list[str]]:
    """Return the argv of each static check by its title."""
    return {
        "ruff check": [tool("ruff"), "check", "."],
        "ruff format": [tool("ruff"), "format", "--check", "."],
        "mypy": [tool("mypy"), *(name for name in TYPED if any((ROOT / name).rglob("*.py")))],
        "shellcheck": [tool("shellcheck"), *shell_scripts()],
    }


def checkov_command(program: Path) -> list[str]:
    """Return the argv that fails on a finding in infra/ that its configuration does not justify."""
    return [str(program), "--config-file", str(CHECKOV_CONFIG.relative_to(ROOT))]


def shell_scripts() -> list[str]:
    """Return the checkout's shell scripts: the files of the named folders that say so."""
    folders = (ROOT / name for name in SHELL_SCRIPTS)
    files = sorted(file for folder in folders for file in folder.glob("*") if file.is_file())
    return [
        str(file.relative_to(ROOT))
        for file in files
        if file.read_bytes().startswith((b"#!/usr/bin/env bash", b"#!/bin/bash", b"#!/bin/sh"))
    ]


def pytest_command(*arguments: str) -> list[str]:
    """Return the argv of a pytest run."""
    return [tool("python"), "-m", "pytest", *arguments]


def of_its_own(settings: Settings) -> Settings:
    """Return the settings of a stack that disturbs nobody: own name, free ports, own folder."""
    project = f"parity-test-{secrets.token_hex(3)}"
    port = preflight.any_free_port()
    return replace(
        settings,
        project=project,
        port=port,
        bedrock_port=preflight.next_free(port),
        data=STATE / project,
    )


def _check_code(report: Report) -> None:
    for title, argv in lint_commands().items():
        report.run(title, argv)
    _check_cloud(report)
    report.run_suite("unit tests", pytest_command("tests", "-n", str(WORKERS)))


def _check_cloud(report: Report) -> None:
    """Run checkov, which needs an environment of its own, on the templates in infra/."""
    console.headline("checkov")
    with report.attempt("checkov"):
        folder = ensure_tool("checkov", CHECKOV_LOCK)
        if code := show(checkov_command(folder / "checkov"), cwd=ROOT):
            raise ParityError(
                f"checkov failed with exit code {code}",
                hint="mend what it names, or justify it in infra/.checkov.yaml",
            )


def _rehearse_deploy(report: Report, project: str) -> None:
    """Rehearse with the image under test; the receipt says how many scenarios passed."""
    console.headline("rehearsal of the deploy, without an account")
    report.suites[REHEARSAL] = SuiteResult(passed=0, failed=1, skipped=0, seconds=0)
    with report.attempt(REHEARSAL):
        rehearsal = rehearse(read_template(), rehearsed.images_of(project))
        report.suites[REHEARSAL] = rehearsed.counts(rehearsal)
        report.fields = rehearsal.fields
        if not rehearsed.show(rehearsal):
            raise ParityError("the rehearsal of the deploy failed", hint="parity deploy --rehearse")


def _run_browser_suite(report: Report, settings: Settings, images: BaseImages) -> Receipt | None:
    """Run the suite in both modes, and write the receipt for the image that went through it.

    Without an image, there is nothing to write one for.
    """
    console.headline("browser suite, on a stack of its own")
    with temporary_stack(of_its_own(settings)) as own:
        with report.attempt("build of the images"), console.step("Build the images"):
            stack.build(own, images)
        if not report.last_passed:
            return None
        tested = local.image_under_test(f"{own.project}-app")
        _rehearse_deploy(report, own.project)
        _run_suite(report, replace(own, sticky=True), images)
        _run_suite(report, replace(own, sticky=False), images)
        suites, fields = report.suites, report.fields
        receipt = replace(tested, suites=suites, rehearsed_fields=fields, passed=report.passed)
        local.keep_and_write(receipt)
        return receipt


def _run_suite(report: Report, settings: Settings, images: BaseImages) -> None:
    mode = f"{'with' if settings.sticky else 'without'} stickiness"
    with report.attempt(f"stack {mode}"), console.step(f"Start the stack {mode}"):
        stack.start(settings, images)
    if report.last_passed:
        environment = stack.compose_environment(settings)
        # Tests that break replicas run alone; what they break, others would notice.
        together = pytest_command("e2e", "-m", "not breaks_replicas", "-n", str(WORKERS))
        alone = pytest_command("e2e", "-m", "breaks_replicas")
        report.run_suite(f"browser suite {mode}", together, environment)
        report.run_suite(f"replica faults {mode}", alone, environment)


@contextmanager
def engine_for_tests() -> Iterator[None]:
    """Have an engine; one that had to be started for this is stopped again."""
    started = ensure_engine()
    try:
        yield
    finally:
        if started:
            with deaf():
                stop_own_engine(connect(), prune=False)


@contextmanager
def temporary_stack(settings: Settings) -> Iterator[Settings]:
    """Give the settings of a stack, and leave nothing of it, however the block ends."""
    try:
        yield settings
    finally:
        with deaf(), console.step("Take the stack down"):
            stack.remove(settings)
            delete_folder(settings, image=f"{settings.project}-app")
            client = connect()
            remove_images(client, own_images(client, settings.project))
