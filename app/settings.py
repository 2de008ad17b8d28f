"""The only reader of the environment: the same names on a laptop and in a task definition."""

from __future__ import annotations

import os
import re
import socket
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

DEFAULT_MODELS = "amazon.nova-micro-v1:0,amazon.nova-lite-v1:0,amazon.nova-pro-v1:0"
DEFAULT_MAX_AGE_DAYS = 30
DEFAULT_QUOTA_MIB = 64
DEFAULT_STOP_SECONDS = 30
DAY = 86_400
MIB = 2**20


@dataclass(frozen=True)
class Settings:
    """What one replica needs to know.

    session_root: where the shared volume is mounted. model_ids: what the model select box offers,
    the first being the default; model ids or inference-profile ids. replica: this host's name,
    which is the container id locally and the task's host name on Fargate. metrics_service: the
    name under which this replica reports metrics; empty for none. session_max_age: for how many
    seconds a session is kept after its last use; 0 for ever. session_quota: how many bytes one may
    keep. stop_grace: seconds from SIGTERM to SIGKILL. ecs_agent: the URL at which an ECS task finds
    its agent; empty elsewhere.
    """

    session_root: Path
    model_ids: tuple[str, ...]
    metrics_service: str = ""
    session_max_age: float = DEFAULT_MAX_AGE_DAYS * DAY
    session_quota: int = DEFAULT_QUOTA_MIB * MIB
    stop_grace: float = DEFAULT_STOP_SECONDS
    ecs_agent: str = ""
    replica: str = field(default_factory=socket.gethostname)

    def model(self, chosen: object) -> str:
        """Return the model that a session uses: the one chosen if it is offered, or the default."""
        return next((each for each in self.model_ids if each == chosen), self.model_ids[0])


@cache
def read_settings() -> Settings:
    """Read the environment once a process. An empty BEDROCK_MODEL_IDS means the default list."""
    return Settings(
        session_root=Path(os.environ.get("SESSION_ROOT", "/mnt/data")),
        model_ids=_listed(os.environ.get("BEDROCK_MODEL_IDS", "")) or _listed(DEFAULT_MODELS),
        metrics_service=os.environ.get("METRICS_SERVICE", ""),
        session_max_age=_number("SESSION_MAX_AGE_DAYS", DEFAULT_MAX_AGE_DAYS) * DAY,
        session_quota=int(_number("SESSION_QUOTA_MIB", DEFAULT_QUOTA_MIB) * MIB),
        stop_grace=_number("STOP_SECONDS", DEFAULT_STOP_SECONDS),
        ecs_agent=os.environ.get("ECS_AGENT_URI", ""),
    )


def _number(name: str, default: float) -> float:
    """Return a variable's value; a wrong one ends the start rather than expire what it should not.

    Raises ValueError for what is no number of 0 or more.
    """
    given = os.environ.get(name, "").strip()
    if not given:
        return default
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", given) is None:
        raise ValueError(f"{name} must be a number of 0 or more, and is {given!r}.")
    return float(given)


def _listed(text: str) -> tuple[str, ...]:
    names = (name.strip() for name in text.split(","))
    return tuple(dict.fromkeys(name for name in names if name))
