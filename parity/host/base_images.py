"""Base images: the public ones where they can be had, else stand-ins from Debian's packages."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass

from parity.console import step
from parity.errors import ParityError
from parity.host.command import run, succeeds
from parity.host.distribution import Archive, find_archive, read_distribution
from parity.host.packages import install

SUITE = "trixie"
PULL_SECONDS = 300
HINT = "connect to an image registry, or set PYTHON_IMAGE and NGINX_IMAGE to images you have"


@dataclass(frozen=True)
class BaseImage:
    """A base image: public is its pinned name, stand_in the tag of the kit's own replacement.

    packages are the Debian packages that the stand-in holds on top of a minimal system.
    """

    variable: str
    public: str
    stand_in: str
    packages: tuple[str, ...]


def python_base(public: str) -> BaseImage:
    """Debian 13's Python (3.13), in place of the public Python image."""
    packages = ("python3", "python3-venv", "ca-certificates")
    return BaseImage("PYTHON_IMAGE", public, f"parity-kit/python-standin:{SUITE}", packages)


def nginx_base(public: str) -> BaseImage:
    """Debian 13's nginx with its njs module, in place of the public nginx image."""
    packages = ("nginx-light", "libnginx-mod-http-js", "ca-certificates")
    return BaseImage("NGINX_IMAGE", public, f"parity-kit/nginx-standin:{SUITE}", packages)


def ensure_base(image: BaseImage) -> str:
    """Return the image name to build on; pull it, or build its stand-in, where it is missing."""
    for name in (image.public, image.stand_in):
        if image_exists(name):
            return name
    with step(f"Pull {image.public}"):
        if succeeds(["docker", "pull", "--quiet", image.public], timeout=PULL_SECONDS):
            return image.public
    with step(f"No registry in reach: build {image.stand_in} from Debian's packages"):
        _build_stand_in(image)
    return image.stand_in


def image_exists(name: str) -> bool:
    """Tell whether the engine holds an image."""
    return succeeds(["docker", "image", "inspect", name])


def _build_stand_in(image: BaseImage) -> None:
    archive = find_archive(read_distribution())
    if archive is None or "ubuntu" in archive.uri:
        raise ParityError(f"{image.public} cannot be pulled, and no Debian archive is known here",
                          hint=HINT)
    if shutil.which("mmdebstrap") is None:
        install(["mmdebstrap"], hint=HINT)
    bootstrap = subprocess.Popen(
        bootstrap_command(image, archive), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    imported = subprocess.run(
        ["docker", "import", "--message", "stand-in from Debian packages", "-", image.stand_in],
        stdin=bootstrap.stdout,
        capture_output=True,
        check=False,
    )
    _, errors = bootstrap.communicate()
    if bootstrap.returncode or imported.returncode:
        detail = (errors + imported.stderr).decode(errors="replace").splitlines()[-15:]
        # A half-made image must not be taken for a whole one next time.
        succeeds(["docker", "image", "rm", image.stand_in])
        raise ParityError(
            f"the stand-in for {image.public} could not be built", hint=HINT,
            detail="\n".join(detail),
        )
    run(["docker", "image", "inspect", image.stand_in])


def bootstrap_command(image: BaseImage, archive: Archive) -> list[str]:
    """Return the mmdebstrap call that writes the stand-in's root file system to stdout."""
    signed = f"[signed-by={archive.keyring}] " if archive.keyring else ""
    leave_out = ("man", "doc", "locale", "info")
    return [
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        f"--include={','.join(image.packages)}",
        *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in leave_out),
        "--aptopt=Acquire::Languages none",
        "--customize-hook=rm -rf $1/var/lib/apt/lists/* $1/var/cache/apt/*.bin",
        SUITE,
        "-",
        f"deb {signed}{archive.uri} {SUITE} main",
    ]
