"""Which parameters the template is looked at with: a file, the name of a set, NAME=VALUE."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from parity.errors import UsageError
from parity.facts.yaml_nodes import read_yaml
from parity.template.parameter_sets import ALWAYS, EDGE, EXISTING_VPC, HTTPS, SIGN_IN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.facts.node import Node
    from parity.template.load import Template

SETS: dict[str, dict[str, str]] = {
    "https": HTTPS,
    "sign-in": SIGN_IN,
    "cloudfront": EDGE,
    "existing-vpc": EXISTING_VPC,
}


def chosen(
    template: Template,
    named: str = "",
    pairs: Sequence[str] = (),
    otherwise: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the parameters by name: those of a file or a set, over them NAME=VALUE.

    otherwise: in place of the template's defaults, where the template has them. ImageUri and
    Receipt, which a deploy gives, are made up where they are not among them. Raises ParityError
    with file and line for a parameter that has no value at all.
    """
    declared = template.section("Parameters")
    beneath = {**ALWAYS, **(otherwise or {})}
    given = {name: value for name, value in beneath.items() if name in declared}
    if named in SETS:
        given |= SETS[named]
    elif named:
        given |= read_parameters(Path(named))
    given |= dict(_pair(text) for text in pairs)
    for name, declaration in declared.items():
        if isinstance(declaration, dict) and "Default" not in declaration and name not in given:
            error = template.error(("Parameters", name), f"the parameter '{name}' has no value")
            error.hint = f"parity check --parameter {name}=VALUE, or --parameters FILE"
            raise error
    return given


def read_parameters(path: Path) -> dict[str, str]:
    """Return a file's parameters, in any of AWS's forms: JSON or YAML.

    A list of ParameterKey and ParameterValue, a list of NAME=VALUE, a mapping, or that under
    `Parameters`.
    """
    if not path.is_file():
        raise UsageError(
            f"--parameters '{path}' is neither a file nor one of {', '.join(SETS)}",
            hint="parity check --parameters https",
        )
    document = read_yaml(path)
    document = document["Parameters"] or document
    if isinstance(document.value, Mapping):
        return {name: _value(node) for name, node in document.items.items()}
    found: dict[str, str] = {}
    for entry in document:
        if entry["ParameterKey"]:
            found[entry["ParameterKey"].text] = _value(entry["ParameterValue"])
        elif "=" in entry.text:
            name, _, value = entry.text.partition("=")
            found[name] = value
        else:
            raise entry.where.error("neither ParameterKey and ParameterValue nor NAME=VALUE")
    return found


def _value(node: Node) -> str:
    return ",".join(each.text for each in node) if isinstance(node.value, list) else node.text


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"--parameter '{text}' is not NAME=VALUE", hint="--parameter MaxTasks=20")
    return name, value
