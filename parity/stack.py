"""The local stack: the Compose calls that make it and take it down."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from parity.errors import ParityError
from parity.host.command import run, succeeds
from parity.project import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from parity.project import Settings

HEALTHY_SECONDS = 120
CA_BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
SYSTEM_CA_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")


@dataclass(frozen=True)
class Images:
    """The base images in use, by name."""

    python: str
    nginx: str


def compose_environment(settings: Settings, images: Images | None = None) -> dict[str, str]:
    """Return what compose.yaml reads from the environment; .env gives the rest."""
    environment = {
        "COMPOSE_PROJECT_NAME": settings.project,
        "PORT": str(settings.port),
        "REPLICAS": str(settings.replicas),
        "STICKINESS": "on" if settings.sticky else "off",
        "DATA_FOLDER": str(settings.data),
    }
    if images:
        environment |= {
            "PYTHON_IMAGE": images.python,
            "NGINX_IMAGE": images.nginx,
            "CA_BUNDLE": ca_bundle(),
            "GIT_REVISION": git_revision(),
        }
    return environment


def ca_bundle(environment: Mapping[str, str] = os.environ) -> str:
    """Return the CA bundle that this host trusts, for image builds; /dev/null if there is none."""
    for name in CA_BUNDLES:
        if environment.get(name):
            return environment[name]
    return str(SYSTEM_CA_BUNDLE if SYSTEM_CA_BUNDLE.exists() else "/dev/null")


def git_revision() -> str:
    """Return the commit of the checkout, marked where files differ from it."""
    argv = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    return run(argv).strip() if succeeds(argv) else "unknown"


def compose(*arguments: str) -> list[str]:
    """Return the argv of a Compose call on this checkout's stack."""
    return ["docker", "compose", "--project-directory", str(ROOT), *arguments]


def build(settings: Settings, images: Images) -> None:
    """Build the stack's images, from cache where nothing changed."""
    _compose(["build", "--quiet"], compose_environment(settings, images), hint="parity doctor")


def start(settings: Settings, images: Images) -> None:
    """Start what is not running, replace what changed, and wait until all is healthy."""
    arguments = ["up", "--detach", "--no-build", "--remove-orphans", "--wait"]
    _compose(
        [*arguments, f"--wait-timeout={HEALTHY_SECONDS}"],
        compose_environment(settings, images),
        hint="parity logs",
    )


def remove(settings: Settings) -> None:
    """Remove the stack's containers and networks."""
    _compose(["down", "--remove-orphans", "--timeout=10"], compose_environment(settings))


def _compose(arguments: Sequence[str], environment: Mapping[str, str], *, hint: str = "") -> None:
    try:
        run(compose(*arguments), env=environment, hint=hint, timeout=1800)
    except ParityError as error:
        raise ParityError(f"docker compose {arguments[0]} failed", hint=hint,
                          detail=error.detail) from error
