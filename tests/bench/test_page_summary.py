"""What the page comparison makes of its samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.page import Measured, hangs, medians, ratios, report

if TYPE_CHECKING:
    from bench.page import Samples

REFRESH: Samples = {"kit": [1.0, 1.1, 1.2], "bare": [1.0, 1.0, 9.0], "article": [2.0, None, None]}
FIRST: Samples = {"kit": [1.4, 1.4], "bare": [1.0, 1.0], "article": [None, None]}
MEMORY: Samples = {"kit": [70.0], "bare": [50.0], "article": [105.0]}


def test_median_is_of_what_was_not_given_up() -> None:
    """A hang is counted apart, not averaged in."""
    assert medians(REFRESH) == {"kit": 1.1, "bare": 1.0, "article": 2.0}
    assert medians(FIRST)["article"] is None
    assert hangs(REFRESH) == {"kit": 0, "bare": 0, "article": 2}


def test_ratio_is_against_the_bare_page() -> None:
    """A contestant that never came has no ratio; without a bare page nobody has."""
    assert ratios({"kit": 1.1, "bare": 1.0, "article": None}) == {
        "kit": 1.1, "bare": 1.0, "article": None,
    }  # fmt: skip
    assert ratios({"kit": 1.1, "bare": None, "article": None})["kit"] is None


def test_targets_are_the_kits() -> None:
    """The article's numbers are shown, and judged by nobody."""
    found = report(Measured(REFRESH, FIRST, MEMORY, MEMORY))
    assert [target.got for target in found.targets] == [1.1, 1.4, 0, 70.0]
    assert found.exit_code == 0


def test_a_single_hang_of_the_kit_misses_a_target() -> None:
    """`never hangs` means never."""
    first: Samples = {**FIRST, "kit": [1.4, None]}
    assert report(Measured(REFRESH, first, MEMORY, MEMORY)).exit_code == 1
