"""Where things are: the checkout, its .env, the folder of what the kit makes for itself."""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from parity.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".parity"
MAX_PORT = 65535
MAX_REPLICAS = 50
DEFAULT_STACK = "parity-kit"  # in CloudFormation
COMPOSE_FILE = "compose.yaml"
HTTPS_OVERRIDE = "compose.https.yaml"
IMAGE = r"[^\s-]\S*"


@dataclass(frozen=True)
class Settings:
    """The stack's tunables, each from the environment or else from .env.

    project: Compose project name. port: where nginx is published on loopback. https_port: the same
    of its HTTPS listener, where there is one. bedrock_port: the same of the Bedrock stand-in.
    replicas: how many tasks. data: the shared volume's folder on the host. sticky: stickiness by
    cookie or not. python_image, nginx_image: the bases to build on. region: of AWS, as the app
    knows it. model: the Compose file that is the stack, by name. overrides: Compose files of the
    checkout that are laid over it, by name. slowness: how many times longer than usual a build or a
    start may take.
    """

    project: str
    port: int
    https_port: int
    bedrock_port: int
    replicas: int
    data: Path
    sticky: bool
    python_image: str
    nginx_image: str
    region: str
    model: str = COMPOSE_FILE
    overrides: tuple[str, ...] = ()
    slowness: int = 1

    @property
    def https(self) -> bool:
        """Whether the stack speaks HTTPS, and HTTP only to say so."""
        return HTTPS_OVERRIDE in self.overrides

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the stack."""
        if self.https:
            return f"https://localhost:{self.https_port}"
        return f"http://localhost:{self.port}"


def env_file(path: Path = ROOT / ".env") -> dict[str, str]:
    """Read the tracked .env as Compose does, for the plain NAME=value lines it has."""
    if not path.is_file():
        raise UsageError(f"'{path}' is missing", hint="git checkout .env")
    lines = re.findall(r"^([A-Z][A-Z0-9_]*)=(.*)$", path.read_text(), re.MULTILINE)
    return {name: _unquoted(value.strip()) for name, value in lines}


def read_settings(options: Mapping[str, str] | None = None) -> Settings:
    """Read the tunables; options, by the same names, win over the environment, that over .env.

    Raises UsageError that quotes a value which cannot be used.
    """
    values = {**env_file(), **os.environ, **(options or {})}
    settings = Settings(
        project=_matching(
            "COMPOSE_PROJECT_NAME", values, r"[a-z0-9][a-z0-9_-]*", "lower-case letters and digits"
        ),
        port=_number("PORT", values, 1, MAX_PORT, example=8081),
        https_port=_number("HTTPS_PORT", values, 1, MAX_PORT, example=8444),
        bedrock_port=_number("BEDROCK_PORT", values, 1, MAX_PORT, example=8091),
        replicas=_number("REPLICAS", values, 1, MAX_REPLICAS, example=3),
        data=_data_folder(_given("DATA_FOLDER", values)),
        sticky=_matching("STICKINESS", values, r"on|off", "on or off") == "on",
        python_image=_matching("PYTHON_IMAGE", values, IMAGE, "an image's name"),
        nginx_image=_matching("NGINX_IMAGE", values, IMAGE, "an image's name"),
        region=_matching("AWS_REGION", values, r"[a-z]{2}(-[a-z]+)+-[0-9]", "a region of AWS"),
    )
    if settings.port == settings.bedrock_port:
        raise UsageError(
            f"PORT and BEDROCK_PORT are both {settings.port}",
            hint=f"PORT={settings.port % MAX_PORT + 1} scripts/up",
        )
    return settings


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value


def _given(name: str, values: Mapping[str, str]) -> str:
    if name not in values:
        raise UsageError(
            f"{name} is set neither in the environment nor in .env", hint="git diff .env"
        )
    return values[name]


def _matching(name: str, values: Mapping[str, str], pattern: str, meaning: str) -> str:
    value = _given(name, values)
    if not re.fullmatch(pattern, value):
        default = env_file().get(name, "")
        hint = f"unset {name}" if value != default else f"git checkout .env (for {name})"
        raise UsageError(f"{name}='{value}' is not {meaning}", hint=hint)
    return value


def _number(name: str, values: Mapping[str, str], low: int, high: int, *, example: int) -> int:
    text = _given(name, values)
    digits = len(str(high))
    if not re.fullmatch(rf"[0-9]{{1,{digits}}}", text) or not low <= int(text) <= high:
        raise UsageError(
            f"{name}='{text}' is not a whole number from {low} to {high}",
            hint=f"{name}={example} scripts/up",
        )
    return int(text)


def _data_folder(text: str) -> Path:
    """Return the folder that is mounted, becomes the app's user's, and goes by `down --volumes`."""
    path = ROOT / Path(text).expanduser()
    path = Path(os.path.normpath(path))
    kept = (ROOT, Path.home(), Path(tempfile.gettempdir()))
    if not text.strip() or any(folder.is_relative_to(path) for folder in kept):
        raise UsageError(
            f"DATA_FOLDER='{text}' holds more than the stack's own data",
            hint="DATA_FOLDER=./data scripts/up",
        )
    return path
