"""Benchmarks are found by what they are: modules with a main."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parity.errors import UsageError
from parity.verbs import bench

if TYPE_CHECKING:
    from pathlib import Path


def test_only_modules_with_a_main_are_benchmarks(tmp_path: Path) -> None:
    """What they share is none."""
    (tmp_path / "page.py").write_text("def main(*, json: bool = False) -> int:\n    return 0\n")
    (tmp_path / "report.py").write_text("def run_as_program(main): ...\n")
    assert bench.names(tmp_path) == ["page"]


def test_json_is_asked_for_by_option() -> None:
    """One argv each way."""
    assert bench.command("page", as_json=False)[1:] == ["-m", "bench.page"]
    assert bench.command("page", as_json=True)[1:] == ["-m", "bench.page", "--json"]


@pytest.mark.parametrize("name", ["nope", "", "../evil", "report"])
def test_unknown_benchmark_lists_those_there_are(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is run or installed."""
    monkeypatch.setattr(bench, "names", lambda: ["image", "page"])
    monkeypatch.setattr(bench, "show", lambda *_, **__: pytest.fail("ran"))
    with pytest.raises(UsageError, match=f"'{name}'; there are: image, page"):
        bench.run_benchmark(name, as_json=False)
