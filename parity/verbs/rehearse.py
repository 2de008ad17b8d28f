"""`parity deploy --rehearse`: the whole deploy, without an account."""

from __future__ import annotations

import secrets
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from parity import console, stack
from parity.deploy.receipt import SuiteResult
from parity.deploy.template import read_template
from parity.host.client import connect
from parity.host.engine import engine_problem
from parity.rehearsal.fargate.surroundings import Images
from parity.rehearsal.quiet import LOG
from parity.rehearsal.rehearse import rehearse
from parity.verbs.down import own_images, remove_images
from parity.verbs.ps import duration
from parity.verbs.up import prepare_images

if TYPE_CHECKING:
    from parity.project import Settings
    from parity.rehearsal.rehearse import Rehearsal

COLUMNS = ("scenario", "result", "fields>", "time>", "found")


def run_rehearsal(settings: Settings, *, as_json: bool) -> bool:
    """Rehearse with the checkout's template and app; return whether all came out as it has to.

    Where an engine runs, the app's image is built, from cache where nothing changed, then pushed
    and run. None is installed or started for this: without one a tiny image serves, and the output
    says what is then not proven.
    """
    if engine_problem() is not None:
        return show(rehearse(read_template(), None), as_json=as_json)
    own = replace(settings, project=f"parity-rehearsal-{secrets.token_hex(3)}")
    bases = prepare_images(own)
    with console.step("Build the images"):
        stack.build(own, bases)
    try:
        return show(rehearse(read_template(), images_of(own.project)), as_json=as_json)
    finally:
        client = connect()
        remove_images(client, own_images(client, own.project))


def images_of(project: str) -> Images:
    """Return the names of the images that Compose has built for a project."""
    return Images(f"{project}-app", f"{project}-nginx", f"{project}-bedrock")


def show(rehearsal: Rehearsal, *, as_json: bool = False) -> bool:
    """Print what came of a rehearsal and what it does not prove; return whether it passed."""
    if as_json:
        console.emit_json(document(rehearsal))
        return rehearsal.passed
    console.out.print()
    console.table(COLUMNS, rows(rehearsal))
    console.out.print()
    console.out.print("[bold]not proven here[/]")
    for line in gap_lines(rehearsal):
        console.out.print(f"  {line}")
    console.note(f"All that `deploy` said on the way: {LOG}")
    return rehearsal.passed


def counts(rehearsal: Rehearsal) -> SuiteResult:
    """Return the scenarios as a receipt has its suites."""
    passed = sum(outcome.passed for outcome in rehearsal.outcomes)
    seconds = sum(outcome.seconds for outcome in rehearsal.outcomes)
    failed = len(rehearsal.outcomes) - passed
    return SuiteResult(passed, failed, skipped=0, seconds=round(seconds, 3))


def rows(rehearsal: Rehearsal) -> list[list[str]]:
    """Return one row a scenario, with Rich markup, matching COLUMNS."""
    return [
        [
            outcome.scenario,
            "[green]passed[/]" if outcome.passed else "[red]failed[/]",
            str(outcome.fields or "-"),
            duration(outcome.seconds),
            escape(outcome.found),
        ]
        for outcome in rehearsal.outcomes
    ]


def gap_lines(rehearsal: Rehearsal) -> list[str]:
    """Return one line, with Rich markup, for each type of resource and reason."""
    found = sorted(rehearsal.not_proven, key=lambda gap: (gap.type, gap.why))
    lines = []
    for (kind, why), gaps in groupby(found, key=lambda gap: (gap.type, gap.why)):
        properties = ", ".join(gap.property for gap in gaps)
        name = kind.removeprefix("AWS::").replace("ElasticLoadBalancingV2", "ELB")
        lines.append(f"{escape(name)} {escape(properties)}: [dim]{escape(why)}[/]")
    return lines


def document(rehearsal: Rehearsal) -> dict[str, Any]:
    """Return the same for --json; seconds are rounded to a tenth."""
    return {
        "passed": rehearsal.passed,
        "fields": rehearsal.fields,
        "scenarios": [
            vars(outcome) | {"seconds": round(outcome.seconds, 1)} for outcome in rehearsal.outcomes
        ],
        "not_proven": [vars(gap) for gap in rehearsal.not_proven],
    }
