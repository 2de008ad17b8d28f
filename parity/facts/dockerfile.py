"""What a Dockerfile gives the image that its last stage makes, under the engine's names for it."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parity.facts.node import Node, Where, Written, nodes
from parity.facts.variables import substituted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

INSTALLED = re.compile(r"install\s+-d\s+-o\s+(\S+)\s+-g\s+(\S+)\s+-m\s+(\S+)\s+(/\S+)")
OPTION = re.compile(r"--([a-z-]+)=(\S+)\s*")
CHECK = {"interval": "interval", "timeout": "timeout", "retries": "retries"} | {
    "start-period": "start_period",
    "start-interval": "start_interval",
}


@dataclass(frozen=True)
class Instruction:
    """One instruction of a Dockerfile, its lines joined."""

    name: str
    text: str
    where: Where


def read_dockerfile(path: Path, arguments: Mapping[str, str]) -> Node:
    """Return User, Env, ExposedPorts, WorkingDir, Entrypoint, Cmd, Healthcheck, From, Folders.

    arguments: build arguments. Folders: owner and mode of what RUN makes by `install -d`. A path
    that is no file gives a node of nothing. Raises ParityError with file and line.
    """
    if not path.is_file():
        return Node(None, Where(str(path)))
    stage = _Stage(path, arguments)
    for instruction in _instructions(path):
        try:
            stage.take(instruction)
        except ValueError as error:
            raise instruction.where.error(str(error)) from error
    if "From" not in stage.found:
        raise Where(str(path), 1).error("no Dockerfile: it has no FROM")
    return Node(stage.found, Where(str(path), 1))


class _Stage:
    """The stage at hand: each FROM begins anew, from another stage or from a base image."""

    def __init__(self, path: Path, arguments: Mapping[str, str]) -> None:
        self.path = path
        self.given = arguments
        self.all: dict[str, str] = {}
        self.values: dict[str, str] = {}
        self.found: dict[str, Node] = {}
        self.stages: dict[str, dict[str, Node]] = {}

    def take(self, one: Instruction) -> None:
        """Add what one instruction says; most say nothing of the image's configuration."""
        text = (
            one.text if one.name in {"RUN", "HEALTHCHECK", "CMD", "ENTRYPOINT"} else self.put(one)
        )
        if one.name == "ARG":
            self.argument(text)
        elif one.name == "FROM":
            self.begin(text, one.where)
        elif one.name == "ENV":
            known = dict(self.found.get("Env", Node({})).items)
            self.found["Env"] = Node(known | _pairs(text, one.where), one.where)
            self.values |= {name: node.text for name, node in self.found["Env"].items.items()}
        elif one.name in {"USER", "WORKDIR"}:
            name = "User" if one.name == "USER" else "WorkingDir"
            self.found[name] = Node(text, one.where, self.written(one))
        elif one.name == "EXPOSE":
            ports = [
                Node(int(port.partition("/")[0]), one.where, self.written(one))
                for port in text.split()
            ]
            self.found["ExposedPorts"] = Node(ports, one.where)
        elif one.name in {"CMD", "ENTRYPOINT"}:
            self.found[one.name.capitalize()] = nodes(_words(text), one.where)
        elif one.name == "HEALTHCHECK":
            self.found["Healthcheck"] = _check(text, one.where)
        elif one.name == "RUN":
            self.folders(one)

    def put(self, one: Instruction) -> str:
        """Return an instruction's text with variables put in."""
        return substituted(one.text, self.values or self.all)

    def argument(self, text: str) -> None:
        """Set a build argument: as given, or else its default."""
        for name, _, default in (part.partition("=") for part in shlex.split(text)):
            value = self.given.get(name, self.all.get(name, default) if self.found else default)
            (self.values if self.found else self.all)[name] = value

    def begin(self, text: str, where: Where) -> None:
        """Begin a stage; one that goes on from another has what that has."""
        words = [word for word in text.split() if not word.startswith("--")]
        if not words:
            raise ValueError("FROM names no image")
        self.values = {}
        self.found = dict(self.stages.get(words[0], {})) or {"From": Node(words[0], where)}
        if len(words) > 2:  # noqa: PLR2004 - FROM image AS name
            self.stages[words[2]] = self.found

    def folders(self, one: Instruction) -> None:
        """Note the folders that a RUN makes with an owner."""
        known = dict(self.found.get("Folders", Node({})).items)
        for user, group, mode, folder in INSTALLED.findall(one.text):
            owner = substituted(f"{user}:{group}", self.values)
            known[folder] = nodes({"owner": owner, "mode": mode}, one.where)
        self.found["Folders"] = Node(known, one.where)

    def written(self, one: Instruction) -> Written | None:
        """Return how the argument of a one-line instruction is written."""
        line = self.path.read_text().splitlines()[one.where.line - 1]
        start = line.find(one.text)
        if start < 0 or "$" in one.text:
            return None
        return Written(self.path, one.where.line, start, start + len(one.text), one.text)


def _instructions(path: Path) -> Iterator[Instruction]:
    lines = enumerate(path.read_text().splitlines(), 1)
    for number, line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        joined = line
        while joined.endswith("\\"):
            _, following = next(lines, (0, ""))
            if not following.lstrip().startswith("#"):
                joined = joined[:-1] + following
        name, _, text = joined.strip().partition(" ")
        yield Instruction(name.upper(), text.strip(), Where(str(path), number))


def _pairs(text: str, where: Where) -> dict[str, Node]:
    if "=" not in text.partition(" ")[0]:
        name, _, value = text.partition(" ")
        return {name: Node(value, where)}
    pairs = (word.partition("=") for word in shlex.split(text))
    return {name: Node(value, where) for name, _, value in pairs}


def _words(text: str) -> list[str]:
    """Return an exec form's words, or the shell that a shell form means."""
    if text.startswith("["):
        try:
            return [str(word) for word in json.loads(text)]
        except ValueError as error:
            raise ValueError(f"'{text}' is no JSON list: {error}") from error
    return ["/bin/sh", "-c", text]


def _check(text: str, where: Where) -> Node:
    if text.strip().upper() == "NONE":
        return nodes({"test": ["NONE"]}, where)
    found: dict[str, object] = {}
    while option := OPTION.match(text):
        found[CHECK.get(option[1], option[1])] = option[2]
        text = text[option.end() :]
    command = text.removeprefix("CMD").strip()
    words = _words(command)
    test = ["CMD", *words] if command.startswith("[") else ["CMD-SHELL", command]
    return nodes({**found, "test": test}, where)
