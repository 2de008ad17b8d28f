"""The only reader of the environment: the same names on a laptop and in a task definition."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

DEFAULT_MODELS = "amazon.nova-micro-v1:0,amazon.nova-lite-v1:0,amazon.nova-pro-v1:0"


@dataclass(frozen=True)
class Settings:
    """What one replica needs to know.

    session_root: where the shared volume is mounted. model_ids: what the model select box offers,
    the first being the default; model ids or inference-profile ids. replica: this host's name,
    which is the container id locally and the task's host name on Fargate. metrics_service: the
    name under which this replica reports metrics; empty for none.
    """

    session_root: Path
    model_ids: tuple[str, ...]
    metrics_service: str = ""
    replica: str = field(default_factory=socket.gethostname)


@cache
def read_settings() -> Settings:
    """Read the environment once a process. An empty BEDROCK_MODEL_IDS means the default list."""
    return Settings(
        session_root=Path(os.environ.get("SESSION_ROOT", "/mnt/data")),
        model_ids=_listed(os.environ.get("BEDROCK_MODEL_IDS", "")) or _listed(DEFAULT_MODELS),
        metrics_service=os.environ.get("METRICS_SERVICE", ""),
    )


def _listed(text: str) -> tuple[str, ...]:
    names = (name.strip() for name in text.split(","))
    return tuple(dict.fromkeys(name for name in names if name))
