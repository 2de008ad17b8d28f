"""What `parity bench store` reports, and that a kept result is whole."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from bench import store
from bench.keeping.drawing import LEAST_RATIO, label_heights
from bench.keeping.logs import Kit
from bench.keeping.sheet import markdown
from bench.keeping.turns import SIZES
from bench.keeping.volumes import EFS, PLAIN
from bench.keeping.ways import WAYS
from bench.keeping.whole_file import Pickle
from parity.plan.tables import RESULTS

if TYPE_CHECKING:
    from pathlib import Path

    from bench.keeping.ways import Way


def on_volume(ways: tuple[Way, ...]) -> store.OnVolume:
    """Return a volume on which all ways do alike, but for a pickle that grows."""
    turn = {way: dict.fromkeys(SIZES, 2.0) for way in ways}
    turn[Pickle][SIZES[-1]] = 40.0
    alike: dict[Way, float] = dict.fromkeys(ways, 4.0)
    return store.OnVolume(turn, alike, alike, alike, {**alike}, {**alike})


def measured() -> store.Measured:
    """Return what just reaches every target."""
    on_efs = tuple(way for way in WAYS if not way.not_on_efs)
    return store.Measured({PLAIN: on_volume(WAYS), EFS: on_volume(on_efs)}, [0.5, 1.0], 20.0)


def test_every_way_is_in_the_report_and_every_target_is_met() -> None:
    """On the plain volume each way has a number in each row, on EFS each that can be there."""
    found = store.report(measured())
    assert found.contestants == [way.name for way in WAYS]
    assert found.exit_code == 0
    of_all = [row for row in found.rows if row.what.endswith((PLAIN, EFS))]
    assert len(of_all) == 2 * (len(SIZES) + 9)
    for row in of_all:
        wanted = [way.name for way in WAYS if row.what.endswith(PLAIN) or not way.not_on_efs]
        assert list(row.per_contestant) == wanted


def test_every_target_can_be_missed() -> None:
    """By a kit that is worse in just that."""
    volumes, on_efs = measured().volumes, measured().volumes[EFS]

    def with_turn(volume: str, size: int, milliseconds: float) -> store.Measured:
        turn = {way: dict(each) for way, each in volumes[volume].turn.items()}
        turn[Kit][size] = milliseconds
        worse = replace(volumes[volume], turn=turn)
        return replace(measured(), volumes={**volumes, volume: worse})

    def with_turns_of(milliseconds: float) -> store.Measured:
        alike = {Kit: dict.fromkeys(SIZES, milliseconds)}
        worse = replace(volumes[PLAIN], turn=volumes[PLAIN].turn | alike)
        return replace(measured(), volumes={**volumes, PLAIN: worse})

    def with_efs(**changes: object) -> store.Measured:
        return replace(measured(), volumes={**volumes, EFS: replace(on_efs, **changes)})  # type: ignore[arg-type]

    slow = replace(volumes[PLAIN], restore=volumes[PLAIN].restore | {Kit: 6.1})
    worse = [
        with_turn(PLAIN, SIZES[-1], 2.5),
        with_turn(EFS, SIZES[-1], 2.5),
        with_turns_of(3.1),
        with_efs(turn_operations={Kit: 7}),
        with_efs(restore_operations={Kit: 5}),
        replace(measured(), volumes={**volumes, PLAIN: slow}),
        replace(measured(), delays=[0.1, 1.1]),
        replace(measured(), idle_kib=21.0),
    ]
    missed = [[each.what for each in store._targets(found) if not each.met] for found in worse]
    assert {what for each in missed for what in each} == {
        each.what for each in store._targets(measured())
    }
    assert all(missed)


def test_three_files_are_kept(tmp_path: Path) -> None:
    """Numbers for programs, a page for people, and its picture."""
    report = store.keep(measured(), tmp_path)
    kept = json.loads((tmp_path / "store.json").read_text())
    assert [row["what"] for row in kept["rows"]] == [row.what for row in report.rows]
    page = (tmp_path / "store.md").read_text()
    assert kept["measured"]["commit"] in page
    assert all(row.what in page for row in report.rows)
    assert "(store.png)" in page
    assert (tmp_path / "store.png").read_bytes().startswith(b"\x89PNG")


def test_a_missed_target_is_shown_as_missed() -> None:
    """On the page, too."""
    report = store.report(replace(measured(), idle_kib=21.0))
    page = markdown(report, {"commit": "c", "date": "d", "machine": {}}, "p.png")
    assert page.count("**missed**") == 1


def test_the_kept_result_is_of_this_comparison() -> None:
    """Each row, contestant and target that would be measured now, and when and where it was."""
    kept = json.loads((RESULTS / "store.json").read_text())
    now = store.report(measured())
    assert [(row["what"], row["unit"]) for row in kept["rows"]] == [
        (row.what, row.unit) for row in now.rows
    ]
    for row, expected in zip(kept["rows"], now.rows, strict=True):
        assert set(row) == {"what", "unit", *expected.per_contestant}
    assert [(each["what"], each["reach"]) for each in kept["targets"]] == [
        (each.what, each.reach) for each in now.targets
    ]
    assert kept["measured"]["date"] in (RESULTS / "store.md").read_text()


@pytest.mark.parametrize("values", [[1, 1, 1], [3, 1, 2], [1, 1.1, 100], [5]])
def test_no_label_hides_another(values: list[float]) -> None:
    """They keep their order, and their distance."""
    heights = label_heights({str(number): value for number, value in enumerate(values)})
    order = sorted(heights, key=lambda name: values[int(name)])
    for below, above in pairwise(order):
        assert heights[above] >= heights[below] * LEAST_RATIO * 0.999
    assert all(heights[name] >= values[int(name)] for name in heights)
