"""The facts table as the tables of docs/parity-check.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.facts.fact import Meant, MeantItems
from parity.facts.table import TABLE
from parity.facts.units import shown

if TYPE_CHECKING:
    from parity.facts.fact import Fact, Group

HEAD = "| fact | why it matters | here | in the cloud | compared |\n| --- | --- | --- | --- | --- |"
FIRST = "## Image"


def tables() -> str:
    """Return a section for each group, in Markdown."""
    return "\n\n".join(_section(group) for group in TABLE) + "\n"


def _section(group: Group) -> str:
    rows = "\n".join(_row(fact) for fact in group.facts)
    notes = "\n".join(note for fact in group.facts for note in _meant(fact))
    return f"## {group.title}\n\n{HEAD}\n{rows}" + (f"\n\nMeant:\n\n{notes}" if notes else "")


def _row(fact: Fact) -> str:
    cells = (f"`{fact.name}`", fact.why, fact.local.text, fact.cloud.text, fact.agree.text)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _meant(fact: Fact) -> list[str]:
    """Return a line for each difference that is meant."""
    if isinstance(fact.meant, Meant):
        values = f"`{shown(fact.meant.local)}` here, `{shown(fact.meant.cloud)}` there"
        return [f"- `{fact.name}`: {values}: {fact.meant.why}."]
    if isinstance(fact.meant, MeantItems):
        sides = {"here": fact.meant.local, "there": fact.meant.cloud}
        return [
            f"- `{fact.name}`: `{item}` only {side}: {why}."
            for side, items in sides.items()
            for item, why in items.items()
        ]
    return []


if __name__ == "__main__":
    print(tables(), end="")  # noqa: T201 - to be put into the document
