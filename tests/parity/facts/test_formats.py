"""The same differences as JSON, SARIF and annotations, each at its line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from parity.facts.check import check
from parity.facts.formats.document import document
from parity.facts.formats.github import commands
from parity.facts.formats.sarif import sarif
from parity.facts.table import FACTS
from parity.template.parameter_sets import ALWAYS
from tests.parity.facts.checkout import Edit, Stack, cloud_side, copied, local_side, over
from tests.parity.template.changing import add

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from parity.facts.fact import Result
    from tests.parity.template.changing import Change


@pytest.fixture
def results(tmp_path: Path) -> Sequence[Result]:
    """Give results with two differences: a value of a file, and items of a set."""
    folder = copied(tmp_path)
    Edit(
        "nginx/attributes.json",
        '"HealthCheckIntervalSeconds": 5',
        '"HealthCheckIntervalSeconds": 9',
    ).make(folder)
    over('environment: {"A,B": "1"}').make(folder)
    return check(local_side(folder), cloud_side())


def test_document_has_every_fact(results: Sequence[Result]) -> None:
    """With both values, both places, the verdict and its reason."""
    found = document(results)
    assert found["agrees"] is False
    assert [each["fact"] for each in found["facts"]] == list(FACTS)
    assert sum(found["verdicts"].values()) == len(FACTS)
    interval = next(each for each in found["facts"] if each["fact"] == "health-interval")
    assert interval["verdict"] == "different"
    assert interval["local"]["value"] == "9 s"
    assert interval["local"]["at"].endswith("nginx/attributes.json:17")
    assert interval["cloud"]["value"] == "5 s"
    meant = [each for each in found["facts"] if each["verdict"] == "meant"]
    assert all(each["reason"] for each in meant)


def test_sarif_has_a_rule_for_each_fact_and_a_result_for_each_difference(
    results: Sequence[Result], tmp_path: Path
) -> None:
    """Each at the local line, with the message that says what is where."""
    (run,) = sarif(results, tmp_path, "1.2.3")["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(FACTS)
    assert {rule["id"]: rule["fullDescription"]["text"] for rule in rules} == {
        name: fact.why for name, fact in FACTS.items()
    }
    names, interval = run["results"]
    assert [names["ruleId"], interval["ruleId"]] == ["environment-names", "health-interval"]
    assert rules[interval["ruleIndex"]]["id"] == "health-interval"
    place = interval["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "nginx/attributes.json"
    assert place["region"]["startLine"] == 17
    assert interval["message"]["text"].startswith("health-interval: 9 s here, 5 s there")
    assert "only here: A,B" in names["message"]["text"]


def test_annotations_stand_at_the_line(results: Sequence[Result], tmp_path: Path) -> None:
    """Commas, colons and line ends would end a property."""
    names, interval = commands(results, tmp_path)
    assert interval.startswith(
        "::error file=nginx/attributes.json,line=17,title=parity check%3A health-interval::"
    )
    assert "environment-names: only here: A,B" in names
    assert all("\n" not in each for each in (names, interval))


def test_nothing_is_found_in_the_stack_as_it_is(tmp_path: Path) -> None:
    """An empty SARIF log tells GitHub that old alerts are mended."""
    found = check(local_side(copied(tmp_path)), cloud_side())
    assert document(found)["agrees"] is True
    assert sarif(found, tmp_path, "1")["runs"][0]["results"] == []
    assert commands(found, tmp_path) == []


def test_no_output_has_a_secret(tmp_path: Path) -> None:
    """Real credentials may be in the environment, and the output goes into a log."""
    folder = copied(tmp_path)
    secret = "wJalrXUtnFEMI/K7MDENG"  # noqa: S105 - of AWS's documentation
    stack = Stack({"AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": secret}, ALWAYS)
    over(f"environment: {{API_KEY: {secret}}}").make(folder)
    there = item_to_add("API_KEY", "another")
    found = check(local_side(folder, stack), cloud_side(there))
    assert "environment-values" in [each.fact.name for each in found if each.verdict == "different"]
    printed = [json.dumps(document(found)), json.dumps(sarif(found, folder, "1"))]
    printed += commands(found, folder)
    assert not any(secret in each for each in printed)


def item_to_add(name: str, value: str) -> Change:
    """Give the task another variable."""
    return add("TaskDefinition.ContainerDefinitions.0.Environment", {"Name": name, "Value": value})
