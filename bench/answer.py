"""What it costs that answers survive: recording one, refreshing in its middle, losing its owner."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from bench import browser as web
from bench.answering import recording, refreshes, takeovers
from bench.answering.refreshes import IN_MID_ANSWER, OTHER, PLAIN, SAME
from bench.keeping.volumes import volumes
from bench.report import Report, Row, Target, run_as_program, show
from bench.stack import running_stack
from parity import console

if TYPE_CHECKING:
    from bench.answering.recording import Cost
    from bench.answering.refreshes import Samples

ROUNDS = 9
RECORDED, UNRECORDED = recording.recorded.__name__, recording.unrecorded.__name__


@dataclass(frozen=True)
class Measured:
    """All samples: what each answer cost by way, the seconds of refreshes and of takeovers."""

    costs: dict[str, list[Cost]]
    refreshes: Samples
    takeovers: list[float]


def measure() -> Measured:
    """Run the comparison on a stack and on a volume of its own."""
    with running_stack() as stack, volumes() as (_, efs), web.open_browser() as browser:
        with console.step(f"Answers of 500 tokens, recorded and not, {ROUNDS} rounds on EFS"):
            costs = recording.costs(efs, stack.model_url(), ROUNDS)
        with console.step("Refreshes in mid-answer, and plain ones"):
            refreshed = refreshes.measure(stack, browser)
        with console.step(f"Owners killed, {takeovers.KILLS} times"):
            taken_over = takeovers.measure(stack, browser)
    return Measured(costs, refreshed, taken_over)


def report(measured: Measured) -> Report:
    """Sum up: medians; of the processor time, of the ratios pair by pair."""
    cpu = {way: median(cost.cpu for cost in costs) for way, costs in measured.costs.items()}
    asked = {
        way: median(cost.operations for cost in costs) for way, costs in measured.costs.items()
    }
    pairs = zip(measured.costs[RECORDED], measured.costs[UNRECORDED], strict=True)
    dearer = median(recorded.cpu / unrecorded.cpu for recorded, unrecorded in pairs)
    extra = asked[RECORDED] - asked[UNRECORDED]
    seconds = {key: median(samples) for key, samples in measured.refreshes.items()}
    slower = {
        where: seconds[IN_MID_ANSWER, where] / seconds[PLAIN, where] for where in (SAME, OTHER)
    }
    longest = max(measured.takeovers)
    rows = [
        Row("answer of 500 tokens: processor time", "ms", {w: 1000 * s for w, s in cpu.items()}),
        Row("answer of 500 tokens: operations of EFS", "", dict(asked)),
        *(
            Row(
                f"refresh on {where}",
                "s",
                {kind: seconds[kind, where] for kind in (PLAIN, IN_MID_ANSWER)},
            )
            for where in (SAME, OTHER)
        ),
        Row("owner killed: until the answer goes on", "s", {"median": median(measured.takeovers)}),
        Row("  the longest of all", "s", {"median": longest}),
    ]
    targets = [
        Target("processor time of a recorded answer, against an unrecorded", 1.10, dearer, "x"),
        Target("operations of EFS to record an answer of 500 tokens", 30, extra, ""),
        *(
            Target(f"refresh in mid-answer on {where}, against a plain one", 1.5, ratio, "x")
            for where, ratio in slower.items()
        ),
        Target("owner killed: until the answer goes on", 10, longest, "s"),
    ]
    return Report(rows, targets)


def main(*, json: bool = False) -> int:
    """Measure, print and return the exit code: 1 if a target is missed."""
    return show(report(measure()), json=json)


if __name__ == "__main__":
    run_as_program(main)
