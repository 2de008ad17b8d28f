"""`parity test`: everything that CI runs, from lint to the browser suite on a stack of its own."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from parity import console, stack
from parity.deploy import local
from parity.deploy.receipt import SuiteResult, receipt_file
from parity.deploy.template import read_template
from parity.efs import service as efs
from parity.errors import ParityError
from parity.facts.sides import Choices
from parity.host.browser import ensure_browser
from parity.https import service as https
from parity.rehearsal.rehearse import rehearse
from parity.testing.code import WORKERS, check_files, pytest_command, unit_tests
from parity.testing.environment import ensure_test_environment
from parity.testing.facts import check_facts
from parity.testing.own_stack import engine_for_tests, of_its_own, temporary_stack
from parity.testing.report import COLUMNS, Report
from parity.verbs import plan_template as planning
from parity.verbs import rehearse as rehearsed
from parity.verbs.torture import Run
from parity.verbs.torture import command as torture
from parity.verbs.up import prepare_images, start

if TYPE_CHECKING:
    from collections.abc import Callable

    from parity.deploy.receipt import Receipt
    from parity.host.base_images import BaseImages
    from parity.project import Settings

FROM_TEMPLATE = "with stickiness, from the template"
REHEARSAL = "rehearsal"
UNIT_TESTS = "unit tests"
SCRIPTED_WORKERS = 4  # whose tests do little but wait for health checks and timeouts
SHORT_TORTURE = Run(turns=1_000, minutes=2, seed=20261127, clients=6)


def run_tests(settings: Settings, *, fast: bool) -> bool:
    """Run all checks, or with fast those that need no Docker; return whether all passed."""
    ensure_test_environment()
    report = Report()
    receipt: Receipt | None = None
    if fast:
        check_files(report)
        report.run_suite(UNIT_TESTS, unit_tests())
    else:
        ensure_browser()
        check_files(report)
        # Beside what waits more than it computes: the rehearsal, and for faults to take effect.
        with report.suite_beside(UNIT_TESTS, unit_tests()) as wait, engine_for_tests():
            images = prepare_images(settings)
            console.note(str(images))
            receipt = _run_browser_suite(report, settings, images, wait)
    console.headline("result")
    console.table(COLUMNS, report.rows())
    if receipt:
        console.note(f"Receipt: {receipt_file(receipt)}")
    return report.passed


def _run_browser_suite(
    report: Report, settings: Settings, images: BaseImages, wait: Callable[[], None]
) -> Receipt | None:
    """Run the suite in both modes, and write the receipt for the image that went through it.

    Over HTTPS only what that changes. Without an image, there is nothing to write one for.
    wait: for what runs beside, before the browsers begin that are busy all the time.
    """
    console.headline("browser suite, on a stack of its own")
    with temporary_stack(of_its_own(settings)) as own:
        with report.attempt("build of the images"), console.step("Build the images"):
            stack.build(own, images)
        if not report.last_passed:
            return None
        tested = local.image_under_test(f"{own.project}-app")
        _rehearse_deploy(report, own.project)
        _run_scripted(report, own)
        sticky, scattered = modes(own).items()
        _run_faults(report, *scattered, images)
        _run_faults(report, *sticky, images)
        wait()
        _run_undisturbed(report, *sticky, images)
        _check_running(report, sticky[1], images)
        _run_over_https(report, https.wanted(sticky[1]), images)
        # Last, as it ends with what asks most: what torture finds is to stand near the result.
        _run_undisturbed(report, *scattered, images)
        suites, fields = report.suites, report.fields
        receipt = replace(
            tested,
            suites=suites,
            rehearsed_fields=fields,
            passed=report.passed,
            parity=report.parity,
        )
        local.keep_and_write(receipt)
        return receipt


def _start(report: Report, mode: str, settings: Settings, images: BaseImages) -> bool:
    with report.attempt(f"stack {mode}"), console.step(f"Start the stack {mode}"):
        stack.start(settings, images)
    return report.last_passed


def _start_from_template(report: Report, settings: Settings, images: BaseImages) -> bool:
    """Start what infra/template.yml says, with as many tasks as any other stack has replicas."""
    with report.attempt("stack from the template"):
        parameters = [f"MinTasks={settings.replicas}"]
        start(settings, images, planning.plan(settings, None, parameters))
    return report.last_passed


def modes(settings: Settings) -> dict[str, Settings]:
    """Return the two stacks that the suite runs on, by name.

    Without stickiness each request meets another replica, and with EFS semantics another cache:
    together they ask most of the chatbot. A host that cannot mount has a plain folder both times.
    With stickiness, as the template has it, the stack is the template's.
    """
    sticky, scattered = replace(settings, sticky=True), replace(settings, sticky=False)
    if efs.host_problem() or not efs.has_library():
        return {FROM_TEMPLATE: sticky, "without stickiness": scattered}
    return {
        FROM_TEMPLATE: sticky,
        "without stickiness, with EFS semantics": efs.wanted(scattered),
    }


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


def _check_running(report: Report, settings: Settings, images: BaseImages) -> None:
    """Go back to compose.yaml's own stack, and compare what runs with the template."""
    if _start(report, "of compose.yaml", settings, images):
        environment = {**os.environ, **stack.compose_environment(settings)}
        check_facts(report, "parity check of the stack", Choices(running=True), environment)


def _run_over_https(report: Report, settings: Settings, images: BaseImages) -> None:
    """Run what HTTPS changes on the stack that is up: only nginx is replaced for it."""
    if _start(report, "with HTTPS", settings, images):
        files = ("e2e/test_https.py", "e2e/load_balancer/test_forwarding.py")
        only = pytest_command(*files, "-m", "not scripted")
        report.run_suite("browser suite with HTTPS", only, stack.compose_environment(settings))


def _run_scripted(report: Report, settings: Settings) -> None:
    """Run what takes the images alone: nginx before targets that a test makes fail, no stack."""
    argv = pytest_command("e2e", "-m", "scripted", "-n", str(SCRIPTED_WORKERS))
    report.run_suite("load balancer", argv, stack.compose_environment(settings))


def _run_faults(report: Report, mode: str, settings: Settings, images: BaseImages) -> None:
    """Run the tests that break replicas, one after the other: others would notice."""
    if environment := _start_mode(report, mode, settings, images):
        argv = pytest_command("e2e", "-m", f"{_quick(settings)} and breaks_replicas")
        report.run_suite(f"faults {mode}", argv, environment)


def _run_undisturbed(report: Report, mode: str, settings: Settings, images: BaseImages) -> None:
    """Run all other tests side by side, and torture where most is asked of the chatbot."""
    if environment := _start_mode(report, mode, settings, images):
        together = f"{_quick(settings)} and not breaks_replicas and not scripted"
        argv = pytest_command("e2e", "-m", together, "-n", str(WORKERS))
        report.run_suite(f"browser suite {mode}", argv, environment)
        if not settings.sticky:
            report.run(f"torture {mode}", torture(SHORT_TORTURE), environment)


def _quick(settings: Settings) -> str:
    """Return what pytest selects by; where requests keep to one replica, less is asked of it."""
    return "not thorough" + (" and not every_fault" if settings.sticky else "")


def _start_mode(
    report: Report, mode: str, settings: Settings, images: BaseImages
) -> dict[str, str] | None:
    """Start that stack, if it is not up; return the environment that names it, None if it fails."""
    if settings.sticky:
        started = _start_from_template(report, settings, images)
    else:
        started = _start(report, mode, settings, images)
    return stack.compose_environment(stack.as_running(settings)) if started else None
