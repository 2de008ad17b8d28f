"""Where the kit keeps what it makes of an adopted app, one folder a Compose project."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

from parity.errors import ParityError
from parity.project import ROOT, STATE

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = STATE / "adopted"


@dataclass(frozen=True)
class Record:
    """What is told of an adopted app. name: for people. source: what was given to `parity adopt`.

    image: what the replicas are made of. entry: the page's file; empty where only an image knows.
    secrets: files of the folder that the replicas see, though the image has not got them.
    environment: besides that of compose.yaml. own_user: whether the image is not the kit's work, so
    that its user may be anybody. sticky: as the stack was started.
    """

    name: str
    source: str
    image: str
    entry: str
    port: int
    health_path: str
    dockerfile: str = ""
    context: str = ""
    python_image: str = ""
    read_only: bool = True
    own_user: bool = False
    sticky: bool = True
    secrets: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Files:
    """A project's folder."""

    folder: Path

    @property
    def override(self) -> Path:
        """The Compose file that is laid over the others."""
        return self.folder / "compose.yaml"

    @property
    def attributes(self) -> Path:
        """The load balancer's attributes, in place of nginx/attributes.json."""
        return self.folder / "attributes.json"

    @property
    def dockerfile(self) -> Path:
        """The Dockerfile, where the app has none."""
        return self.folder / "Dockerfile"

    @property
    def dockerignore(self) -> Path:
        """What BuildKit takes instead of the .dockerignore of the folder that it builds."""
        return self.folder / "Dockerfile.dockerignore"

    @property
    def pip_settings(self) -> Path:
        """The pip.conf of the build."""
        return self.folder / "pip.conf"

    @property
    def record(self) -> Path:
        """What is told of the app, in JSON."""
        return self.folder / "app.json"

    @property
    def data(self) -> Path:
        """The shared volume's folder: the kit's own sessions are none of the app's business."""
        return self.folder / "data"

    @property
    def mark(self) -> Path:
        """A file that is there while the stack runs the app."""
        return self.folder / "on"

    def secret(self, name: str) -> Path:
        """Return where the copy of a secret file is."""
        return self.folder / "secrets" / name.replace("/", "-")


def of(project: str) -> Files:
    """Return where the files of a Compose project are, made or not."""
    return Files(FOLDER / project)


def name_of_override(project: str) -> str:
    """Return the override's name from the checkout, as Settings.overrides has them."""
    return of(project).override.relative_to(ROOT).as_posix()


def read(project: str) -> Record | None:
    """Return the app that a project has adopted; None if it has none."""
    try:
        said = json.loads(of(project).record.read_text())
    except FileNotFoundError:
        return None
    return Record(**{**said, "secrets": tuple(said["secrets"])})


def write(files: Files, record: Record, texts: dict[Path, str]) -> None:
    """Write an app's files. Nobody else on this machine gets to see them: secrets are among them.

    Raises ParityError when they cannot be written.
    """
    try:
        files.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in record.secrets:
            copy = files.secret(name)
            copy.parent.mkdir(mode=0o700, exist_ok=True)
            copy.write_bytes((Path(record.context) / name).read_bytes())
            copy.chmod(0o444)  # the replicas are another user, and see this file alone
        for file, text in texts.items():
            file.write_text(text)
        files.record.write_text(json.dumps(asdict(record), indent=2))
    except OSError as error:
        raise ParityError(
            f"'{error.filename}' cannot be written: {error.strerror}",
            hint=f"sudo rm -r {files.folder}, then run this again",
        ) from error


@contextmanager
def replacing(files: Files) -> Iterator[None]:
    """Let a block write the files of another app; if it fails, those of before come back."""
    before = files.folder.with_name(f"{files.folder.name}.before")
    rmtree(before, ignore_errors=True)
    _move_all_but_data(files, files.folder, before)
    try:
        yield
    except BaseException:
        clear(files)
        _move_all_but_data(files, before, files.folder)
        raise
    finally:
        rmtree(before, ignore_errors=True)


def clear(files: Files) -> None:
    """Delete all that was made of an app, but for its data."""
    for each in _all_but_data(files, files.folder):
        rmtree(each) if each.is_dir() else each.unlink()
    if files.folder.exists() and not any(files.folder.iterdir()):
        files.folder.rmdir()


def _move_all_but_data(files: Files, source: Path, target: Path) -> None:
    found = _all_but_data(files, source)
    if found:
        target.mkdir(mode=0o700, exist_ok=True)
    for each in found:
        each.rename(target / each.name)


def _all_but_data(files: Files, folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if each != files.data] if folder.exists() else []
