"""YAML, and JSON, which is a part of it, as nodes: anchors and merges followed, lines kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from parity.facts.node import Gap, Node, Where, Written

if TYPE_CHECKING:
    from pathlib import Path

YAML = "tag:yaml.org,2002:"
KEPT_TAGS = ("!reset", "!override")  # of Compose


def read_yaml(path: Path) -> Node:
    """Read a file. Raises ParityError with file and line for one that cannot be read."""
    where = Where(str(path), 1)
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise Where(str(path)).error(f"it cannot be read: {error}", f"ls -l {path}") from error
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        return (
            _Reading(path, loader, text.splitlines()).convert(root)
            if root is not None
            else Node(None, where)
        )
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise Where(str(path), line).error(str(error.problem or error.context)) from error
    except yaml.YAMLError as error:
        raise where.error(str(error)) from error
    finally:
        loader.dispose()


class _Reading:
    """One conversion of a file."""

    def __init__(self, path: Path, loader: yaml.SafeLoader, lines: list[str]) -> None:
        self.path = path
        self.loader = loader
        self.lines = lines

    def convert(self, node: yaml.Node) -> Node:
        """Return a node with all below it."""
        where = Where(str(self.path), node.start_mark.line + 1)
        tag = node.tag if node.tag in KEPT_TAGS else ""
        if node.tag.startswith("!") and not tag:
            raise where.error(f"unknown tag '{node.tag}'")
        if isinstance(node, yaml.MappingNode):
            self.refuse_twice(node)
            self.loader.flatten_mapping(node)
            members: dict[str, Node] = {}
            for key, value in node.value:
                # After a merge the later one of two is the mapping's own.
                members[str(key.value)] = self.convert(value)
            return Node(members, where, self.gap(node), tag)
        if isinstance(node, yaml.SequenceNode):
            return Node([self.convert(item) for item in node.value], where, None, tag)
        if not isinstance(node, yaml.ScalarNode):
            raise where.error("neither a mapping nor a list nor a value")
        return Node(self.scalar(node), where, self.written(node), tag)

    def refuse_twice(self, node: yaml.MappingNode) -> None:
        """Raise ParityError for a key that is there twice: one of the two would be lost."""
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen and not key.tag.endswith(":merge"):
                where = Where(str(self.path), key.start_mark.line + 1)
                raise where.error(f"'{name}' is there twice")
            seen.add(name)

    def scalar(self, node: yaml.Node) -> str | int | float | bool | None:
        """Return a scalar; `yes`, `on` and numbers with colons are text, as Compose reads them."""
        kind, text = node.tag.removeprefix(YAML), str(node.value)
        if kind == "null":
            return None
        if kind == "bool" and text.lower() in {"true", "false"}:
            return text.lower() == "true"
        if kind == "int" and re.fullmatch(r"[-+]?(0|[1-9][0-9]*)", text):
            return int(text)
        if kind == "float" and re.fullmatch(r"[-+]?[0-9]*\.[0-9]+", text):
            return float(text)
        return text

    def written(self, node: yaml.ScalarNode) -> Written | None:
        """Return how a scalar of one line is written, without its anchor and its quotes."""
        text, mark = str(node.value), node.end_mark
        last = mark.column - (1 if node.style in {"'", '"'} else 0)
        first = last - len(text)
        if mark.line >= len(self.lines) or self.lines[mark.line][max(first, 0) : last] != text:
            return None  # of several lines, or with escapes
        return Written(self.path, mark.line + 1, first, last, text)

    def gap(self, node: yaml.MappingNode) -> Gap | None:
        """Return where a mapping in block style takes another key: before its first one."""
        if node.flow_style or not node.value:
            return None
        return Gap(self.path, node.start_mark.line, node.start_mark.column, ())
