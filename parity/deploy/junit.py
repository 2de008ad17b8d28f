"""What pytest itself counted, from the report that it writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from parity.deploy.receipt import SuiteResult
from parity.errors import ParityError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Case:
    """One test: how it ended, and what it has recorded of itself by `record_property`.

    title: its name as words. result: "passed", "failed" or "skipped". seconds: of the test itself.
    """

    title: str
    result: str
    seconds: float
    recorded: dict[str, str]


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


def read_cases(file: Path) -> list[Case]:
    """Return the tests of one pytest run, in order; none where it has left no report."""
    try:
        found = ET.parse(file).getroot().iter("testcase")  # noqa: S314 - as above
    except (OSError, ET.ParseError):
        return []
    return [
        Case(
            title=_words(case.attrib["name"]),
            result=_result(case),
            seconds=float(case.attrib["time"]),
            recorded={each.attrib["name"]: each.attrib["value"] for each in case.iter("property")},
        )
        for case in found
        if "name" in case.attrib  # else it was interrupted
    ]


def _words(name: str) -> str:
    function, _, parameters = name.removesuffix("]").partition("[")
    words = function.removeprefix("test_").replace("_", " ")
    return f"{words}: {parameters}" if parameters else words


def _result(case: ET.Element) -> str:
    kinds = {child.tag for child in case}
    if kinds & {"failure", "error"}:
        return "failed"
    return "skipped" if "skipped" in kinds else "passed"
