"""Another image of the app, as the next deploy would bring it."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from parity import stack
from parity.host.command import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

LABEL = "parity.redeployed"


@contextmanager
def next_image(docker: DockerClient, name: str, steps: str = "") -> Iterator[None]:
    """Let a name mean a new image while the block runs: the tested one and what steps make of it.

    What is made of it there stays as it is. Afterwards the name means the tested image again.
    """
    tested = docker.images.get(name)
    dockerfile = build_file(name, tested.attrs["Config"]["User"], steps)
    with TemporaryDirectory() as folder:
        Path(folder, "Dockerfile").write_text(dockerfile)
        run(build_command(name, folder), timeout=stack.BUILD_SECONDS, hint="parity doctor")
    try:
        yield
    finally:
        tested.tag(name)


def build_file(name: str, user: str, steps: str) -> str:
    """Return the Dockerfile of an image that differs from the one of that name.

    steps: instructions, run as root, of what else than a label is to differ.
    """
    changed = f"USER 0:0\n{steps}\nUSER {user}\n" if steps else ""
    return f"FROM {name}\n{changed}LABEL {LABEL}={secrets.token_hex(4)}\n"


def build_command(name: str, folder: str) -> list[str]:
    """Return the call that builds it, with the host's CA bundle for what steps may fetch."""
    return ["docker", "build", "--tag", name, "--secret", f"id=ca,src={stack.ca_bundle()}", folder]
