"""The report in Markdown, with its pictures beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from e2e.adopted import report as told
from e2e.adopted.cures import CURES
from e2e.adopted.finding import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.adopted.report import Report

MARKS = {Verdict.SURVIVED: "survived", Verdict.LOST: "**lost**", Verdict.NOT_APPLICABLE: "-"}


def render(report: Report) -> str:
    """Return the whole text."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield from (f"# What survives in {report.name}", "", told.summary(report), "")
    yield f"`{report.source}`, {report.day}, by `parity test --app`."
    yield from ("", "| check | result | replica | what was seen |", "| --- | --- | --- | --- |")
    for each in report.findings:
        cells = (each.title, MARKS[each.verdict], told.served(each), each.reason)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    if lost := report.of(Verdict.LOST):
        yield from ("", "## What is lost")
        for each in lost:
            yield from _loss(each)
    if report.cures:
        yield from ("", "## The changes that cure it")
        for name in report.cures:
            cure = CURES[name]
            fence = f"```{cure.language}\n{cure.code}```"
            yield from ("", f"### {cure.title}", "", cure.text, "", fence, "", f"More: {cure.more}")


def _loss(found: Finding) -> Iterator[str]:
    yield from ("", f"### {found.title}", "", f"{found.done} {_sentence(found.reason)}")
    if found.missing:
        yield from ("", "Not there any more:", "", *(f"- {line}" for line in found.missing[:8]))
    shown = {"before": found.before, "after": found.after}
    pictures = [
        f"![{name}](pictures/{look.picture})" for name, look in shown.items() if look.picture
    ]
    yield from ("", " ".join(pictures), "", f"Cure: {CURES[found.cure].title}")


def _sentence(reason: str) -> str:
    return reason[:1].upper() + reason[1:] + ("" if reason.endswith(".") else ".")
