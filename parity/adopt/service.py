"""Which app one stack runs: the kit's own, or one that was adopted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from parity.adopt import files

if TYPE_CHECKING:
    from parity.adopt.files import Record
    from parity.project import Settings


def wanted(settings: Settings) -> Settings:
    """Return the settings with the adopted app, on a volume of its own."""
    if is_wanted(settings):
        return settings
    override = files.name_of_override(settings.project)
    data = files.of(settings.project).data
    return replace(settings, overrides=(*settings.overrides, override), data=data)


def is_wanted(settings: Settings) -> bool:
    """Tell whether the settings ask for the adopted app."""
    return files.name_of_override(settings.project) in settings.overrides


def as_running(settings: Settings) -> Settings:
    """Return the settings with the adopted app if that is what the stack runs now."""
    known = running(settings.project)
    return wanted(replace(settings, sticky=known.sticky)) if known else settings


def is_on(project: str) -> bool:
    """Tell whether a stack runs an adopted app."""
    return files.of(project).mark.exists()


def running(project: str) -> Record | None:
    """Return the adopted app that a stack runs; None where it runs the kit's own."""
    return files.read(project) if is_on(project) else None


def note(settings: Settings) -> None:
    """Note which app this stack runs from now on."""
    if is_wanted(settings):
        files.of(settings.project).mark.touch()
    else:
        note_off(settings)


def note_off(settings: Settings) -> None:
    """Note that this stack runs no adopted app any more; its files stay, for the next time."""
    files.of(settings.project).mark.unlink(missing_ok=True)
