"""A real registry on loopback: Debian's docker-registry, unpacked and not installed."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from parity.console import step
from parity.errors import ParityError
from parity.host.command import run
from parity.host.isolated_tool import TOOLS
from parity.host.packages import apt_get
from parity.host.preflight import LOOPBACK, any_free_port
from parity.rehearsal.process import bare_environment, server

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "docker-registry"
FOLDER = TOOLS / PACKAGE
DOWNLOAD_SECONDS = 300
# htpasswd line for the user and password of services/images.py, as bcrypt.
ACCESS = "AWS:$2b$04$zbr6NNRrHOtT4RWsJWI3g.oiAyfpfkz/nW3co9UVJM9u2d8BjkxKe"


@contextmanager
def registry(folder: Path) -> Iterator[str]:
    """Run a registry that keeps what it is given in the folder; give its host and port.

    It lets in the one user that the emulated ECR hands out, as ECR lets in nobody without a token.
    """
    program = ensure_program()
    port = any_free_port()
    (folder / "htpasswd").write_text(f"{ACCESS}\n")
    file = folder / "registry.yml"
    file.write_text(yaml.safe_dump(configuration(folder, port)))
    argv = [str(program), "serve", str(file)]
    log = folder / "registry.log"
    with server(argv, port=port, log=log, env=bare_environment(), cwd=folder):
        yield f"{LOOPBACK}:{port}"


def configuration(folder: Path, port: int) -> dict[str, object]:
    """Return the registry's configuration: loopback only, files in the folder, one user."""
    return {
        "version": 0.1,
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(folder / "images")}},
        "http": {"addr": f"{LOOPBACK}:{port}"},
        "auth": {"htpasswd": {"realm": "rehearsal", "path": str(folder / "htpasswd")}},
    }


def ensure_program(folder: Path = FOLDER) -> Path:
    """Return the registry's program: the host's own, or Debian's package unpacked into the folder.

    The package is only downloaded and unpacked; nothing of the host changes, and it need not be
    root's.
    """
    installed = shutil.which(PACKAGE)
    if installed:
        return Path(installed)
    program = folder / "usr" / "bin" / PACKAGE
    if program.is_file():
        return program
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise ParityError(
            f"'{PACKAGE}' is not installed, and without apt the kit cannot fetch it",
            hint=f"install {PACKAGE} (a registry for container images), then run this again",
        )
    with step(f"Fetch {PACKAGE}"):
        folder.mkdir(parents=True, exist_ok=True)
        run([*apt_get("download"), PACKAGE], cwd=folder, timeout=DOWNLOAD_SECONDS)
        package = next(folder.glob(f"{PACKAGE}_*.deb"))
        run(["dpkg", "-x", str(package), str(folder)], timeout=DOWNLOAD_SECONDS)
        package.unlink()
    return program
