"""The template as `deploy` hands it to CloudFormation: its text, and what it says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parity.project import ROOT
from parity.template import load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE = ROOT / "infra" / "template.yml"
MOST_BYTES = 51_200  # of a template body that is sent, rather than put into S3


@dataclass(frozen=True)
class Template:
    """A template. body: as it was written, and as it is sent; parsed: the same as data."""

    body: str
    parsed: load.Template

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The declarations of the parameters by name."""
        return self.parsed.section("Parameters")

    @property
    def resources(self) -> Mapping[str, Any]:
        """The resources by logical id, as written."""
        return self.parsed.section("Resources")

    def default(self, parameter: str) -> str:
        """Return a parameter's default as text; empty if it has none."""
        return str(self.parameters.get(parameter, {}).get("Default", ""))

    def retained(self, logical_id: str) -> bool:
        """Tell whether a resource outlives its stack."""
        policy = str(self.resources.get(logical_id, {}).get("DeletionPolicy", "Delete"))
        return policy != "Delete"


def read_template(path: Path = FILE) -> Template:
    """Read a template file. Raises ParityError when it is missing or no template."""
    parsed = load.load(path)
    return Template(path.read_text(), parsed)


def parse_template(body: str) -> Template:
    """Parse a template's text. Raises ParityError when it is no template."""
    return Template(body, load.parse(body))


def as_text(body: object) -> str:
    """Return a template body from GetTemplate as text: boto3 parses one that is JSON."""
    return body if isinstance(body, str) else json.dumps(body)
