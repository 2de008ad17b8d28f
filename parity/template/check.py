"""Looking at a template by every rule, in every set of parameters that matters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from parity.errors import ParityError
from parity.template.load import load
from parity.template.parameter_sets import ALWAYS, DIMENSIONS, parameter_sets
from parity.template.parameters import RefusedError
from parity.template.resolve import check_parameters, resolve
from parity.template.rules.table import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from parity.template.load import Keys, Template
    from parity.template.place import Fault
    from parity.template.rules.rule import Rule
    from parity.template.values import Resolved

UNRESOLVED = "resolves"  # the name under which a template that cannot be resolved is reported


@dataclass(frozen=True)
class Finding:
    """What is wrong with a template.

    rule: its name. logical_id, path: where; '' is the template as a whole. wrong: the value found.
    right: what should be there. line: in the file, from 1. parameters: those that differ from the
    defaults in one set in which it shows; none when it shows with the defaults.
    """

    rule: str
    logical_id: str
    path: str
    wrong: str
    right: str
    line: int
    parameters: Mapping[str, str]

    def __str__(self) -> str:
        where = ".".join(part for part in (self.logical_id, self.path) if part)
        shows = ", ".join(f"{name}={value}" for name, value in self.parameters.items())
        text = f"line {self.line}: {where or 'template'}: {self.wrong}; should be {self.right}"
        return f"{text} [{self.rule}]{f' with {shows}' if shows else ''}"

    @property
    def place(self) -> tuple[str, str, str]:
        """What makes two findings of different parameter sets the same one."""
        return self.rule, self.logical_id, self.path


def check_template(path: Path) -> list[Finding]:
    """Return everything that is wrong with a template, each fault once; [] for a good one.

    Raises ParityError when the file is no template.
    """
    template = load(path)
    return [_narrowed(template, finding) for finding in check(template)]


def check(template: Template, rules: Sequence[Rule] = RULES) -> Iterator[Finding]:
    """Yield everything that is wrong with a template that is read already, set after set."""
    known: set[tuple[str, str, str]] = set()
    for parameters in parameter_sets(template, lambda chosen: _refused(template, chosen)):
        for finding in _findings(template, parameters, rules):
            if finding.place not in known:
                known.add(finding.place)
                yield finding


def check_resolved(
    resolved: Resolved, rules: Sequence[Rule] = RULES
) -> Iterator[tuple[Rule, Fault]]:
    """Yield what is wrong with one set of parameters, with the rule that says so."""
    for rule in rules:
        for fault in rule.check(resolved):
            yield rule, fault


def _findings(
    template: Template, parameters: Mapping[str, str], rules: Sequence[Rule]
) -> Iterator[Finding]:
    shown = {name: value for name, value in parameters.items() if name not in ALWAYS}
    try:
        resolved = resolve(template, parameters)
    except ParityError as error:
        yield Finding(UNRESOLVED, "", "", error.what, "a template that resolves", 1, shown)
        return
    for rule, fault in check_resolved(resolved, rules):
        yield Finding(
            rule.name,
            fault.logical_id,
            fault.path,
            fault.wrong,
            fault.right,
            template.line(_keys(fault)),
            shown,
        )


def _narrowed(template: Template, finding: Finding) -> Finding:
    """Return a finding with no more parameters than it needs to show."""
    rules = [rule for rule in RULES if rule.name == finding.rule]
    declared = template.section("Parameters")
    fixed = {name: value for name, value in ALWAYS.items() if name in declared}
    needed = dict(finding.parameters)
    together = [set(choice) for dimension in DIMENSIONS for choice in dimension]
    for names in [*together, *({name} for name in finding.parameters)]:
        fewer = {name: value for name, value in needed.items() if name not in names}
        if _refused(template, fixed | fewer):
            continue
        if finding.place in {found.place for found in _findings(template, fixed | fewer, rules)}:
            needed = fewer
    return replace(finding, parameters=needed)


def _keys(fault: Fault) -> Keys:
    """Return where a fault stands in the document; lists after an Fn::If are found roughly."""
    keys = tuple(int(key) if key.isdecimal() else key for key in fault.path.split("."))
    return ("Resources", fault.logical_id, *keys) if fault.logical_id else keys


def _refused(template: Template, parameters: Mapping[str, str]) -> bool:
    try:
        check_parameters(template, parameters)
    except RefusedError:
        return True
    except ParityError:
        return False  # a fault of the template: let it be found
    return False
