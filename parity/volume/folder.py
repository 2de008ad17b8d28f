"""The volume of the local stack: a folder of this machine, which the containers mount."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from parity.volume.protocol import inside


@dataclass(frozen=True)
class Folder:
    """See Files for what each method promises."""

    root: Path

    def list(self) -> set[PurePosixPath]:
        """Return every file of the folder."""
        return {
            PurePosixPath(path.relative_to(self.root))
            for path in self.root.rglob("*")
            if path.is_file()
        }

    def read(self, path: PurePosixPath) -> bytes | None:
        """Return a file's bytes."""
        try:
            return (self.root / inside(path)).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, path: PurePosixPath, content: bytes) -> None:
        """Write it in one go."""
        file = self.root / inside(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
