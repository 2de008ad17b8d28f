"""infra/template.yml is right, and every way of breaking it that we thought of is noticed."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from parity.host.python_environment import tool
from parity.project import ROOT
from parity.template.check import check, check_template
from parity.template.load import load, parse
from parity.template.parameter_sets import ALWAYS, DIMENSIONS, EXISTING_VPC, parameter_sets
from parity.template.parameters import RefusedError
from parity.template.resolve import check_parameters
from tests.parity.template.changing import changed, condition, remove
from tests.parity.template.mutants import ARTICLE, LINTERS_MISS, MUTANTS

if TYPE_CHECKING:
    from pathlib import Path

    from parity.template.load import Template

LISTS = ("BedrockModelIds",)
PATH = ROOT / "infra" / "template.yml"
# Besides those of DIMENSIONS.
NAMED = {
    "CloudFront": {"CloudFront": "on"},
    "WAF": {"Waf": "on"},
    "ARM64": {"Architecture": "ARM64"},
    "exec": {"EnableExecuteCommand": "on"},
    "exec over endpoints": {"EnableExecuteCommand": "on", "Egress": "VpcEndpoints"},
    "CloudFront and WAF": {"CloudFront": "on", "Waf": "on"},
    "CloudFront in an existing VPC": {"CloudFront": "on", **EXISTING_VPC},
}


def accepted(template: Template) -> list[dict[str, str]]:
    """Return the sets of parameters that the template is looked at in."""

    def refused(chosen: dict[str, str]) -> bool:
        try:
            check_parameters(template, chosen)
        except RefusedError:
            return True
        return False

    return list(parameter_sets(template, refused))


@pytest.fixture(scope="module")
def template() -> Template:
    """Give the template as it is in the tree."""
    return load(PATH)


def test_template_has_no_fault_in_any_parameter_set() -> None:
    """What is deployed is right by every rule, whatever is chosen."""
    assert [str(finding) for finding in check_template(PATH)] == []


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_caught_by_the_rule_that_is_about_it(template: Template, name: str) -> None:
    """A template with this one thing wrong does not pass, and the finding says what it is."""
    rule, change = MUTANTS[name]
    assert any(finding.rule == rule for finding in check(changed(template, change)))


@pytest.mark.parametrize("name", load(PATH).section("Conditions"))
def test_condition_turned_round_is_noticed(template: Template, name: str) -> None:
    """The article's template had one the wrong way; so each of ours is tried that way."""
    turned = {"Fn::Not": [template.section("Conditions")[name]]}
    assert any(check(changed(template, condition(name, turned))))


@pytest.mark.parametrize("name", sorted(set(load(PATH).section("Resources")) - {"Dashboard"}))
def test_resource_that_is_missing_is_noticed(template: Template, name: str) -> None:
    """Each is there for a reason; nothing rests on the dashboard."""
    assert any(check(changed(template, remove(name))))


@pytest.mark.parametrize("choice", [choice for each in DIMENSIONS for choice in each], ids=str)
def test_no_choice_is_one_that_the_template_always_refuses(
    template: Template, choice: dict[str, str]
) -> None:
    """It would be offered, and never looked at."""
    assert any(choice.items() <= chosen.items() for chosen in accepted(template))


@pytest.mark.parametrize("named", NAMED.values(), ids=NAMED)
def test_every_choice_that_matters_is_in_a_set_that_is_looked_at(
    template: Template, named: dict[str, str]
) -> None:
    """A choice whose sets the template's own Rules all refuse would never be looked at."""
    assert any(named.items() <= chosen.items() for chosen in accepted(template))


def test_default_set_is_looked_at(template: Template) -> None:
    """Nothing is given but the image and its receipt."""
    assert accepted(template)[0] == ALWAYS


def test_linter_finds_nothing_in_any_set(template: Template, tmp_path: Path) -> None:
    """Neither errors nor warnings, with the parameters put in."""
    for at, chosen in enumerate(accepted(template)):
        parameters = [
            # The linter wants a list where the API takes text with commas.
            {"ParameterKey": name, "ParameterValue": value.split(",") if name in LISTS else value}
            for name, value in chosen.items()
        ]
        (tmp_path / f"{at}.json").write_text(json.dumps(parameters))
    files = [str(file) for file in tmp_path.iterdir()]
    argv = [tool("cfn-lint"), str(PATH), "--parameter-files", *files]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_more_than_the_size_limit_is_caught() -> None:
    """The thirteenth of what linters miss: a file of more than 51,200 bytes."""
    text = PATH.read_text() + "#" * 51_200
    assert any(finding.rule == "template-size" for finding in check(parse(text)))


def test_every_article_fault_and_every_linter_miss_has_a_mutant() -> None:
    """Of the article's eight faults two have two mutants; the size has a test of its own."""
    assert len(ARTICLE) == 8 + 2
    assert len(LINTERS_MISS) == 13
    assert len(MUTANTS) >= 230
