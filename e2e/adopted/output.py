"""The report on one app, given out: to the terminal, as data, and as files."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from e2e.adopted import page, prose
from e2e.adopted.cures import CURES
from e2e.adopted.finding import Verdict
from e2e.adopted.report import served

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.adopted.report import Report

COLUMNS = ("check", "result", "replica", "what was seen", "cure", "time>")
CURE_COLUMNS = ("cure", "lines>", "change")
COLOURS = {Verdict.SURVIVED: "green", Verdict.LOST: "red", Verdict.NOT_APPLICABLE: "dim"}


@dataclass(frozen=True)
class Written:
    """Where the report's files are."""

    html: Path
    markdown: Path


def write(report: Report, folder: Path) -> Written:
    """Write the report into the folder of its pictures: a page that holds them, and Markdown."""
    written = Written(folder / "report.html", folder / "report.md")
    written.html.write_text(page.render(report, folder / "pictures"))
    written.markdown.write_text(prose.render(report))
    return written


def document(report: Report, written: Written) -> dict[str, Any]:
    """Return the report as JSON has it."""
    return {
        "app": report.name,
        "source": report.source,
        "counts": {str(verdict): len(report.of(verdict)) for verdict in Verdict},
        "checks": [asdict(each) for each in report.findings],
        "cures": {name: asdict(CURES[name]) for name in report.cures},
        "files": asdict(written),
    }


def rows(report: Report) -> list[list[str]]:
    """Return one row a check, with Rich markup, matching COLUMNS."""
    return [
        [
            each.title,
            f"[{COLOURS[each.verdict]}]{each.verdict}[/]",
            served(each) or "[dim]-[/]",
            escape(each.reason),
            each.cure or "[dim]-[/]",
            f"{each.seconds:.0f} s",
        ]
        for each in report.findings
    ]


def cure_rows(report: Report) -> list[list[str]]:
    """Return one row a cure, matching CURE_COLUMNS; the files of the report have the lines."""
    return [
        [name, str(len(CURES[name].code.splitlines())), escape(CURES[name].title)]
        for name in report.cures
    ]
