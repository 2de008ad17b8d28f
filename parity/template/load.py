"""Reading a CloudFormation template: plain dictionaries, and the line on which each part stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Keys = tuple[str | int, ...]  # where a value stands: Resources, Service, Properties, ...
FUNCTIONS = """
    And Base64 Cidr Contains EachMemberEquals EachMemberIn Equals FindInMap GetAtt GetAZs If
    ImportValue Join Length Not Or RefAll Select Split Sub ToJsonString Transform ValueOf ValueOfAll
"""
SHORT_FORMS = frozenset(FUNCTIONS.split())
ALIAS = "CloudFormation knows no YAML aliases: write the value out"
YAML = "tag:yaml.org,2002:"


@dataclass(frozen=True)
class Template:
    """A template as it is written, all intrinsics in their long form.

    name: the file, as errors quote it. document: dicts, lists, strings, numbers, booleans, None.
    size: of the file in bytes. lines: the line (from 1) of every key and list item.
    """

    name: str
    document: Mapping[str, object]
    size: int
    lines: Mapping[Keys, int] = field(default_factory=dict, repr=False)

    def section(self, name: str) -> dict[str, object]:
        """Return a section such as Resources; an absent one is empty, a list raises ParityError."""
        section = self.document.get(name) or {}
        if not isinstance(section, dict):
            raise self.error((name,), f"{name} is no mapping")
        return section

    def line(self, keys: Keys) -> int:
        """Return the line of a place, or of the nearest thing around it that is written down."""
        places = (self.lines.get(keys[:length]) for length in range(len(keys), 0, -1))
        return next((line for line in places if line), 1)

    def error(self, keys: Keys, what: str) -> ParityError:
        """Return an error that quotes file and line."""
        return ParityError(
            f"{self.name}:{self.line(keys)}: {what}", hint=f"mend {self.name}, then try again"
        )


def load(path: Path) -> Template:
    """Read a template, YAML with its short-form tags or JSON.

    Refuses, with file and line, what CloudFormation refuses or reads otherwise than it looks:
    duplicate keys, aliases and merges, unknown tags, unquoted `on` and `0750`.
    """
    try:
        data = path.read_bytes()
        text = data.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise ParityError(
            f"template '{path}' cannot be read: {error}", hint=f"ls -l {path}"
        ) from error
    return parse(text, name=str(path), size=len(data))


def parse(text: str, *, name: str = "template", size: int | None = None) -> Template:
    """Read a template's text; see `load`."""
    if text.lstrip().startswith("{"):
        text = text.replace("\t", " ")  # JSON's tabs are never part of a value, YAML takes none
    reading = _Reading(name)
    try:
        node = yaml.compose(text, yaml.CSafeLoader)  # a tenth of the time of the Python one
        for event in yaml.parse(text, yaml.CSafeLoader):
            if isinstance(event, yaml.AliasEvent):
                raise reading.error(event.start_mark, ALIAS)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise reading.error(mark, str(error.problem or error.context)) from error
    except yaml.YAMLError as error:
        raise reading.error(None, str(error)) from error
    document = reading.convert(node, ()) if node is not None else None
    if not isinstance(document, dict) or not isinstance(document.get("Resources"), dict):
        raise reading.error(None, "no CloudFormation template: it has no Resources")
    return Template(name, document, len(text.encode()) if size is None else size, reading.lines)


class _Reading:
    """One conversion of nodes into plain values, noting lines on its way."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Keys, int] = {}

    def error(self, mark: Any, what: str) -> ParityError:  # noqa: ANN401 - yaml's C code has its own
        """Return an error that quotes file and line."""
        line = mark.line + 1 if mark else 1
        return ParityError(f"{self.name}:{line}: {what}", hint=f"mend {self.name}, then try again")

    def convert(self, node: yaml.Node, keys: Keys) -> object:
        """Return a node's value; a short-form intrinsic becomes its long form."""
        self.lines.setdefault(keys, node.start_mark.line + 1)
        if not node.tag.startswith("!"):
            return self.plain(node, keys)
        tag = node.tag.removeprefix("!")
        if tag not in SHORT_FORMS | {"Ref", "Condition"}:
            raise self.error(node.start_mark, f"unknown tag '{node.tag}'")
        name = tag if tag in {"Ref", "Condition"} else f"Fn::{tag}"
        value = self.plain(node, (*keys, name))
        if tag == "GetAtt" and isinstance(value, str):
            return {name: value.split(".", 1)}
        return {name: value}

    def plain(self, node: yaml.Node, keys: Keys) -> object:
        """Return a node's value, whatever its tag."""
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, keys)
        if isinstance(node, yaml.SequenceNode):
            return [self.convert(item, (*keys, index)) for index, item in enumerate(node.value)]
        return self.scalar(str(node.value), node)

    def mapping(self, node: yaml.MappingNode, keys: Keys) -> dict[str, object]:
        """Return a mapping whose keys are text, none of them twice."""
        result: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key, str):
                raise self.error(key_node.start_mark, "a key that is no text")
            if key_node.tag == f"{YAML}merge":
                raise self.error(key_node.start_mark, "CloudFormation knows no YAML merges ('<<')")
            if key in result:
                raise self.error(key_node.start_mark, f"'{key}' is there twice")
            self.lines[(*keys, key)] = key_node.start_mark.line + 1
            result[key] = self.convert(value_node, (*keys, key))
        return result

    def scalar(self, text: str, node: yaml.Node) -> object:
        """Return text, a number, a boolean or None; dates stay text, as in CloudFormation."""
        kind = node.tag.removeprefix(YAML)
        if kind == "null":
            return None
        if kind == "bool":
            if text.lower() not in {"true", "false"}:
                raise self.error(node.start_mark, f"unquoted '{text}' is a boolean: quote it")
            return text.lower() == "true"
        if kind == "int":
            if not re.fullmatch(r"[-+]?(0|[1-9][0-9]*)", text):
                raise self.error(node.start_mark, f"unquoted '{text}' is another number: quote it")
            return int(text)
        if kind == "float" and re.fullmatch(r"[-+]?[0-9]*\.[0-9]+([eE][-+]?[0-9]+)?", text):
            return float(text)
        return text
