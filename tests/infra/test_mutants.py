"""infra/template.yml is right, and every way of breaking it that we thought of is noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parity.project import ROOT
from parity.template.check import check, check_template
from parity.template.load import load, parse
from tests.parity.template.changing import changed, condition, remove
from tests.parity.template.mutants import ARTICLE, LINTERS_MISS, MUTANTS

if TYPE_CHECKING:
    from parity.template.load import Template

PATH = ROOT / "infra" / "template.yml"


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


def test_more_than_the_size_limit_is_caught() -> None:
    """The thirteenth of what linters miss: a file of more than 51,200 bytes."""
    text = PATH.read_text() + "#" * 51_200
    assert any(finding.rule == "template-size" for finding in check(parse(text)))


def test_every_article_fault_and_every_linter_miss_has_a_mutant() -> None:
    """Of the article's eight faults two have two mutants; the size has a test of its own."""
    assert len(ARTICLE) == 8 + 2
    assert len(LINTERS_MISS) == 13
    assert len(MUTANTS) >= 150
