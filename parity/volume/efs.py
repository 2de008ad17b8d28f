"""The volume of a deployed stack: EFS, which can be mounted in its VPC only, so by a task there.

Each look is a one-off task of the service's own task definition, about a minute: it reaches the
files as every replica does, with no right that the replicas have not. What it finds comes back
through the log, sealed, as the log shall hold no message of any user.
"""

from __future__ import annotations

import base64
import inspect
import json
import os
import zlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Protocol, TypeVar

from parity.volume import program
from parity.volume.protocol import inside
from parity.volume.seal import one_time_key, sealed_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SOURCE = inspect.getsource(program)


Answer = TypeVar("Answer")


class Runner(Protocol):
    """Where a command runs in the app's image, with the volume; OneOffTasks is one."""

    def run(self, command: Sequence[str], parse: Callable[[list[str]], Answer | None]) -> Answer:
        """Return what `parse` makes of the lines that the command wrote."""


class Efs:
    """See Files for what each method promises. Each call takes about a minute."""

    def __init__(self, tasks: Runner) -> None:
        self._tasks = tasks

    def list(self) -> set[PurePosixPath]:
        """Return every file of the volume."""
        names = os.fsdecode(self._do({"do": "list"}))
        return {PurePosixPath(name) for name in names.split("\0") if name}

    def read(self, path: PurePosixPath) -> bytes | None:
        """Return a file's bytes."""
        found = self._do({"do": "read", "path": str(inside(path))})
        return found[1:] if found else None

    def write(self, path: PurePosixPath, content: bytes) -> None:
        """Write a small file: what to write is part of the command, which CloudTrail keeps.

        Raises ParityError for content of which more than some 4 KB are left when compressed.
        """
        packed = base64.b64encode(zlib.compress(content, 9)).decode()
        self._do({"do": "write", "path": str(inside(path)), "content": packed})

    def _do(self, wanted: dict[str, str]) -> bytes:
        with one_time_key() as key:
            command = ["python3", "-I", "-c", SOURCE, key.certificate, json.dumps(wanted)]
            return key.open(self._tasks.run(command, sealed_in))
