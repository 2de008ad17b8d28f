"""HTTPS of one stack: whether it is wanted, whether it is on, and what a user has to know of it."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from parity.https import files
from parity.project import HTTPS_OVERRIDE

if TYPE_CHECKING:
    from pathlib import Path

    from parity.project import Settings


def wanted(settings: Settings) -> Settings:
    """Return the settings with HTTPS."""
    if settings.https:
        return settings
    return replace(settings, overrides=(*settings.overrides, HTTPS_OVERRIDE))


def as_running(settings: Settings) -> Settings:
    """Return the settings with HTTPS if that is what the stack speaks now."""
    return wanted(settings) if is_on(settings.project) else settings


def is_on(project: str) -> bool:
    """Tell whether a stack speaks HTTPS."""
    return files.of(project).mark.exists()


def ensure_certificate(settings: Settings) -> None:
    """Have a certificate, and note that this stack speaks HTTPS from now on."""
    found = files.of(settings.project)
    files.ensure(found, settings.project)
    found.mark.touch()


def note_off(settings: Settings) -> None:
    """Note that this stack speaks HTTPS no more; its authority stays, for the next time."""
    files.of(settings.project).mark.unlink(missing_ok=True)


def compose_environment(settings: Settings) -> dict[str, str]:
    """Return what compose.https.yaml reads from the environment."""
    found = files.of(settings.project)
    return {
        "HTTPS_PORT": str(settings.https_port),
        "HTTPS_FOLDER": str(found.served),
        "HTTPS_CERTIFICATE": found.fingerprint,
    }


def authority(settings: Settings) -> Path:
    """Return the file of the certificate to trust."""
    return files.of(settings.project).authority


def how_to_trust(settings: Settings) -> str:
    """Return how a client and a browser come to trust the stack's authority."""
    file = os.path.relpath(authority(settings))
    return (
        f"Its certificate is by an authority of this stack's own, bound to localhost: {file}\n"
        f"  curl:    curl --cacert {file} {settings.url}/healthz\n"
        "  browser: import that file in the settings for certificates, as an authority"
    )
