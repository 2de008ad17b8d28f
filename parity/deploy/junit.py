"""What pytest itself counted, from the report that it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from parity.deploy.receipt import SuiteResult
from parity.errors import ParityError

if TYPE_CHECKING:
    from pathlib import Path


def option(file: Path) -> str:
    """Return the argument that makes pytest write its report."""
    return f"--junit-xml={file}"


def read_counts(file: Path) -> SuiteResult:
    """Return the counts of one pytest run.

    Raises ParityError when the file is missing or no report, as after a crash of pytest.
    """
    try:
        suites = ET.parse(file).getroot().findall("testsuite")  # noqa: S314 - our own pytest's
        tests, errors, failures, skipped = (
            sum(int(suite.attrib[name]) for suite in suites)
            for name in ("tests", "errors", "failures", "skipped")
        )
        seconds = sum(float(suite.attrib["time"]) for suite in suites)
    except (OSError, ET.ParseError, KeyError, ValueError) as error:
        raise ParityError(f"pytest has left no report of its tests: {error}") from error
    failed = errors + failures
    return SuiteResult(max(0, tests - failed - skipped), failed, skipped, round(seconds, 3))
