"""docs/load-balancer.md has one row for each test of the load balancer, and says where it runs."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "load-balancer.md").read_text()
FILES = sorted((ROOT / "e2e" / "load_balancer").glob("test_*.py"))
GUIDE = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/"
ROW = re.compile(
    r"^\| (.+) \| \[([\w ]+)\] \| `(\w+)` \| (any|AWS|local) \| (.+) \|$", re.MULTILINE
)


def own_tests(file: Path) -> dict[str, str]:
    """Return where each test of a file runs, by its name without `test_`."""
    functions = (
        each for each in ast.parse(file.read_text()).body if isinstance(each, ast.FunctionDef)
    )
    return {
        each.name.removeprefix("test_"): where(each)
        for each in functions
        if each.name.startswith("test_")
    }


def where(test: ast.FunctionDef) -> str:
    """Return what a test's fixtures and marks make of the places where it can run."""
    fixtures = {each.arg for each in test.args.args}
    marks = " ".join(ast.unparse(each) for each in test.decorator_list)
    if "fleet" in fixtures or "Ability." in marks:
        return "local"
    return "AWS" if fixtures & {"cluster", "refused_claim"} else "any"


def section(file: Path) -> str:
    """Return the part of the document that is about a file."""
    name = f"`{file.relative_to(ROOT)}`"
    assert name in TEXT
    return TEXT.partition(name)[2].partition("\n## ")[0]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_test_has_a_row_that_says_where_it_runs(file: Path) -> None:
    """In the order of the file, and none besides."""
    rows = [(name, place) for _, _, name, place, _ in ROW.findall(section(file))]
    assert rows == list(own_tests(file).items())


def test_each_row_is_read() -> None:
    """A row of another form would be passed over."""
    rows = [line for line in TEXT.splitlines() if line.startswith("| ")]
    heads = [line for line in rows if line.startswith(("| an ALB", "| ---"))]
    assert len(rows) - len(heads) == len(ROW.findall(TEXT)) > 0


def test_each_document_is_one_of_the_guide_and_named_by_some_row() -> None:
    """By its address."""
    documents = dict(re.findall(r"^\[([\w ]+)\]: (\S+)$", TEXT, re.MULTILINE))
    assert all(address.startswith(GUIDE) for address in documents.values())
    assert {document for _, document, *_ in ROW.findall(TEXT)} == set(documents)


def test_each_behaviour_stands_there_once() -> None:
    """So that none hides behind another."""
    behaviours = Counter((behaviour, name) for behaviour, _, name, _, _ in ROW.findall(TEXT))
    assert max(behaviours.values()) == 1


def test_each_row_says_how_it_is_here() -> None:
    """As there, or in what it differs."""
    results = {result for *_, result in ROW.findall(TEXT)}
    assert all(re.match(r"as (an ALB|ECS does it)\b|differs: \w", each) for each in results)


def test_the_readme_counts_the_rows_of_each_part() -> None:
    """And how many of them differ."""
    table = (ROOT / "README.md").read_text().partition("### The load balancer")[2]
    counted = re.findall(
        rf"^\| ([\w ]+): .+ \| \[.+\]\({GUIDE}[\w-]+\.html\) \| (\d+) behaviours(?:, (\d+) of)?",
        table.partition("\n### ")[0],
        re.MULTILINE,
    )
    parts = dict(part.split("\n", 1) for part in TEXT.split("\n## ")[1:])
    results = {title: [result for *_, result in ROW.findall(part)] for title, part in parts.items()}
    assert {title: (int(all_), int(some or 0)) for title, all_, some in counted} == {
        title: (len(each), sum(result.startswith("differs") for result in each))
        for title, each in results.items()
    }
