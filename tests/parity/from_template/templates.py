"""The kit's template and what becomes of it once one thing in it is changed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from parity.deploy.template import FILE
from parity.from_template.source import choose
from parity.template.load import load
from parity.template.parameter_sets import ALWAYS
from parity.template.resolve import resolve
from tests.parity.template.changing import changed

if TYPE_CHECKING:
    from parity.from_template.source import Source
    from parity.template.load import Template
    from tests.parity.template.changing import Change

IMAGE = {"ImageUri": ALWAYS["ImageUri"]}
CONTAINER = "TaskDefinition.ContainerDefinitions.0"


@cache
def kit() -> Template:
    """Return infra/template.yml, read once."""
    return load(FILE)


def source(*changes: Change, **parameters: str) -> Source:
    """Return what the template says after some changes, with parameters."""
    template = changed(kit(), *changes)
    return choose(template, resolve(template, IMAGE | parameters, stack_name="p"))


def line(text: str) -> int:
    """Return the number of the first line of the template that has a text."""
    lines = FILE.read_text().splitlines()
    return next(number for number, each in enumerate(lines, 1) if text in each)
