"""docs/parity-check.md has every fact, and every fact can be understood by somebody who is new."""

from __future__ import annotations

import re

from parity.facts.doc import FIRST, tables
from parity.facts.fact import Meant, MeantItems
from parity.facts.table import FACTS, TABLE
from parity.project import ROOT

TEXT = (ROOT / "docs" / "parity-check.md").read_text()


def test_document_has_the_table() -> None:
    """As `python -m parity.facts.doc` prints it, to the end of the file."""
    assert FIRST + TEXT.partition(f"\n{FIRST}")[2] == tables()


def test_there_is_one_row_a_fact() -> None:
    """Forty at the least, and no name twice."""
    assert len(FACTS) == sum(len(group.facts) for group in TABLE) >= 40


def test_every_fact_says_why_and_how_it_is_read() -> None:
    """In one sentence each, in words of the trade, not of the code."""
    for name, fact in FACTS.items():
        assert re.fullmatch(r"[a-z][a-z0-9-]*", name)
        assert re.fullmatch(r"[A-Z].{20,}\.", fact.why), name
        assert fact.local.text, name
        assert fact.cloud.text, name
        assert set(fact.rests_on) <= set(FACTS), name


def test_every_difference_that_is_meant_has_a_reason() -> None:
    """One that somebody can judge."""
    for name, fact in FACTS.items():
        reasons = [fact.meant.why] if isinstance(fact.meant, Meant) else []
        if isinstance(fact.meant, MeantItems):
            reasons = [*fact.meant.local.values(), *fact.meant.cloud.values()]
        assert bool(fact.meant) == bool(reasons), name
        assert all(len(reason.split()) >= 5 for reason in reasons), name


def test_readme_counts_the_facts() -> None:
    """And shows a run of the command."""
    readme = (ROOT / "README.md").read_text()
    assert re.findall(r"(\d+) facts", readme)
    assert {int(count) for count in re.findall(r"(\d+) facts", readme)} == {len(FACTS)}
