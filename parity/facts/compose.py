"""compose.yaml with its overrides and variables, as Compose puts them together.

Read from the files themselves: that takes no Docker, gives each value its line, and is the same on
every machine. tests/parity/facts/test_compose.py holds it against `docker compose config`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from parity.errors import ParityError
from parity.facts.node import Node, Where, Written
from parity.facts.variables import around_variable, only_variable, substituted
from parity.facts.yaml_nodes import read_yaml
from parity.project import env_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DEFAULT_FILES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
OVERRIDES = ("compose.override.yaml", "compose.override.yml", "docker-compose.override.yml")
NOT_READ = ("extends", "include")
REPLACED = ("command", "entrypoint", "test")  # lists that an override replaces as a whole
BY_NAME = ("environment", "labels", "args", "sysctls")  # lists of NAME=value that are mappings


@dataclass(frozen=True)
class Variables:
    """What ${NAME} means: of the environment, or else of the project's .env."""

    environment: Mapping[str, str]
    env: Path

    @cached_property
    def values(self) -> Mapping[str, str]:
        """All of them."""
        return {**(env_file(self.env) if self.env.is_file() else {}), **self.environment}

    def origin(self, text: str) -> Written | None:
        """Return where in .env the one variable of a text has its value."""
        name = only_variable(text)
        if not name or name in self.environment or not self.env.is_file():
            return None
        for number, line in enumerate(self.env.read_text().splitlines(), 1):
            if found := re.fullmatch(rf"{name}=(.*)", line):
                start = len(name) + 1
                before, after = around_variable(text)
                end = start + len(found[1])
                return Written(self.env, number, start, end, found[1], before, after)
        return None


def chosen_files(folder: Path, environment: Mapping[str, str] = os.environ) -> list[Path]:
    """Return the files that `docker compose` takes there. Raises ParityError without any."""
    if given := environment.get("COMPOSE_FILE"):
        return [folder / name for name in given.split(os.pathsep)]
    first = next((folder / name for name in DEFAULT_FILES if (folder / name).is_file()), None)
    if first is None:
        raise ParityError(
            f"there is no Compose file in '{folder}'", hint="parity check --compose FILE"
        )
    return [first, *(folder / name for name in OVERRIDES if (folder / name).is_file())]


def read_compose(paths: Sequence[Path], known: Variables) -> Node:
    """Return the Compose files laid over one another, variables put in.

    Raises ParityError with file and line for a file that is none, and for what is not read here.
    """
    merged: Node | None = None
    for path in paths:
        document = read_yaml(path)
        if not isinstance(document.value, Mapping):
            raise Where(str(path), 1).error("no Compose file: it is no mapping")
        _refuse(document)
        filled = _filled(document, known)
        merged = filled if merged is None else _merged(merged, filled, "")
    if merged is None or not merged["services"].items:
        raise Where(str(paths[0]), 1).error("no Compose file: it has no services")
    return merged


def service(compose: Node, name: str) -> Node:
    """Return a service. Raises ParityError that names those there are."""
    services = compose["services"]
    if not services[name]:
        raise services.where.error(
            f"there is no service '{name}'",
            f"parity check --service NAME; there are: {', '.join(services.items)}",
        )
    return services[name]


def _refuse(document: Node) -> None:
    """Raise for what only Docker Compose itself can put together."""
    for owner in (document, *document["services"].items.values()):
        for name in NOT_READ:
            if owner[name]:
                raise owner[name].where.error(
                    f"'{name}' is not read here",
                    "docker compose config > whole.yaml; parity check --compose whole.yaml",
                )


def _filled(node: Node, known: Variables, key: str = "") -> Node:
    """Return a node with variables put in, and lists of NAME=value as mappings."""
    if isinstance(node.value, Mapping):
        members = {name: _filled(part, known, name) for name, part in node.value.items()}
        return replace(node, value=members)
    if isinstance(node.value, list):
        parts = [_filled(part, known) for part in node.value]
        if key in BY_NAME:
            return replace(node, value=dict(map(_pair, parts)))
        return replace(node, value=parts)
    if isinstance(node.value, str) and "$" in node.value:
        try:
            text = substituted(node.value, known.values)
        except ValueError as error:
            raise node.where.error(str(error)) from error
        origin = known.origin(node.value)
        where = Where(str(origin.path), origin.line) if origin else node.where
        return Node(text, where, origin, node.tag)
    return node


def _pair(node: Node) -> tuple[str, Node]:
    name, _, value = node.text.partition("=")
    return name, replace(node, value=value, written=None)


def _merged(below: Node, above: Node, key: str) -> Node:
    if above.tag == "!reset":
        return Node(None, above.where)
    if above.tag == "!override" or key in REPLACED:
        return above
    if isinstance(below.value, Mapping) and isinstance(above.value, Mapping):
        names = dict.fromkeys([*below.value, *above.value])
        members = {name: _member(below, above, name) for name in names}
        return replace(below, value={name: each for name, each in members.items() if each})
    if isinstance(below.value, list) and isinstance(above.value, list):
        return replace(above, value=_together(below.value, above.value, key))
    return above


def _member(below: Node, above: Node, name: str) -> Node:
    if name not in above.items:
        return below[name]
    return _merged(below[name], above[name], name) if below[name] else above[name]


def _together(below: Sequence[Node], above: Sequence[Node], key: str) -> list[Node]:
    """Return two lists as one: of two mounts at one place the upper one; nothing twice."""
    if key == "volumes":
        taken = {target_of(node) for node in above}
        return [node for node in below if target_of(node) not in taken] + list(above)
    seen = [node.plain for node in above]
    return [node for node in below if node.plain not in seen] + list(above)


def target_of(mount: Node) -> str:
    """Return where a volume is mounted, in long or short form."""
    if mount["target"]:
        return mount["target"].text
    source, _, rest = mount.text.partition(":")
    return rest.split(":")[0] or source
