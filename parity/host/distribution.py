"""Which Linux distribution this is, and its package archive."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

OS_RELEASE = Path("/etc/os-release")
APT_FOLDER = Path("/etc/apt")


@dataclass(frozen=True)
class Distribution:
    """One line of /etc/os-release each; all empty where there is no such file."""

    id: str
    codename: str
    version: str

    @property
    def has_packages(self) -> bool:
        """True where the kit knows which packages make up Docker."""
        return self.id in ("debian", "ubuntu")


@dataclass(frozen=True)
class Archive:
    """A package archive as one of the machine's own apt sources names it."""

    uri: str
    keyring: str

    def source(self, suite: str) -> str:
        """Return the deb822 stanza of the archive for another suite."""
        lines = ["Types: deb", f"URIs: {self.uri}", f"Suites: {suite}", "Components: main"]
        if self.keyring:
            lines.append(f"Signed-By: {self.keyring}")
        return "\n".join(lines) + "\n"


def read_distribution(path: Path = OS_RELEASE) -> Distribution:
    """Read os-release(5)."""
    text = path.read_text() if path.exists() else ""
    values = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', text, re.MULTILINE))
    return Distribution(
        id=values.get("ID", ""),
        codename=values.get("VERSION_CODENAME", ""),
        version=values.get("VERSION_ID", ""),
    )


def find_archive(distribution: Distribution, folder: Path = APT_FOLDER) -> Archive | None:
    """Find the archive that serves the distribution's own suite, in either format of apt sources.

    Derived from the machine's sources so that a mirror in use is kept; None when there is none.
    """
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    for file in files:
        if not file.is_file():
            continue
        text = file.read_text()
        parse = _parse_deb822 if file.suffix == ".sources" else _parse_one_line
        for archive, suites in parse(text):
            if distribution.codename in suites:
                return archive
    return None


def _parse_deb822(text: str) -> list[tuple[Archive, list[str]]]:
    found = []
    for stanza in re.split(r"\n\s*\n", text):
        fields = dict(re.findall(r"^([\w-]+):[ \t]*(.+)$", stanza, re.MULTILINE))
        if "URIs" in fields and "deb" in fields.get("Types", "").split():
            archive = Archive(fields["URIs"].split()[0], fields.get("Signed-By", ""))
            found.append((archive, fields.get("Suites", "").split()))
    return found


def _parse_one_line(text: str) -> list[tuple[Archive, list[str]]]:
    pattern = re.compile(r"^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)", re.MULTILINE)
    found = []
    for options, uri, suite in pattern.findall(text):
        keyring = re.search(r"signed-by=(\S+)", options)
        found.append((Archive(uri, keyring.group(1) if keyring else ""), [suite]))
    return found
