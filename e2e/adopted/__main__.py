"""The program behind `parity test --app`, which gives it the development environment it needs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from e2e.adopted import output
from e2e.adopted.checks import CHECKS, carry_out
from e2e.adopted.finding import Finding, Verdict
from e2e.adopted.report import Report, summary
from e2e.adopted.scene import Scene, usual
from e2e.adopted.visitor import NotUsable
from e2e.target import Local
from parity import console
from parity.errors import ParityError, UsageError
from parity.host.browser import ARGUMENTS, ensure_browser
from parity.host.signals import end_in_good_order_on_sigterm


def parser() -> argparse.ArgumentParser:
    """Return what reads the options; `parity test --app` has the defaults."""
    made = argparse.ArgumentParser(prog="e2e.adopted")
    made.add_argument("--name", required=True)
    made.add_argument("--source", required=True)
    made.add_argument("--folder", type=Path, required=True)
    made.add_argument("--only", action="append", default=[])
    made.add_argument("--json", action="store_true")
    return made


def main() -> int:
    """Try the app, write the report, print it and return the exit code: 1 for a loss."""
    options = parser().parse_args()
    if unknown := set(options.only) - {check.name for check in CHECKS}:
        names = ", ".join(check.name for check in CHECKS)
        raise UsageError(
            f"'{min(unknown)}' is none of {names}", hint="parity test --app --only refresh"
        )
    found = try_app(options.folder, options.only)
    told = Report(options.name, options.source, tuple(found))
    written = output.write(told, options.folder)
    if options.json:
        console.emit_json(output.document(told, written))
    else:
        console.table(output.COLUMNS, output.rows(told))
        if told.cures:
            console.out.print()
            console.table(output.CURE_COLUMNS, output.cure_rows(told))
        console.note(summary(told))
        console.out.print(written.html)
    return 1 if any(each.verdict is Verdict.LOST for each in found) else 0


def try_app(folder: Path, only: list[str]) -> list[Finding]:
    """Carry out the checks on the app of the local stack, with pictures into the folder."""
    target = Local()
    pictures = folder / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    arguments = [*ARGUMENTS, *target.browser_arguments]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=ensure_browser(), args=arguments)
        try:
            with console.step("Use it once"):
                known = usual(target, browser, pictures)
        except NotUsable as error:
            raise ParityError(
                f"the app cannot be used: {error}", hint="parity logs --tail 40; parity ps"
            ) from error
        scene = Scene(target, browser, pictures, known)
        console.note(f"It has {known.kind}.")
        found = []
        for check in CHECKS:
            if only and check.name not in only:
                continue
            with console.step(check.title, keep=True) as step:
                found.append(carry_out(check, scene))
                step.say(f"{found[-1].verdict}: {found[-1].reason}")
        browser.close()
    return found


if __name__ == "__main__":
    end_in_good_order_on_sigterm()
    try:
        sys.exit(main())
    except ParityError as error:
        console.failure(error)
        sys.exit(2 if isinstance(error, UsageError) else 1)
