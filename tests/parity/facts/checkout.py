"""A copy of the files that `parity check` reads, to be changed, and the two sides read from it."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from parity.facts.check import check, differences
from parity.facts.cloud import Cloud, read_lock
from parity.facts.compose import chosen_files
from parity.facts.local import load_local
from parity.facts.node import Node, nodes
from parity.project import ROOT
from parity.template.load import load
from parity.template.parameter_sets import ALWAYS, HTTPS
from parity.template.resolve import resolve
from tests.parity.template.changing import changed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from parity.facts.fact import Result
    from parity.facts.local import Local
    from parity.template.load import Template
    from tests.parity.template.changing import Change

READ = (".env", "compose.yaml", "compose.efs.yaml", "compose.https.yaml", "compose.arm64.yaml")
FOLDERS = ("nginx", "app/.streamlit")
DIGEST = "sha256:" + "a" * 64
HTTPS_ENVIRONMENT = {
    "COMPOSE_FILE": "compose.yaml:compose.https.yaml",
    "HTTPS_CERTIFICATE": "x",
    "HTTPS_FOLDER": "x",
}
# What only a look into the image tells; scripts/test looks.
LOOKED_INTO = {
    "ConfigDigest": DIGEST,
    "Versions": {"streamlit": "1.67.0", "boto3": "1.44.5", "python": "3.13.5"},
}


@dataclass(frozen=True)
class Stack:
    """One way of running the stack and the parameters that fit it."""

    environment: Mapping[str, str]
    parameters: Mapping[str, str]


PLAIN = Stack({}, ALWAYS)
OVER_HTTPS = Stack(HTTPS_ENVIRONMENT, {**ALWAYS, **HTTPS})


@dataclass(frozen=True)
class Edit:
    """Another text in a file of the copy; old '' makes the file anew."""

    file: str
    old: str
    new: str

    def make(self, folder: Path) -> None:
        """Make the edit; the old text must be there."""
        path = folder / self.file
        if not self.old:
            path.write_text(self.new)
            return
        text = path.read_text()
        assert self.old in text, f"{self.file} has no {self.old!r}"
        path.write_text(text.replace(self.old, self.new))


def over(app: str) -> Edit:
    """Lay keys over the service `app`, as YAML in flow style."""
    return Edit("compose.override.yaml", "", f"services: {{app: {{{app}}}}}\n")


@cache
def pins() -> Node:
    """Return what the kit's lock says."""
    return read_lock(ROOT / "app" / "requirements.txt", ROOT / "scripts" / "lock")


@cache
def template() -> Template:
    """Return the kit's template."""
    return load(ROOT / "infra" / "template.yml")


def copied(folder: Path) -> Path:
    """Copy what the local side is read from."""
    for name in READ:
        shutil.copy(ROOT / name, folder / name)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name)
    for path in (ROOT / "app").glob("*.py"):
        shutil.copy(path, folder / "app" / path.name)
    shutil.copy(ROOT / "app" / "Dockerfile", folder / "app")
    return folder


def local_side(
    folder: Path, stack: Stack = PLAIN, image: Mapping[str, object] | None = None
) -> Local:
    """Read the local side of a copy, with what a look into its image would tell."""
    files = chosen_files(folder, stack.environment)
    local = load_local(files, environment=stack.environment)
    if not local.image:
        return local
    told = nodes({**LOOKED_INTO, **(image or {})}, local.image.where)
    return replace(
        local, image=Node({**local.image.items, **told.items}, local.image.where), machine="X86_64"
    )


def cloud_side(
    *changes: Change,
    stack: Stack = PLAIN,
    lock: Mapping[str, str] | None = None,
    receipt: str = DIGEST,
) -> Cloud:
    """Read the cloud side of the kit's template, with changes made to it.

    lock: versions in place of the lock's; receipt: the digest in the promoted receipt.
    """
    written = changed(template(), *changes) if changes else template()
    own = {**pins().items, **nodes(lock or {}, pins().where).items}
    return Cloud(
        written,
        resolve(written, stack.parameters),
        lock=Node(own, pins().where),
        receipt_digest=receipt,
    )


def shipped(stack: Stack) -> Local:
    """Return the local side as it is in the tree, read once."""
    if stack.environment not in [known for known, _ in _SHIPPED]:
        with tempfile.TemporaryDirectory() as folder:
            _SHIPPED.append((stack.environment, local_side(copied(Path(folder)), stack)))
    return next(local for known, local in _SHIPPED if known == stack.environment)


_SHIPPED: list[tuple[Mapping[str, str], Local]] = []


def flagged(local: Local, cloud: Cloud) -> list[str]:
    """Return the facts that differ without an explanation."""
    return [result.fact.name for result in differences(check(local, cloud))]


def results(local: Local, cloud: Cloud) -> Sequence[Result]:
    """Return the result of every fact."""
    return check(local, cloud)
