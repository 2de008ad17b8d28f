"""The cost of a turn against the length of the conversation, drawn."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matplotlib.axes import Axes

# Milliseconds by way and number of messages.
Curves = dict[str, dict[int, float]]

COLOURS = {
    "kit": "#0b6e4f",
    "raw append": "#8a8a8a",
    "pickle": "#c1121f",
    "pickle, fsync": "#e07a5f",
    "JSON": "#b5651d",
    "SQLite": "#3a5a9c",
    "SQLite WAL": "#6f8fd0",
    "diskcache": "#7b4b94",
}
LEAST_RATIO = 1.3  # between two labels, on a logarithmic axis, or they would overlap


def draw(panels: Mapping[str, Curves], target: Path) -> None:
    """Write a PNG with one panel a volume; both have one scale."""
    with mpl.rc_context({"font.family": "DejaVu Sans", "font.size": 10}):
        figure = Figure(figsize=(12, 5.6), layout="constrained")
        axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for each, (title, curves) in zip(axes, panels.items(), strict=True):
            _draw_panel(each, title, curves)
        axes[0].set_ylabel("one acknowledged turn, milliseconds (median)")
        figure.suptitle(
            "What a turn costs as the conversation grows", x=0.01, ha="left", fontweight="bold"
        )
        figure.savefig(target, dpi=130, metadata={"Software": None})


def label_heights(values: Mapping[str, float]) -> dict[str, float]:
    """Return where on a logarithmic axis to label each value, in its order, none over another."""
    names = sorted(values, key=lambda name: values[name])
    heights = dict(values)
    for below, above in pairwise(names):
        heights[above] = max(heights[above], heights[below] * LEAST_RATIO)
    return heights


def _draw_panel(axes: Axes, title: str, curves: Curves) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_title(title, loc="left")
    axes.set_xlabel("messages in the conversation")
    ends = {}
    sizes: list[int] = []
    for name, curve in curves.items():
        sizes, values = list(curve), list(curve.values())
        ends[name] = values[-1]
        wide = 3.0 if name == "kit" else 1.4
        axes.plot(
            sizes, values, color=COLOURS[name], linewidth=wide, marker="o", markersize=2 * wide
        )
    for name, height in label_heights(ends).items():
        axes.annotate(
            f"{name}  {_short(ends[name])} ms",
            xy=(sizes[-1], ends[name]),
            xytext=(sizes[-1] * 1.5, height),
            color=COLOURS[name],
            fontweight="bold" if name == "kit" else "normal",
            va="center",
            arrowprops={"arrowstyle": "-", "color": COLOURS[name], "linewidth": 0.6, "alpha": 0.5},
        )
    axes.set_xlim(sizes[0] * 0.75, sizes[-1] * 22)
    axes.set_xticks(sizes)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.yaxis.set_major_locator(LogLocator())
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.tick_params(labelleft=True, length=0)
    axes.grid(axis="y", color="#e4e4e4", linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_bounds(sizes[0], sizes[-1])


def _short(milliseconds: float) -> str:
    digits = 0 if milliseconds >= 10 else 1 if milliseconds >= 1 else 2  # noqa: PLR2004 - two figures
    return f"{milliseconds:.{digits}f}"
