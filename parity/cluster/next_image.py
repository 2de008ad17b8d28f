"""Another image of the same app, as the next deploy would bring it."""

from __future__ import annotations

import io
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient

LABEL = "parity.redeployed"


@contextmanager
def next_image(docker: DockerClient, name: str) -> Iterator[None]:
    """Let a name mean a new image of the same content while the block runs.

    What is made of it there stays as it is. Afterwards the name means the tested image again.
    """
    tested = docker.images.get(name)
    text = f"FROM {name}\nLABEL {LABEL}={secrets.token_hex(4)}\n"
    # `rm`: the container that set the label would stay otherwise.
    docker.images.build(fileobj=io.BytesIO(text.encode()), tag=name, rm=True)
    try:
        yield
    finally:
        tested.tag(name)
