"""The program behind `parity torture`, which gives it the development environment that it needs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from parity import console
from parity.errors import ParityError
from parity.host.signals import end_in_good_order_on_sigterm
from torture import report
from torture.picture import draw
from torture.run import Wanted, torture


def parser() -> argparse.ArgumentParser:
    """Return what reads the options; `parity torture` has the defaults."""
    made = argparse.ArgumentParser(prog="torture")
    for name, kind in {"turns": int, "seed": int, "minutes": float, "clients": int}.items():
        made.add_argument(f"--{name}", type=kind, required=True)
    made.add_argument("--only", action="append", default=[])
    made.add_argument("--picture", type=Path)
    made.add_argument("--json", action="store_true")
    return made


def main() -> int:
    """Run, print and return the exit code: 1 for a finding."""
    options = parser().parse_args()
    wanted = Wanted(options.turns, options.seed, options.minutes, options.clients, options.only)
    console.note(f"Seed: {wanted.seed}")
    with console.step("Torture", keep=True) as step:
        outcome = torture(wanted, step.say)
    if options.picture:
        draw(outcome, options.picture)
    if options.json:
        console.emit_json(report.as_data(outcome))
    else:
        console.table(report.COLUMNS, report.rows(outcome))
        if outcome.findings:
            console.table(report.FINDING_COLUMNS, report.finding_rows(outcome))
    return 1 if outcome.findings else 0


if __name__ == "__main__":
    end_in_good_order_on_sigterm()
    try:
        sys.exit(main())
    except ParityError as error:
        console.failure(error)
        sys.exit(1)
