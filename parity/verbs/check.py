"""`parity check`: the facts table as a table, JSON, SARIF or annotations; why, and how to mend."""

from __future__ import annotations

import os
import textwrap
from collections import Counter
from difflib import get_close_matches
from enum import StrEnum
from importlib.metadata import version
from typing import TYPE_CHECKING

from rich.markup import escape

from parity import console
from parity.errors import UsageError
from parity.facts.check import check, differences
from parity.facts.fix import propose
from parity.facts.formats.document import document
from parity.facts.formats.github import commands
from parity.facts.formats.sarif import sarif
from parity.facts.formats.words import said
from parity.facts.sides import Choices, load_sides
from parity.facts.table import FACTS
from parity.project import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from parity.facts.fact import Result, Verdict

COLUMNS = ("fact", "local", "cloud", "verdict")
STYLES: dict[Verdict, str] = {
    "same": "[green]same[/]",
    "meant": "[cyan]meant[/]",
    "different": "[bold red]different[/]",
    "follows": "[red]follows[/]",
    "unseen": "[dim]not seen[/]",
}
GAP = 2  # columns between two others
LONGEST_FACT = 24
VERDICT = 9
WIDEST = 42  # columns of a value; more is cut, and --explain shows all of it
NARROWEST = 12


class Format(StrEnum):
    """What `--format` takes."""

    TABLE = "table"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


def run_check(choices: Choices, environment: Mapping[str, str] = os.environ) -> list[Result]:
    """Return the result of every fact; what Compose files name is taken of the environment."""
    return check(*load_sides(choices, environment))


def show(results: Sequence[Result], form: Format) -> bool:
    """Print the results; return whether both sides agree."""
    if form is Format.JSON:
        console.emit_json(document(results))
    elif form is Format.SARIF:
        console.emit_json(sarif(results, ROOT, version("parity-kit")))
    elif form is Format.GITHUB:
        for line in commands(results, ROOT):
            print(line)  # noqa: T201 - a command to GitHub, not to be folded
    else:
        _show_table(results)
    return not differences(results)


def _show_table(results: Sequence[Result]) -> None:
    console.table(COLUMNS, rows(results, console.out.width), gap=GAP)
    for verdict in ("meant", "unseen"):
        chosen = [each for each in results if each.verdict == verdict]
        _list(STYLES[verdict], [f"{each.fact.name}: {each.reason}" for each in chosen])
    show_findings(results)


def show_findings(results: Sequence[Result]) -> None:
    """Print what differs, each with its two places and what to type next, and the count."""
    followers = [each for each in results if each.verdict == "follows"]
    _list(STYLES["follows"], [f"{each.fact.name}: {each.reason}" for each in followers])
    _list(STYLES["different"], [_difference(each) for each in differences(results)])
    console.out.print()
    console.out.print(summary(results))


def _list(title: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    console.out.print()
    console.out.print(title)
    for line in lines:
        console.out.print(escape(_folded(line)))


def _folded(line: str) -> str:
    inset = " " * GAP
    wrapped = textwrap.wrap(
        line,
        console.out.width,
        initial_indent=inset,
        subsequent_indent=inset * 2,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(wrapped)


def _difference(result: Result) -> str:
    places = f"{result.local.where}, {result.cloud.where}"
    return f"{said(result)} ({places}); parity check --explain {result.fact.name}"


def rows(results: Sequence[Result], width: int) -> list[list[str]]:
    """Return one row a fact under its group's heading, with Rich markup, matching COLUMNS."""
    room = (width - LONGEST_FACT - VERDICT - GAP * len(COLUMNS)) // 2
    most = max(NARROWEST, min(WIDEST, room))
    found, group = [], ""
    for each in results:
        if each.group != group:
            group = each.group
            found.append([f"[bold]{escape(group)}[/]", "", "", ""])
        values = (_cut(each.local_text, most), _cut(each.cloud_text, most))
        found.append([each.fact.name, *map(escape, values), STYLES[each.verdict]])
    return found


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def summary(results: Sequence[Result]) -> str:
    """Return how many facts there are of each verdict, with Rich markup."""
    counts = Counter(each.verdict for each in results)
    parts = [f"{counts[verdict]} {style}" for verdict, style in STYLES.items() if counts[verdict]]
    return f"{len(results)} facts: {', '.join(parts)}"


def explain(name: str, results: Sequence[Result]) -> None:
    """Print all that there is to say of one fact."""
    (result,) = [each for each in results if each.fact.name == name]
    fact = result.fact
    entries = [
        ("why", fact.why),
        ("local", f"{result.local_text}   {result.local.where}"),
        ("", f"read from {fact.local.text}"),
        ("cloud", f"{result.cloud_text}   {result.cloud.where}"),
        ("", f"read from {fact.cloud.text}"),
        ("compared", fact.agree.text),
        ("verdict", result.verdict),
        ("reason", result.reason),
    ]
    console.out.print(f"[bold]{fact.name}[/] [dim]({escape(result.group)})[/]")
    shown = [[f"[dim]{key}[/]", escape(text)] for key, text in entries if text]
    console.table(("", ""), shown, gap=GAP)


def checked_fact(name: str) -> str:
    """Return a fact's name. Raises UsageError with those that are spelt like it."""
    if name not in FACTS:
        near = get_close_matches(name, FACTS, n=3, cutoff=0.4) or sorted(FACTS)
        raise UsageError(
            f"there is no fact '{name}'",
            hint=f"parity check --explain {near[0]}; {', '.join(near)}",
        )
    return name


def show_fix(results: Sequence[Result]) -> bool:
    """Print a diff of the local side that makes it agree; return whether nothing is left to do."""
    proposal = propose(results, ROOT)
    print(proposal.diff, end="")  # noqa: T201 - for patch(1) or git apply
    for each in proposal.by_hand:
        console.note(f"by hand: {said(each)} ({each.local.where})")
    if proposal.diff:
        console.note("To make these edits: parity check --fix | git apply")
    return not differences(results)
