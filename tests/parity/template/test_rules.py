"""Each rule is content with a good template and notices the one thing that is about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from parity.template.check import check
from parity.template.load import load, parse
from parity.template.rules.table import RULES
from tests.parity.template.changing import changed
from tests.parity.template.mutants import MUTANTS

PATH = Path(__file__).with_name("good.yml")
GOOD = load(PATH)
BY_NAME = {rule.name: rule for rule in RULES}


def test_good_template_has_no_finding() -> None:
    """So whatever is found below comes from the one change."""
    assert [str(finding) for finding in check(GOOD)] == []


@pytest.mark.parametrize("name", [name for name, (rule, _) in MUTANTS.items() if rule in BY_NAME])
def test_rule_notices_what_it_is_about(name: str) -> None:
    """The rule alone, without the help of others, in some set of parameters."""
    rule, change = MUTANTS[name]
    findings = list(check(changed(GOOD, change), [BY_NAME[rule]]))
    assert any(finding.rule == rule for finding in findings)


def test_every_rule_has_been_seen_to_notice_something() -> None:
    """A rule that never fires proves nothing; the size of a file has a test of its own."""
    tried = {rule for rule, _ in MUTANTS.values()}
    assert [rule.name for rule in RULES if rule.name not in tried] == ["template-size"]
    large = parse(PATH.read_text() + "#" * 51_200)
    assert [finding.rule for finding in check(large)] == ["template-size"]


def test_rules_have_names_of_their_own_and_say_why() -> None:
    """The table can be read by somebody who is new to AWS."""
    assert len(BY_NAME) == len(RULES)
    for rule in RULES:
        assert rule.why.endswith("."), rule.name
        assert "\n" not in rule.why, rule.name
        assert ": " in rule.source, rule.name
