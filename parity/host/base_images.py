"""Base images: the public ones where they can be had, else stand-ins from Debian's packages."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from textwrap import shorten

from parity.console import step
from parity.errors import ParityError
from parity.host.command import complaint, failed, succeeds
from parity.host.distribution import Archive, Distribution, find_archive, read_distribution
from parity.host.packages import install

SUITE = "trixie"
PULL_SECONDS = 300
STAND_IN_PREFIX = "parity-kit/"
HINT = "connect to an image registry, or set PYTHON_IMAGE and NGINX_IMAGE to images you have"


@dataclass(frozen=True)
class BaseImage:
    """A base image: public is its pinned name, stand_in the tag of the kit's own replacement.

    packages are the Debian packages that the stand-in holds on top of a minimal system.
    architecture is that of a foreign one, as Docker and Debian name it; empty for this machine's.
    """

    public: str
    stand_in: str
    packages: tuple[str, ...]
    architecture: str = ""


@dataclass(frozen=True)
class BaseImages:
    """The base images in use, by name; arm64_python: the app's own where it is built for arm64."""

    python: str
    nginx: str
    arm64_python: str = ""

    def __str__(self) -> str:
        """Say which they are and where they come from."""
        names = (self.python, self.nginx)
        if not any(name.startswith(STAND_IN_PREFIX) for name in names):
            return f"Base images: public ({', '.join(names)})"
        if all(name.startswith(STAND_IN_PREFIX) for name in names):
            return f"Base images: stand-ins built from Debian packages: {', '.join(names)}"
        return f"Base images: one stand-in built from Debian packages: {', '.join(names)}"


def python_base(public: str, architecture: str = "") -> BaseImage:
    """Debian 13's Python (3.13), in place of the public Python image."""
    packages = ("python3", "python3-venv", "ca-certificates")
    tag = f"{SUITE}-{architecture}" if architecture else SUITE
    return BaseImage(public, f"{STAND_IN_PREFIX}python-standin:{tag}", packages, architecture)


def nginx_base(public: str) -> BaseImage:
    """Debian 13's nginx with its njs module, in place of the public nginx image."""
    packages = ("nginx-light", "libnginx-mod-http-js", "ca-certificates")
    return BaseImage(public, f"{STAND_IN_PREFIX}nginx-standin:{SUITE}", packages)


def present(image: BaseImage) -> str | None:
    """Return the name to build on that the engine holds already, the public one first."""
    held = (name for name in (image.public, image.stand_in) if image_exists(name))
    return next(held, None)


def ensure_base(image: BaseImage) -> str:
    """Return the image name to build on; pull it, or build its stand-in, where it is missing."""
    if name := present(image):
        return name
    with step(f"Pull {image.public}") as pull:
        reason = complaint(["docker", "pull", "--quiet", image.public], timeout=PULL_SECONDS)
        if reason is None:
            return image.public
        pull.give_up(shorten(reason.removeprefix("Error response from daemon: "), 100))
    with step(f"Build {image.stand_in} from Debian's packages instead"):
        _build_stand_in(image)
    return image.stand_in


def ensure_foreign_base(image: BaseImage, *, native: str) -> str:
    """Return the name to build a foreign architecture's image on, given what the native one uses.

    A public image is left for the build to pull, which knows the platform; pulled by name, it would
    take the place of this machine's own.
    """
    if native == image.public:
        return image.public
    if not image_exists(image.stand_in):
        with step(f"Build {image.stand_in} from Debian's packages, emulated: a few minutes"):
            _build_stand_in(image)
    return image.stand_in


def image_exists(name: str) -> bool:
    """Tell whether the engine holds an image."""
    return succeeds(["docker", "image", "inspect", name])


def can_build_stand_ins(distribution: Distribution) -> bool:
    """Tell whether Debian's packages can be had here: on Debian by its sources, on Ubuntu, too."""
    if distribution.id == "debian":
        return find_archive(distribution) is not None
    return distribution.id == "ubuntu"


def bootstrap_tools(image: BaseImage) -> tuple[str, ...]:
    """Return the programs, each of a package of its name, that make the stand-in.

    mmdebstrap asks arch-test whether a foreign architecture's programs run here.
    """
    return ("mmdebstrap", "arch-test") if image.architecture else ("mmdebstrap",)


def bootstrap_command(image: BaseImage, archive: Archive | None) -> list[str]:
    """Return the mmdebstrap call that writes the stand-in's root file system to stdout.

    Without an archive, mmdebstrap takes Debian's own.
    """
    leave_out = ("man", "doc", "locale", "info")
    source = []
    if archive:
        signed = f"[signed-by={archive.keyring}] " if archive.keyring else ""
        source = [f"deb {signed}{archive.uri} {SUITE} main"]
    return [
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        *([f"--architectures={image.architecture}"] if image.architecture else []),
        f"--include={','.join(image.packages)}",
        *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in leave_out),
        "--aptopt=Acquire::Languages none",
        "--customize-hook=rm -rf $1/var/lib/apt/lists/* $1/var/cache/apt/*.bin",
        SUITE,
        "-",
        *source,
    ]


def _build_stand_in(image: BaseImage) -> None:
    distribution = read_distribution()
    if not can_build_stand_ins(distribution):
        raise ParityError(
            f"{image.public} cannot be pulled, and this machine knows no Debian archive to build a"
            " stand-in from",
            hint=HINT,
        )
    if missing := [name for name in bootstrap_tools(image) if shutil.which(name) is None]:
        keyring = ["debian-archive-keyring"] if distribution.id == "ubuntu" else []
        install([*missing, *keyring], hint=HINT)
    try:
        archive = find_archive(distribution) if distribution.id == "debian" else None
        _import(bootstrap_command(image, archive), image)
    except BaseException:
        # A half-made image must not be taken for a whole one next time.
        succeeds(["docker", "image", "rm", image.stand_in])
        raise


def _import(bootstrap: list[str], image: BaseImage) -> None:
    """Pipe a root file system into the engine as an image."""
    platform = [f"--platform=linux/{image.architecture}"] if image.architecture else []
    message = ["--message", "stand-in from Debian packages"]
    importing = ["docker", "import", *platform, *message, "-", image.stand_in]
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(bootstrap, stdout=subprocess.PIPE, stderr=errors) as source,
    ):
        try:
            sink = subprocess.run(importing, stdin=source.stdout, capture_output=True, check=False)
            if source.stdout:
                source.stdout.close()  # so that mmdebstrap notices when the import has given up
            source.wait()
        except BaseException:
            source.terminate()
            raise
        errors.seek(0)
        output = (errors.read() + sink.stderr).decode(errors="replace")
    if sink.returncode:
        raise failed(importing[:2], sink.returncode, output, hint=HINT)
    if source.returncode:
        raise failed(bootstrap[:1], source.returncode, output, hint=HINT)
