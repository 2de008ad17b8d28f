"""Whether a stack is from a template, and what of that is kept on disk."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from shutil import rmtree
from typing import TYPE_CHECKING, Any

from parity.errors import ParityError
from parity.project import COMPOSE_FILE, ROOT, STATE

if TYPE_CHECKING:
    from pathlib import Path

    from parity.project import Settings

FOLDER = STATE / "from-template"
EXTENSION = "x-from-template"


@dataclass(frozen=True)
class Files:
    """A stack's folder."""

    folder: Path

    @property
    def model(self) -> Path:
        """The Compose file, there while the stack is from a template; it holds secrets."""
        return self.folder / "compose.json"

    @property
    def tried(self) -> Path:
        """The same while its first task is tried."""
        return self.folder / "tried.json"

    @property
    def secrets(self) -> Path:
        """The folder of secrets, a file each; they outlive the stack, as sessions do."""
        return self.folder / "secrets"


def of(project: str) -> Files:
    """Return where the files of a Compose project are, made or not."""
    return Files(FOLDER / project)


def is_wanted(settings: Settings) -> bool:
    """Tell whether the settings are of a stack from a template."""
    return settings.model != COMPOSE_FILE


def is_on(project: str) -> bool:
    """Tell whether a stack is from a template."""
    return of(project).model.exists()


def as_running(settings: Settings) -> Settings:
    """Return the settings with the template's if that is what the stack is from now."""
    if not is_on(settings.project):
        return settings
    file = of(settings.project).model
    model = _read(file)
    return replace(
        settings,
        model=name_of(file),
        replicas=int(model["services"]["app"]["deploy"]["replicas"]),
        sticky=bool(model[EXTENSION]["sticky"]),
    )


def origin(project: str) -> str:
    """Return the name of the template that a stack is from. It has to be from one."""
    return str(_read(of(project).model)[EXTENSION]["template"])


def user(settings: Settings) -> str | None:
    """Return uid:gid of the access point, for the clients of EFS; None where there is no other."""
    if not is_wanted(settings):
        return None
    return str(_read(ROOT / settings.model)[EXTENSION]["user"]) or None


def forget_others(project: str, attributes: str = "") -> None:
    """Delete the attributes that nginx was given before these, or with none of them, all."""
    for other in of(project).folder.glob("attributes-*.json"):
        if str(other) != attributes:
            other.unlink()


def note_off(settings: Settings) -> None:
    """Note that this stack is from a template no more; secrets stay, for the next time."""
    files = of(settings.project)
    for file in (files.model, files.tried):
        file.unlink(missing_ok=True)
    forget_others(settings.project)


def delete(project: str) -> None:
    """Delete all that is kept of a Compose project."""
    rmtree(of(project).folder, ignore_errors=True)


def name_of(file: Path) -> str:
    """Return a file of the checkout as the settings name it."""
    return str(file.relative_to(ROOT))


def _read(file: Path) -> dict[str, Any]:
    try:
        model: dict[str, Any] = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise ParityError(
            f"'{file}' cannot be used: {error}",
            hint="parity up    (with --from-template, or without)",
        ) from error
    return model
