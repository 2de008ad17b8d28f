"""What the image comparison makes of two images."""

from __future__ import annotations

from collections import Counter

from bench.image import Size, package_of, packages_of, report


def test_package_is_the_first_folder_of_site_packages() -> None:
    """What lies elsewhere belongs to no package."""
    packages = "opt/venv/lib/python3.13/site-packages"
    assert package_of(f"{packages}/numpy/linalg/lapack.py") == "numpy"
    assert package_of(f"{packages}/six.py") == "six.py"
    assert package_of("usr/bin/python3") is None


def test_packages_add_up_their_files() -> None:
    """Sizes are of files, by package."""
    members = [("v/site-packages/a/x", 2), ("v/site-packages/a/y/z", 3), ("v/other", 9)]
    assert packages_of(members) == Counter({"a": 5})


def test_one_lost_module_misses_a_target() -> None:
    """An image is not allowed to be small at an app's cost."""
    sizes = {name: Size(400_000_000, 150_000_000, Counter(a=5)) for name in ("kit", "article")}
    modules = {"kit": 10, "article": 10}
    assert report(sizes, modules, lost=0).exit_code == 0
    assert report(sizes, modules, lost=1).exit_code == 1
