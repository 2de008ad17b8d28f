"""Which Linux distribution this is, and its package archive."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

OS_RELEASE = Path("/etc/os-release")
APT_FOLDER = Path("/etc/apt")
FETCHED = ("http://", "https://", "mirror+", "file:")  # and not "cdrom:"


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


@dataclass(frozen=True)
class Source:
    """One apt source: an archive and the suites that are taken from it."""

    archive: Archive
    suites: tuple[str, ...]


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

    Derived from the machine's sources so that a mirror in use is kept. Where none names the suite
    (they may say `stable`), the one whose address ends in the distribution's name; else None.
    """
    sources = read_sources(folder)
    named = [source for source in sources if distribution.codename in source.suites]
    alike = [s for s in sources if s.archive.uri.rstrip("/").endswith(f"/{distribution.id}")]
    found = named or alike
    return found[0].archive if found else None


def read_sources(folder: Path = APT_FOLDER) -> list[Source]:
    """Read the machine's apt sources, as sources.list(5) describes them."""
    parts = sorted((folder / "sources.list.d").glob("*"))
    found: list[Source] = []
    for file in (folder / "sources.list", *parts):
        if file.is_file() and file.suffix in (".list", ".sources"):
            text = file.read_text(errors="replace")
            found += parse_deb822(text) if file.suffix == ".sources" else parse_one_line(text)
    return [source for source in found if source.archive.uri.startswith(FETCHED)]


def parse_deb822(text: str) -> list[Source]:
    """Parse stanzas of `Field: value`, leaving out the disabled ones and those of source code."""
    found = []
    for stanza in re.split(r"\n\s*\n", text):
        fields = dict(re.findall(r"^([\w-]+):[ \t]*(.*)$", stanza, re.MULTILINE))
        enabled = fields.get("Enabled", "yes").strip().lower() not in ("no", "false", "off", "0")
        if enabled and fields.get("URIs") and "deb" in fields.get("Types", "").split():
            # A key written into the stanza itself stays there; apt's own keyring serves instead.
            archive = Archive(fields["URIs"].split()[0], fields.get("Signed-By", "").strip())
            found.append(Source(archive, tuple(fields.get("Suites", "").split())))
    return found


def parse_one_line(text: str) -> list[Source]:
    """Parse lines of `deb [options] uri suite component ...`."""
    pattern = re.compile(r"^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)", re.MULTILINE)
    found = []
    for options, uri, suite in pattern.findall(text):
        keyring = re.search(r"signed-by=(\S+)", options)
        found.append(Source(Archive(uri, keyring.group(1) if keyring else ""), (suite,)))
    return found
