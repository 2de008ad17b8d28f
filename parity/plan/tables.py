"""Dated tables of figures, kept as data: a name, a number, its unit, and where it comes from."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity.errors import ParityError, UsageError
from parity.project import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).parent
RESULTS = ROOT / "bench" / "results"


@dataclass(frozen=True)
class Figure:
    """One number; `least` and `most` are what it may be, both included.

    checked: when and against what a price was read; empty where it was not.
    """

    value: float
    unit: str
    source: str
    checked: str = ""
    least: float = 0
    most: float = math.inf


@dataclass(frozen=True)
class Table:
    """Figures by name, as they stood on a day; `table[name]` is the number."""

    name: str
    as_of: date
    note: str
    figures: Mapping[str, Figure]

    def __getitem__(self, name: str) -> float:
        return self.figures[name].value

    def with_values(self, values: Mapping[str, Any], origin: str) -> Table:
        """Return the table with some numbers replaced; `origin` becomes their source.

        Raises UsageError that quotes a name or a number which cannot be used.
        """
        figures = dict(self.figures)
        for name, value in values.items():
            if name not in figures:
                raise UsageError(
                    f"{origin}: there is no figure '{name}' in the table of {self.name}",
                    hint=f"take one of: {', '.join(figures)}",
                )
            number = _number(value, figures[name], f"{origin}: {name}")
            figures[name] = replace(figures[name], value=number, source=origin, checked=origin)
        return replace(self, figures=figures)


def read_table(name: str, results: Path = RESULTS) -> Table:
    """Read one of the kit's own tables, parity/plan/NAME.json.

    A figure with `benchmark` and `row` in place of a value is what that benchmark measured of the
    kit, as kept in the folder `results`. Raises ParityError when it is not there.
    """
    content = _read(FOLDER / f"{name}.json")
    figures = {
        key: Figure(
            value=each["value"] if "value" in each else _measured(each, results),
            unit=each["unit"],
            source=each["source"],
            checked=each.get("checked", ""),
            least=each.get("least", 0),
            most=each.get("most", math.inf),
        )
        for key, each in content["figures"].items()
    }
    return Table(name, date.fromisoformat(content["as_of"]), content["note"], figures)


def overridden(table: Table, path: Path) -> Table:
    """Return the table with what a user's file says instead: some or all of its figures.

    The file is like the kit's own, or shorter: {"as_of": "2026-12-01", "figures": {NAME: NUMBER}}.
    Raises UsageError that names the file and quotes what is wrong in it.
    """
    content = _read(path)
    try:
        as_of = date.fromisoformat(content["as_of"])
        figures = content["figures"]
        values = {
            name: each["value"] if isinstance(each, dict) else each
            for name, each in figures.items()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(
            f"'{path}' is not a table of figures ({type(error).__name__}: {error})",
            hint='write {"as_of": "YYYY-MM-DD", "figures": {NAME: NUMBER, ...}} into it',
        ) from error
    return replace(table.with_values(values, str(path)), as_of=as_of)


def _read(path: Path) -> Any:  # noqa: ANN401 - whatever JSON holds
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"'{path}' cannot be read: {error.strerror}", hint=f"ls -l {path}"
        ) from error
    except ValueError as error:
        raise UsageError(f"'{path}' is not JSON: {error}", hint=f"jq . {path}") from error


def _number(value: object, figure: Figure, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UsageError(f"{what} is {value!r}, which is no number", hint=f"give {figure.unit}")
    if not figure.least <= value <= figure.most:
        limits = f"at least {figure.least:g}"
        if figure.most != math.inf:
            limits += f", at most {figure.most:g}"
        raise UsageError(f"{what} is {value:g}", hint=f"give {limits} {figure.unit}".rstrip())
    return value


def _measured(figure: Mapping[str, str], results: Path) -> float:
    name = figure["benchmark"]
    return result(read_benchmark(results / f"{name}.json", name), figure["row"], name)


def result(rows: Mapping[str, float], what: str, name: str) -> float:
    """Return one row of a benchmark's result. Raises ParityError when it is not among them."""
    if what not in rows:
        raise ParityError(
            f"bench/results/{name}.json has no '{what}'",
            hint=f"parity bench {name} --json > bench/results/{name}.json",
        )
    return rows[what]


def read_benchmark(path: Path, name: str) -> dict[str, float]:
    """Return what `parity bench NAME --json` measured of the kit, by what was measured.

    Raises ParityError when the file is missing or has another shape.
    """
    again = f"parity bench {name} --json > {path}"
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
        return {row["what"]: row["kit"] for row in rows if row["kit"] is not None}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ParityError(
            f"'{path}' holds no result of `parity bench {name}` ({type(error).__name__})",
            hint=again,
        ) from error
