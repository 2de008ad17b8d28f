"""A stack for tests: it disturbs nobody's, and leaves nothing behind."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from parity import console, stack
from parity.from_template import service as from_template
from parity.host import preflight
from parity.host.client import connect
from parity.host.engine import ensure_engine
from parity.host.signals import deaf
from parity.https import files as https
from parity.project import STATE
from parity.verbs.down import delete_folder, own_images, remove_images, stop_own_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.project import Settings


def of_its_own(settings: Settings) -> Settings:
    """Return the settings of a stack that disturbs nobody: own name, free ports, own folder."""
    project = f"parity-test-{secrets.token_hex(3)}"
    port = preflight.any_free_port()
    bedrock_port = preflight.next_free(port)
    return replace(
        settings,
        project=project,
        port=port,
        bedrock_port=bedrock_port,
        https_port=preflight.next_free(bedrock_port),
        data=STATE / project,
    )


@contextmanager
def engine_for_tests() -> Iterator[None]:
    """Have an engine; one that had to be started for this is stopped again."""
    started = ensure_engine()
    try:
        yield
    finally:
        if started:
            with deaf():
                stop_own_engine(connect(), prune=False)


@contextmanager
def temporary_stack(settings: Settings) -> Iterator[Settings]:
    """Give the settings of a stack, and leave nothing of it, however the block ends."""
    try:
        yield settings
    finally:
        with deaf(), console.step("Take the stack down"):
            stack.remove(settings)
            delete_folder(settings, image=f"{settings.project}-app")
            https.delete(settings.project)
            from_template.delete(settings.project)
            client = connect()
            remove_images(client, own_images(client, settings.project))
