"""Where things are: the checkout, its .env, the folder of what the kit makes for itself."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from parity.errors import UsageError

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".parity"
MAX_PORT = 65535
MAX_REPLICAS = 50


@dataclass(frozen=True)
class Settings:
    """The stack's tunables, each from the environment or else from .env.

    project: Compose project name. port: where nginx is published on loopback. replicas: how many
    tasks. data: the shared volume's folder on the host. sticky: stickiness by cookie or not.
    """

    project: str
    port: int
    replicas: int
    data: Path
    sticky: bool
    python_image: str
    nginx_image: str

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the stack."""
        return f"http://localhost:{self.port}"


@cache
def env_file() -> dict[str, str]:
    """Read the tracked .env as Compose does, for the plain NAME=value lines it has."""
    text = (ROOT / ".env").read_text()
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", text, re.MULTILINE))


def read_settings() -> Settings:
    """Read the tunables. Raises UsageError that quotes a value which cannot be used."""
    values = {**env_file(), **os.environ}
    data = Path(values["DATA_FOLDER"])
    return Settings(
        project=_matching("COMPOSE_PROJECT_NAME", values, r"[a-z0-9][a-z0-9_-]*"),
        port=_number("PORT", values, 1, MAX_PORT),
        replicas=_number("REPLICAS", values, 1, MAX_REPLICAS),
        data=data if data.is_absolute() else ROOT / data,
        sticky=_matching("STICKINESS", values, r"on|off") == "on",
        python_image=values["PYTHON_IMAGE"],
        nginx_image=values["NGINX_IMAGE"],
    )


def _matching(name: str, values: dict[str, str], pattern: str) -> str:
    if not re.fullmatch(pattern, values[name]):
        raise UsageError(f"{name}='{values[name]}' does not match {pattern}", hint=f"set {name}")
    return values[name]


def _number(name: str, values: dict[str, str], low: int, high: int) -> int:
    text = values[name]
    if not (text.isascii() and text.isdigit()) or not low <= int(text) <= high:
        raise UsageError(
            f"{name}='{text}' is not a whole number from {low} to {high}",
            hint=f"{name}={low if low > 1 else 3} scripts/up",
        )
    return int(text)
