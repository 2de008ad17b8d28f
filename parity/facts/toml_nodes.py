"""A TOML file of plain tables as nodes."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

from parity.facts.node import Node, Where, Written, nodes

if TYPE_CHECKING:
    from pathlib import Path

LINE = re.compile(
    r"^\s*(?:\[(?P<table>[^\]]+)\]|(?P<key>[\w-]+)\s*=\s*(?P<value>\S.*?)\s*(?:#.*)?)$"
)


def read_toml(path: Path) -> Node:
    """Read a file; a path that is none gives a node of nothing.

    Raises ParityError with file and line.
    """
    if not path.is_file():
        return Node(None, Where(str(path)))
    text = path.read_text()
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise Where(str(path), int(line[1]) if line else 1).error(str(error)) from error
    tables: dict[str, Node] = {}
    for name, members in document.items():
        where = Where(str(path), 1)
        found = {key: nodes(value, where) for key, value in members.items()}
        tables[name] = Node(found | _placed(path, text, name, members), where)
    return Node(tables, Where(str(path), 1))


def _placed(path: Path, text: str, table: str, members: dict[str, object]) -> dict[str, Node]:
    """Return those members of a table that stand on lines of their own, with their lines."""
    found: dict[str, Node] = {}
    current = ""
    for number, line in enumerate(text.splitlines(), 1):
        match = LINE.match(line)
        if match and match["table"]:
            current = match["table"].strip()
        elif match and current == table and match["key"] in members:
            start = match.start("value")
            quoted = int(match["value"][0] in "\"'")
            written = match["value"][quoted : len(match["value"]) - quoted]
            where = Where(str(path), number)
            span = Written(path, number, start + quoted, start + quoted + len(written), written)
            value = members[match["key"]]
            if isinstance(value, str | int | float | bool):
                found[match["key"]] = Node(value, where, span)
    return found
