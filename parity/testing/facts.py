"""The comparison of the local stack with the template, as a step of a test run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from parity import console
from parity.errors import ParityError
from parity.facts.check import differences
from parity.verbs.check import Format, run_check, show, show_findings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parity.facts.sides import Choices
    from parity.testing.report import Report


def check_facts(
    report: Report, title: str, choices: Choices, environment: Mapping[str, str] = os.environ
) -> None:
    """Compare both sides as a step; what came of it is part of the receipt."""
    console.headline(title)
    with report.attempt(title):
        results = run_check(choices, environment)
        show_findings(results)
        if "GITHUB_ACTIONS" in os.environ:
            show(results, Format.GITHUB)
        if count := len(differences(results)):
            raise ParityError(
                f"{count} fact{'s' * (count > 1)} of the two sides differ", hint="parity check"
            )
    report.parity = report.parity is not False and report.last_passed
