"""A value that knows where it is written: what files of every kind are read into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from parity.errors import ParityError

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Where:
    """A place: a file and its line from 1; in words, something that has none, such as an image."""

    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        path = Path(self.file)
        if path.is_absolute() and path.is_relative_to(Path.cwd()):
            path = path.relative_to(Path.cwd())
        name = str(path) if self.file else ""
        return f"{name}:{self.line}" if self.line else name

    def error(self, what: str, hint: str = "") -> ParityError:
        """Return an error that quotes file and line."""
        return ParityError(f"{self}: {what}", hint=hint or f"mend {self}, then try again")


NOWHERE = Where()


@dataclass(frozen=True)
class Written:
    """A scalar exactly as it stands in a file, so that it can be replaced there.

    start, end: columns from 0 of its text, without quotes. before, after: what the value has around
    it where it is used, as ${STOP_SECONDS}s has an s.
    """

    path: Path
    line: int
    start: int
    end: int
    text: str
    before: str = field(default="", compare=False)
    after: str = field(default="", compare=False)


@dataclass(frozen=True)
class Gap:
    """A key that is not in a block mapping: where it would go, after which line, how far in."""

    path: Path
    line: int
    indent: int
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Node:
    """A value: a mapping or list of nodes, or a scalar; None is what is not there.

    Looking further into a node never fails. where: of the value, or of the nearest thing around it.
    """

    value: Mapping[str, Node] | Sequence[Node] | str | int | float | bool | None
    where: Where = NOWHERE
    written: Written | Gap | None = None
    tag: str = field(default="", compare=False)

    def __getitem__(self, key: str | int) -> Node:
        found: object = None
        if isinstance(self.value, Mapping) and isinstance(key, str):
            found = self.value.get(key)
        elif isinstance(self.value, list) and isinstance(key, int) and key < len(self.value):
            found = self.value[key]
        if isinstance(found, Node):
            return found
        gap = self.written
        if isinstance(gap, Gap) and isinstance(key, str):
            gap = replace(gap, keys=(*gap.keys, key))
        return Node(None, self.where, gap if isinstance(gap, Gap) else None)

    def __iter__(self) -> Iterator[Node]:
        """Yield the items of a list; a scalar counts as a list of one."""
        if isinstance(self.value, list):
            yield from self.value
        elif self.value is not None and not isinstance(self.value, Mapping):
            yield self

    def __bool__(self) -> bool:
        return self.value is not None

    @property
    def items(self) -> Mapping[str, Node]:
        """The members of a mapping; none of anything else."""
        return self.value if isinstance(self.value, Mapping) else {}

    @property
    def text(self) -> str:
        """The scalar as text, a boolean as YAML has it; '' for what is none."""
        if isinstance(self.value, bool):
            return str(self.value).lower()
        return (
            "" if self.value is None or isinstance(self.value, Mapping | list) else str(self.value)
        )

    @property
    def plain(self) -> object:
        """The value without places: dicts, lists and scalars."""
        if isinstance(self.value, Mapping):
            return {key: node.plain for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain for node in self.value]
        return self.value


ABSENT = Node(None)


def nodes(value: object, where: Where) -> Node:
    """Return plain data as nodes, all of one place."""
    if isinstance(value, Mapping):
        return Node({str(key): nodes(part, where) for key, part in value.items()}, where)
    if isinstance(value, list | tuple):
        return Node([nodes(part, where) for part in value], where)
    return Node(value if isinstance(value, str | int | float | bool) else None, where)
