"""Inside an image: import every module of site-packages, and print the names that could be.

Standard library only. Test folders are passed over, as any app does; so is pip, which no app needs.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import sys
import sysconfig
from importlib.machinery import all_suffixes
from pathlib import Path

PASSED_OVER = {"tests", "test", "__main__", "__pycache__", "pip"}


def names(packages: Path) -> list[str]:
    """Return the dotted name of every module below, whether it can be imported or not."""
    found = set()
    for file in packages.rglob("*"):
        suffix = next((each for each in all_suffixes() if file.name.endswith(each)), None)
        if suffix is None:
            continue
        parts = [*file.relative_to(packages).parent.parts, file.name.removesuffix(suffix)]
        if parts[-1] == "__init__":
            parts.pop()
        if all(part.isidentifier() for part in parts) and not PASSED_OVER.intersection(parts):
            found.add(".".join(parts))
    return sorted(found)


def importable(name: str) -> bool:
    """Import a module, whatever it does; tell whether that worked."""
    try:
        importlib.import_module(name)
    except BaseException:  # noqa: BLE001 - some exit, some raise what is no Exception
        return False
    return True


if __name__ == "__main__":
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        good = [each for each in names(Path(sysconfig.get_path("purelib"))) if importable(each)]
    json.dump(good, sys.stdout)
    sys.stdout.flush()
    # Threads that a module started must not keep the container.
    os._exit(0)
