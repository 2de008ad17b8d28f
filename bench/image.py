"""How large the app image is, against the article's way, and whether anything importable is gone.

Unpacked is the sum of the files of a container made from the image; gzip is the size of its
`docker export` through gzip -6. MB are 10^6 bytes.
"""

from __future__ import annotations

import json as json_format
import subprocess
import tarfile
import zlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, cast

from bench.report import Report, Row, Target, run_as_program, show
from parity import console
from parity.host.base_images import ensure_base, python_base
from parity.host.command import run
from parity.project import ROOT, read_settings
from parity.stack import ca_bundle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LARGEST = 15
MB = 10**6
ARTICLE_IMAGE = "parity-bench-article"


@dataclass(frozen=True)
class Size:
    """An image's size in bytes; packages is what each folder of site-packages has of it."""

    unpacked: int
    gzip: int
    packages: Counter[str] = field(default_factory=Counter)


class _Gzipped:
    """Reads a stream on behalf of another reader, and counts what gzip -6 makes of it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._gzip = zlib.compressobj(6, wbits=31)
        self.size = 0

    def read(self, count: int = -1) -> bytes:
        """Read as the stream does."""
        chunk = self._stream.read(count)
        self.size += len(self._gzip.compress(chunk))
        return chunk

    def finish(self) -> int:
        """Read what is left; return the whole compressed size."""
        while self.read(MB):
            pass
        return self.size + len(self._gzip.flush())


def measure() -> Report:
    """Build the article's image, and compare the app image with it."""
    settings = read_settings()
    images = {"kit": f"{settings.project}-app", "article": ARTICLE_IMAGE}
    base = ensure_base(python_base(settings.python_image))
    with console.step("Build the article's image"):
        _build_article(base)
    sizes, modules = {}, {}
    try:
        for name, image in images.items():
            with console.step(f"Pack {image}"):
                sizes[name] = _size(image)
            with console.step(f"Import every module of {image}"):
                modules[name] = _modules(image)
    finally:
        run(["docker", "image", "rm", "--force", ARTICLE_IMAGE])  # its layers stay in the cache
    lost = sorted(modules["article"] - modules["kit"])
    for each in lost:
        console.note(f"no longer importable: {each}")
    return report(sizes, {name: len(found) for name, found in modules.items()}, len(lost))


def report(sizes: dict[str, Size], modules: dict[str, int], lost: int) -> Report:
    """Sum up: both sizes, the largest packages, and what can be imported."""
    kit = sizes["kit"]
    rows = [
        Row("image, unpacked", "MB", _megabytes(sizes, lambda size: size.unpacked)),
        Row("image, gzip", "MB", _megabytes(sizes, lambda size: size.gzip)),
        Row("modules that can be imported", "", dict(modules)),
        *(_package_row(sizes, package) for package in largest(sizes)),
    ]
    targets = [
        Target("app image, unpacked", 500, kit.unpacked / MB, "MB"),
        Target("app image, gzip", 190, kit.gzip / MB, "MB"),
        Target("modules that an app could import and no longer can", 0, lost, ""),
    ]
    return Report(rows, targets)


def largest(sizes: dict[str, Size]) -> list[str]:
    """Return the packages that take most of the app image, largest first."""
    return [name for name, _ in sizes["kit"].packages.most_common(LARGEST)]


def package_of(path: str) -> str | None:
    """Return the folder or file of site-packages that a path lies in, None if in none."""
    _, inside, rest = path.partition("/site-packages/")
    return rest.partition("/")[0] if inside else None


def packages_of(members: Iterable[tuple[str, int]]) -> Counter[str]:
    """Add up the bytes of (path, size) by package."""
    sizes: Counter[str] = Counter()
    for path, size in members:
        if package := package_of(path):
            sizes[package] += size
    return sizes


def _package_row(sizes: dict[str, Size], package: str) -> Row:
    return Row(f"  {package}", "MB", _megabytes(sizes, lambda size: size.packages[package]))


def _megabytes(sizes: dict[str, Size], count: Callable[[Size], int]) -> dict[str, float | None]:
    return {name: count(size) / MB for name, size in sizes.items()}


def _size(image: str) -> Size:
    container = run(["docker", "create", image, "true"], hint="parity up").strip()
    try:
        with subprocess.Popen(["docker", "export", container], stdout=subprocess.PIPE) as export:
            stream = _Gzipped(cast("BinaryIO", export.stdout))
            with tarfile.open(fileobj=cast("BinaryIO", stream), mode="r|") as files:
                members = [(each.name, each.size) for each in files if each.isfile()]
            packed = stream.finish()
    finally:
        run(["docker", "rm", container])
    return Size(sum(size for _, size in members), packed, packages_of(members))


def _build_article(base: str) -> None:
    run(
        [
            "docker",
            "build",
            "--quiet",
            f"--file={ROOT / 'bench/apps/article.Dockerfile'}",
            f"--tag={ARTICLE_IMAGE}",
            f"--build-arg=PYTHON_IMAGE={base}",
            f"--secret=id=ca,src={ca_bundle()}",
            str(ROOT / "app"),
        ],
        timeout=1800,
    )


def _modules(image: str) -> set[str]:
    """Return the names of the modules that can be imported in an image."""
    script = ROOT / "bench/apps/importable.py"
    printed = run(
        [
            "docker",
            "run",
            "--rm",
            "--network=none",
            "--user=10001:10001",
            "--env=HOME=/tmp",
            f"--volume={script}:/importable.py:ro",
            image,
            "python3",
            "/importable.py",
        ],
        timeout=900,
    )
    return set(json_format.loads(printed))


def main(*, json: bool = False) -> int:
    """Measure, print and return the exit code: 1 if a target is missed."""
    return show(measure(), json=json)


if __name__ == "__main__":
    run_as_program(main)
