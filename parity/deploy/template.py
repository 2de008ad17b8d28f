"""The template as `deploy` hands it to CloudFormation: its text, and what its outline says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from parity.errors import ParityError
from parity.project import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE = ROOT / "infra" / "template.yml"
MOST_BYTES = 51_200  # of a template body that is sent, rather than put into S3


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: '!Ref X' is {'Ref': 'X'}."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        if name == "Fn::GetAtt":
            value = str(value).split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
    return {name: value}


_Loader.add_multi_constructor("!", _short_form)


@dataclass(frozen=True)
class Template:
    """A template. body: as it was written; document: the same, parsed."""

    body: str
    document: Mapping[str, Any]

    @property
    def parameters(self) -> Mapping[str, Mapping[str, Any]]:
        """The declared parameters by name."""
        return self.document.get("Parameters") or {}

    @property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        """The resources by logical id."""
        return self.document.get("Resources") or {}

    def default(self, parameter: str) -> str:
        """Return a parameter's default; empty if it has none."""
        return str(self.parameters.get(parameter, {}).get("Default", ""))

    def retained(self, logical_id: str) -> bool:
        """Tell whether a resource outlives its stack."""
        policy = str(self.resources.get(logical_id, {}).get("DeletionPolicy", "Delete"))
        return policy != "Delete"


def read_template(path: Path = FILE) -> Template:
    """Read a template file. Raises ParityError when it is missing or no template."""
    try:
        return parse_template(path.read_text())
    except OSError as error:
        raise ParityError(
            f"the template '{path}' cannot be read: {error.strerror}",
            hint="git checkout infra/template.yml",
        ) from error


def parse_template(body: str) -> Template:
    """Parse a template, YAML or JSON. Raises ParityError when it is neither."""
    try:
        document = yaml.load(body, Loader=_Loader)  # noqa: S506 - a safe loader with more tags
    except yaml.YAMLError as error:
        raise ParityError(
            "the template is not valid YAML", hint="git diff infra/template.yml", detail=str(error)
        ) from error
    if not isinstance(document, dict) or "Resources" not in document:
        raise ParityError("the template has no resources", hint="git diff infra/template.yml")
    return Template(body, document)


def as_text(body: object) -> str:
    """Return a template body from GetTemplate as text: boto3 parses one that is JSON."""
    return body if isinstance(body, str) else json.dumps(body)
