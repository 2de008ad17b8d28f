"""The files of the volume that all replicas share, wherever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from parity.errors import UsageError

if TYPE_CHECKING:
    from pathlib import PurePosixPath


class Files(Protocol):
    """What may be done to the volume past every replica. Paths are relative to its root.

    A path that leads out of it raises UsageError.
    """

    def list(self) -> set[PurePosixPath]:
        """Return every file of the volume."""

    def read(self, path: PurePosixPath) -> bytes | None:
        """Return a file's bytes as they are now; None if it is not there."""

    def write(self, path: PurePosixPath, content: bytes) -> None:
        """Make a file, or write it anew, with the folders it is in."""


def inside(path: PurePosixPath) -> PurePosixPath:
    """Return the path. Raises UsageError if it may lead out of the volume."""
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise UsageError(f"'{path}' is no path of a file in the volume")
    return path
