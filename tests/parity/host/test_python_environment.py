"""A lock file is installed whoever finds its packages: uv, or pip by what only pip is told."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from parity.errors import ParityError
from parity.host import python_environment
from parity.host.python_environment import install

if TYPE_CHECKING:
    from pathlib import Path

INFO = "parity_tiny-1.0.dist-info"
FILES = {
    "parity_tiny.py": "",
    f"{INFO}/METADATA": "Metadata-Version: 2.1\nName: parity-tiny\nVersion: 1.0\n",
    f"{INFO}/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    f"{INFO}/RECORD": "",
}


@pytest.fixture
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the Python of an empty environment; no index is to be reached."""
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    return str(environment / "bin" / "python")


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """Return a wheel, alone in its folder."""
    path = tmp_path / "wheels" / "parity_tiny-1.0-py3-none-any.whl"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in FILES.items():
            archive.writestr(name, text)
    return path


def locked(wheel: Path, digest: str) -> Path:
    """Return a lock file that takes the wheel by this SHA-256."""
    lock = wheel.with_name("requirements.txt")
    lock.write_text(f"parity-tiny==1.0 --hash=sha256:{digest}\n")
    return lock


@pytest.mark.parametrize("told", ["UV_FIND_LINKS", "PIP_FIND_LINKS"])
def test_packages_are_found_by_uv_or_by_pip(
    python: str, wheel: Path, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    """Whichever of the two is told where they are."""
    monkeypatch.setenv(told, str(wheel.parent))
    install(locked(wheel, hashlib.sha256(wheel.read_bytes()).hexdigest()), python)
    subprocess.run([python, "-c", "import parity_tiny"], check=True)


def test_package_with_another_hash_is_never_installed(
    python: str, wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By neither of the two."""
    monkeypatch.setenv("UV_FIND_LINKS", str(wheel.parent))
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    with pytest.raises(ParityError):
        install(locked(wheel, "0" * 64), python)
    assert subprocess.run([python, "-c", "import parity_tiny"], check=False).returncode


def test_uv_is_given_the_index_that_pip_was_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mirror in pip's configuration is whom the user trusts."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    assert "UV_DEFAULT_INDEX" not in python_environment._index_of_pip()
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example.com/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://other.example.com/simple")
    index = python_environment._index_of_pip()
    assert index == {"UV_DEFAULT_INDEX": "https://mirror.example.com/simple"}
