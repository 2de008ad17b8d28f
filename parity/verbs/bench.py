"""`parity bench NAME`: run one measured comparison of bench/."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from parity.errors import UsageError
from parity.host.command import show
from parity.host.python_environment import ensure_dev_environment, tool
from parity.project import ROOT

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = ROOT / "bench"


def names(folder: Path = FOLDER) -> list[str]:
    """Return the benchmarks there are: the modules of the folder that define `main`."""
    return sorted(file.stem for file in folder.glob("*.py") if _has_main(file))


def command(name: str, *, as_json: bool) -> list[str]:
    """Return the argv of a benchmark."""
    return [tool("python"), "-m", f"bench.{name}", *(["--json"] if as_json else [])]


def run_benchmark(name: str, *, as_json: bool) -> int:
    """Run a benchmark and return its exit code: 1 when a target is missed."""
    known = names()
    if name not in known:
        there_are = ", ".join(known) or "none yet"
        raise UsageError(
            f"there is no benchmark '{name}'; there are: {there_are}",
            hint=f"parity bench {known[0]}" if known else "ls bench",
        )
    ensure_dev_environment()
    return show(command(name, as_json=as_json), cwd=ROOT)


def _has_main(file: Path) -> bool:
    body = ast.parse(file.read_text()).body
    return any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in body)
