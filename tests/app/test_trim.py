"""The image loses what nobody can import, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.trim import trim

if TYPE_CHECKING:
    from pathlib import Path

KEPT = [
    "package/__init__.py",
    "package/core.so",
    "package/testing/__init__.py",
    "package/test/data.txt",
    "botocore/data/bedrock-runtime/2023/service-2.json",
    "botocore/data/endpoints.json",
]
GONE = [
    "package/core.pyx",
    "package/include/core.h",
    "package/static/app.js.map",
    "package/tests/test_core.py",
    "package/deep/tests/__init__.py",
    "botocore/data/ec2/2016/service-2.json",
]


def test_what_cannot_be_imported_goes_and_all_else_stays(tmp_path: Path) -> None:
    """Tests, headers, source maps and other services' API data."""
    packages = tmp_path / "lib" / "python3.13" / "site-packages"
    for name in KEPT + GONE:
        file = packages / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    trim(tmp_path)
    left = sorted(str(file.relative_to(packages)) for file in packages.rglob("*") if file.is_file())
    assert left == sorted(KEPT)
