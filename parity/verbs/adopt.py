"""`parity adopt`: somebody else's app in the kit's stack, and back."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from parity import console
from parity.adopt import dockerfile, files, override, service
from parity.adopt.files import Record
from parity.adopt.folder import look_at
from parity.adopt.image import ensure_image, port_of
from parity.adopt.trial import try_out
from parity.errors import ParityError, UsageError
from parity.host import preflight
from parity.host.base_images import ensure_base, image_exists, python_base
from parity.host.command import complaint
from parity.verbs.down import take_down
from parity.verbs.up import bring_up, ensure_running_engine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.adopt.folder import Folder
    from parity.project import Settings

PULL_SECONDS = 120
_LOOKS_LIKE_PATH = re.compile(r"^[.~/]|/$")
_PIP_SAYS = re.compile(r"^#\d+ [\d.]+ (.*)$")


@dataclass(frozen=True)
class Wishes:
    """What the user says of the app beside where it is. Empty and None: find out."""

    entry: str | None = None
    port: int | None = None
    health_path: str = ""
    own_dockerfile: bool = True
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Adopted:
    """What runs now, and what the user may not have expected of it."""

    record: Record
    notes: tuple[str, ...]


def adopt(settings: Settings, source: str, wishes: Wishes) -> Adopted:
    """Run an app in the stack, in place of the kit's own; return what it is.

    source: a folder, in which nothing is written, or an image. What can be known to fail is looked
    at first; then one container of it is tried, and only then are the replicas replaced.
    """
    folder = _folder(source, wishes)
    command = f"parity adopt {source}"
    preflight.check_ports(settings, command)
    ensure_running_engine(settings)
    if folder:
        record = _of_folder(settings, folder, source, wishes)
    else:
        ensure_image(source)
        record = _of_image(source, wishes)
    record = replace(record, sticky=settings.sticky)
    notes = list(folder.notes if folder else ())

    def try_it() -> None:
        nonlocal record
        record = _with_port(record, wishes)
        with console.step(f"Try one container of {record.name}"):
            outcome = try_out(record, files.of(settings.project), settings.project)
        record = replace(record, read_only=outcome.read_only)
        notes.extend(outcome.notes)
        _write(settings, record, folder)

    with files.replacing(files.of(settings.project)):
        _write(settings, record, folder)
        try:
            bring_up(service.wanted(settings), before_start=try_it, command=command)
        except ParityError as error:
            raise _explained(error, record, command) from error
    return Adopted(record, tuple(notes))


def give_back(settings: Settings) -> Path | None:
    """Remove the adopted app with its stack, image and files; return the folder of its data.

    The data stays; None where there is none. Raises UsageError where no app was adopted.
    """
    known = files.of(settings.project)
    if not known.record.exists():
        raise UsageError("no app was adopted here", hint="parity adopt ./my-app")
    take_down(service.as_running(settings), keep_engine=True)
    files.clear(known)
    return known.data if known.data.exists() else None


def parse_environment(given: Sequence[str] | None) -> dict[str, str]:
    """Return what --env gives the app; a name alone takes the value from here, as Docker has it."""
    found = {}
    for each in given or ():
        name, has_value, value = each.partition("=")
        if not re.fullmatch(r"[A-Za-z_]\w*", name) or not (has_value or name in os.environ):
            raise UsageError(f"--env '{each}' is not NAME=VALUE", hint="--env TABLE=orders")
        found[name] = value if has_value else os.environ[name]
    return found


def install_failure(output: str) -> str:
    """Return pip's own last lines in the output of a build; empty where pip did not fail."""
    said = [found[1] for line in output.splitlines() if (found := _PIP_SAYS.match(line))]
    return "\n".join(said[-8:]) if any(line.startswith("ERROR:") for line in said) else ""


def _folder(source: str, wishes: Wishes) -> Folder | None:
    """Return what is in the folder; None where the source can only be an image."""
    path = Path(source).expanduser()
    if path.is_dir():
        return look_at(path.resolve(), entry=wishes.entry, own_dockerfile=wishes.own_dockerfile)
    if path.exists():
        raise UsageError(
            f"'{source}' is a file, and an app is a folder",
            hint=f"parity adopt {path.parent} --entry {path.name}",
        )
    if _LOOKS_LIKE_PATH.search(source):
        raise UsageError(f"there is no folder '{source}'", hint=f"ls {path.parent}")
    return None


def _of_folder(settings: Settings, folder: Folder, source: str, wishes: Wishes) -> Record:
    known = files.of(settings.project)
    own = folder.dockerfile
    return Record(
        name=folder.name,
        source=source,
        image=f"{settings.project}-adopted",
        entry=folder.entry,
        port=wishes.port or dockerfile.PORT,
        health_path=wishes.health_path or folder.health_path,
        dockerfile=str(folder.path / "Dockerfile" if own else known.dockerfile),
        context=str(folder.path),
        python_image=_python_image(settings, folder),
        own_user=own,
        secrets=() if own else folder.secrets,
        environment=wishes.environment,
    )


def _of_image(name: str, wishes: Wishes) -> Record:
    return Record(
        name=name.rpartition("/")[2].partition(":")[0].partition("@")[0],
        source=name,
        image=name,
        entry="",
        port=wishes.port or port_of(name),
        health_path=wishes.health_path or "/_stcore/health",
        own_user=True,
        environment=wishes.environment,
    )


def _with_port(record: Record, wishes: Wishes) -> Record:
    """Return the record with the port that an image says, now that a Dockerfile has made it."""
    if wishes.port or not record.own_user:
        return record
    return replace(record, port=port_of(record.image))


def _python_image(settings: Settings, folder: Folder) -> str:
    """Return the image to build on: of the Python that the folder asks for, if it can be had."""
    usual = settings.python_image
    wanted = re.sub(r"(?<=python:)3\.\d+", folder.python, usual) if folder.python else usual
    if wanted != usual:
        if image_exists(wanted):
            return wanted
        with console.step(f"Pull {wanted}") as pull:
            if complaint(["docker", "pull", "--quiet", wanted], timeout=PULL_SECONDS) is None:
                return wanted
            pull.give_up(f"not to be had here, so Python is that of {usual}")
    return ensure_base(python_base(usual))


def _write(settings: Settings, record: Record, folder: Folder | None) -> None:
    known = files.of(settings.project)
    texts = {
        known.override: override.render(record, known, settings.project),
        known.attributes: override.attributes(record),
    }
    if folder and not folder.dockerfile:
        own = folder.path / ".dockerignore"
        texts[known.pip_settings] = dockerfile.pip_settings(os.environ)
        texts[known.dockerfile] = dockerfile.render(folder)
        texts[known.dockerignore] = dockerfile.ignored(own.read_text() if own.exists() else "")
    files.write(known, record, texts)


def _explained(error: ParityError, record: Record, command: str) -> ParityError:
    """Return the error of a build in the words of whoever wrote the requirements."""
    said = install_failure(error.detail)
    if not said:
        return error
    return ParityError(
        f"what '{record.name}' needs could not be installed",
        hint=f"correct requirements.txt or pyproject.toml in {record.context}, then: {command}",
        detail=said,
    )
