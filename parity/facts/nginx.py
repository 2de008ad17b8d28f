"""nginx's effective configuration: every directive with its place, includes followed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from parity.facts.node import Where

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MAIN = "/etc/nginx/nginx.conf"
TOKEN = re.compile(
    r"""\s+|\#[^\n]*|(?P<mark>[;{}])|(?P<quoted>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
    r"""|(?P<word>(?:\$\{[^}]*\}|\\.|[^\s;{}'"\\])(?:\$\{[^}]*\}|\\.|[^\s;{}\\])*)"""
)
SECTION = re.compile(r"^# configuration file (\S+):$", re.MULTILINE)


@dataclass(frozen=True)
class Directive:
    """One directive; blocks: those around it, outermost first, each as name and arguments."""

    name: str
    arguments: tuple[str, ...]
    where: Where
    blocks: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The arguments as one text."""
        return " ".join(self.arguments)


@dataclass(frozen=True)
class Source:
    """A configuration file as nginx would find it, and how errors name it."""

    text: str
    name: str


@dataclass(frozen=True)
class Nginx:
    """All directives in the order in which nginx reads them."""

    directives: Sequence[Directive] = field(default_factory=tuple)

    def find(self, name: str) -> list[Directive]:
        """Return the directives of that name, wherever they stand."""
        return [each for each in self.directives if each.name == name]


def read_nginx(files: Mapping[str, Source], main: str = MAIN) -> Nginx:
    """Return the configuration that begins with a file, given each file by nginx's own path.

    Raises ParityError with file and line for what nginx would not start with.
    """
    if main not in files:
        raise Where(main).error("there is no such file", "parity doctor")
    return Nginx(tuple(_read(files, main, ())))


def dumped(output: str, container: str) -> dict[str, Source]:
    """Return the files that `nginx -T` printed, by path."""
    parts = SECTION.split(output)
    pairs = zip(parts[1::2], parts[2::2], strict=True)
    # What is printed begins in the line after the heading.
    return {path: Source(text.removeprefix("\n"), f"{container}:{path}") for path, text in pairs}


def _read(files: Mapping[str, Source], path: str, blocks: tuple[str, ...]) -> Iterator[Directive]:
    source = files[path]
    outside = len(blocks)
    for words, mark, where in _statements(source):
        if mark == "}":
            if len(blocks) == outside:
                raise where.error('unexpected "}"')
            blocks = blocks[:-1]
        elif words[0] == "include" and mark == ";":
            for other in _included(files, words[1:], where):
                yield from _read(files, other, blocks)
        else:
            yield Directive(words[0], tuple(words[1:]), where, blocks)
            blocks = (*blocks, " ".join(words)) if mark == "{" else blocks
    if len(blocks) != outside:
        end = source.text.count("\n") + 1
        raise Where(source.name, end).error('unexpected end of file, expecting "}"')


def _statements(source: Source) -> Iterator[tuple[list[str], str, Where]]:
    """Yield the words before each mark, the mark itself, and where the first word stands."""
    words: list[str] = []
    line, begun = 1, 1
    for token in _tokens(source):
        if word := token["word"] or token["quoted"]:
            begun = begun if words else line
            words.append(_unquoted(word))
        line += token[0].count("\n")
        mark = token["mark"]
        if mark is None:
            continue
        if bool(words) == (mark == "}"):
            raise Where(source.name, line).error(f'unexpected "{mark}"')
        yield words, mark, Where(source.name, begun if words else line)
        words = []
    if words:
        raise Where(source.name, line).error('unexpected end of file, expecting ";" or "}"')


def _tokens(source: Source) -> Iterator[re.Match[str]]:
    at = 0
    while at < len(source.text):
        found = TOKEN.match(source.text, at)
        if found is None:
            line = source.text.count("\n", 0, at) + 1
            raise Where(source.name, line).error("a quote that does not end")
        yield found
        at = found.end()


def _included(files: Mapping[str, Source], words: Sequence[str], where: Where) -> list[str]:
    if len(words) != 1:
        raise where.error("include takes one file")
    path = str(PurePosixPath(MAIN).parent / words[0])
    if any(letter in path for letter in "*?["):
        return sorted(name for name in files if fnmatch(name, path))
    if path not in files:
        raise where.error(f"include '{words[0]}': there is no such file")
    return [path]


def _unquoted(word: str) -> str:
    return word[1:-1] if word[0] in "'\"" else word
