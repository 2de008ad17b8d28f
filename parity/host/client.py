"""A connection to the engine that the docker command line would talk to."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import docker
from docker.errors import DockerException

from parity.errors import ParityError
from parity.host.command import run

if TYPE_CHECKING:
    from docker import DockerClient

SECONDS = 90


def connect() -> DockerClient:
    """Connect to the engine. Raises ParityError when none answers.

    The SDK knows DOCKER_HOST but not `docker context`, which Docker Desktop, Colima and rootless
    engines rely on.
    """
    try:
        client = _client()
        client.ping()
    except (DockerException, OSError) as error:
        raise ParityError(
            "Docker Engine does not answer", hint="parity doctor", detail=str(error)
        ) from error
    return client


def _client() -> DockerClient:
    context = os.environ.get("DOCKER_CONTEXT") or configured_context()
    if os.environ.get("DOCKER_HOST") or context in ("", "default"):
        return docker.from_env(timeout=SECONDS)
    host = run(["docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]).strip()
    over_ssh = host.startswith("ssh://")
    return docker.DockerClient(base_url=host, timeout=SECONDS, use_ssh_client=over_ssh)


def configured_context() -> str:
    """Return the context that `docker context use` has set; empty for the default one."""
    folder = os.environ.get("DOCKER_CONFIG") or "~/.docker"
    try:
        text = (Path(folder).expanduser() / "config.json").read_text()
        return str(json.loads(text).get("currentContext", ""))
    except (OSError, ValueError):
        return ""
