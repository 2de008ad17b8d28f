"""A run as a timeline: when which replica was broken, and how long each prompt waited meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure

from parity.faults import FAULTS

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from torture.run import Outcome

COLOURS = {"answered": "#0b6e4f", "acknowledged": "#3a5a9c", "never": "#c1121f", "fault": "#e07a5f"}
LEAST_SECONDS = 0.05  # what is seen at once still has a place on a logarithmic axis


def draw(outcome: Outcome, target: Path) -> None:
    """Write a PNG: above, how long each prompt waited for what; below, the faults."""
    with mpl.rc_context({"font.family": "DejaVu Sans", "font.size": 10}):
        figure = Figure(figsize=(12, 7), layout="constrained")
        waits, faults = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
        _draw_waits(waits, outcome)
        _draw_faults(faults, outcome)
        for axes in (waits, faults):
            for struck in outcome.struck:
                axes.axvspan(struck.began, struck.ended, color=COLOURS["fault"], alpha=0.12, lw=0)
        sent = sum(len(history.prompts) for history in outcome.histories)
        figure.suptitle(
            f"{sent} prompts, {len(outcome.struck)} faults, findings: {len(outcome.findings)}"
            f" (seed {outcome.wanted.seed})",
            x=0.01,
            ha="left",
            fontweight="bold",
        )
        figure.savefig(target, dpi=130, metadata={"Software": None})


def _draw_waits(axes: Axes, outcome: Outcome) -> None:
    prompts = [prompt for history in outcome.histories for prompt in history.prompts]
    for what, marker in (("acknowledged", "."), ("answered", "o")):
        ends = [(getattr(prompt, what), prompt.sent) for prompt in prompts]
        seen = [(sent, max(end - sent, LEAST_SECONDS)) for end, sent in ends if end is not None]
        if seen:
            at, waits = zip(*seen, strict=True)
            axes.scatter(at, waits, s=14, marker=marker, c=COLOURS[what], label=what)
    never = [prompt.sent for prompt in prompts if prompt.answered is None]
    if never:
        wait = [outcome.seconds] * len(never)
        axes.scatter(never, wait, s=60, marker="x", c=COLOURS["never"], label="never answered")
    axes.set_yscale("log")
    axes.set_ylabel("seconds after it was sent")
    if prompts:
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), frameon=False, ncols=3)


def _draw_faults(axes: Axes, outcome: Outcome) -> None:
    made = {struck.strike.fault.name for struck in outcome.struck}
    names = [fault.name for fault in FAULTS if fault.name in made]
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_ylim(max(1, len(names)) - 0.5, -0.5)
    for struck in outcome.struck:
        row = names.index(struck.strike.fault.name)
        axes.barh(row, struck.ended - struck.began, left=struck.began, color=COLOURS["fault"])
    axes.set_xlabel("seconds since the run began; a bar ends when every replica is healthy again")
