"""Proof that it works, and what it costs."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads annotations
from typing import Annotated

import typer

from parity import console
from parity.cli.options import AsJson  # noqa: TC001 - Typer reads annotations
from parity.errors import UsageError
from parity.project import read_settings
from parity.verbs import bench as benchmarks
from parity.verbs import doctor as examination
from parity.verbs import torture as torturing

PANEL = "Proof"
app = typer.Typer()


@app.command(rich_help_panel=PANEL)
def doctor(*, as_json: AsJson = False) -> None:
    """Say what is missing here and how to mend it; change nothing."""
    checks = examination.examine(read_settings())
    if as_json:
        console.emit_json([vars(check) | {"state": check.state} for check in checks])
    else:
        console.table(examination.COLUMNS, examination.rows(checks))
    raise typer.Exit(0 if all(check.ok or not check.needed for check in checks) else 1)


@app.command(name="test", rich_help_panel=PANEL)
def run_all_checks(  # noqa: PLR0913 - each is an option, and some exclude each other
    *,
    fast: Annotated[
        bool, typer.Option("--fast", help="Without Docker: lint, types and unit tests only.")
    ] = False,
    arm64: Annotated[
        bool, typer.Option("--arm64", help="Only this: does the image for arm64 build and chat?")
    ] = False,
    store: Annotated[
        bool, typer.Option("--store", help="Only this: does the session store lose anything?")
    ] = False,
    app: Annotated[
        bool, typer.Option("--app", help="Only this: what survives in the app that is up?")
    ] = False,
    only: Annotated[
        str,
        typer.Option(metavar="PART", help="With --store, --app: one part, such as kills, refresh."),
    ] = "",
    seed: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="With --store: repeat that run.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --store, --app: print JSON instead of tables.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="With --app: where the report goes."),
    ] = None,
) -> None:
    """Run what CI runs: lint, types, unit tests, browser suite.

    The browser suite gets a stack of its own, first as infra/template.yml has
    it (up --from-template), with stickiness on a plain volume, then as
    compose.yaml has it, without stickiness on a volume with EFS semantics
    (where this host can mount it); in between, what HTTPS changes. Nothing of
    it is left behind.

    With --arm64 the app's image is built for arm64, emulated where this
    machine is none, and the smoke tests chat with it. That is no proof of
    the rest, so it writes no receipt: to deploy to ARM64, run `parity test`
    on an arm64 machine.

    With --store the session store is tried for a quarter of an hour, on a plain
    folder and on EFS semantics: random operations against a model, writers
    killed at random, eight processes at once, damaged logs, and each fault
    that a volume may have. The unit tests do the same for some seconds.

    With --app the app that is up, such as one that `parity adopt` brought, is
    used in a browser while its replicas are refreshed, changed, killed and started
    anew. The report says what survives, and names the change that cures each loss.
    Exit code 1: something was lost.

    Examples: parity test --app --only two-tabs
              parity test --store --only kills --seed 7
              parity test --store --json > store.json
    """
    if arm64 and fast:
        raise UsageError("--arm64 needs Docker, and --fast is without", hint="parity test --arm64")
    if store and (fast or arm64):
        raise UsageError("--store is a run of its own", hint="parity test --store")
    if app and (fast or arm64 or store):
        raise UsageError("--app is a run of its own", hint="parity test --app")
    if not (store or app) and (only or as_json):
        raise UsageError("--only and --json go with --store or --app", hint="parity test --app")
    if not store and seed is not None:
        raise UsageError("--seed goes with --store", hint="parity test --store")
    if not app and report is not None:
        raise UsageError("--report goes with --app", hint="parity test --app")
    if app:
        from parity.verbs.try_app import try_app  # noqa: PLC0415 - as below

        code = try_app(read_settings(), folder=report, only=only, as_json=as_json)
        raise typer.Exit(code)
    if store:
        from parity.verbs.prove_store import prove_store  # noqa: PLC0415 - brings boto3

        raise typer.Exit(0 if prove_store(only=only, seed=seed, as_json=as_json) else 1)
    if arm64:
        from parity.verbs.run_arm64 import run_arm64  # noqa: PLC0415 - brings boto3

        raise typer.Exit(0 if run_arm64(read_settings()) else 1)
    from parity.verbs.run_tests import run_tests  # noqa: PLC0415 - brings boto3

    raise typer.Exit(0 if run_tests(read_settings(), fast=fast) else 1)


@app.command(rich_help_panel=PANEL)
def bench(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A module of bench/.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Run one measured comparison; exit code 1: a target is missed."""
    raise typer.Exit(benchmarks.run_benchmark(name, as_json=as_json))


@app.command(rich_help_panel=PANEL)
def torture(  # noqa: PLR0913 - each is an option
    *,
    turns: Annotated[int, typer.Option(metavar="N", min=1, help="At most so many prompts.")] = 1000,
    minutes: Annotated[
        float, typer.Option(metavar="M", min=0.1, help="No new prompt after so long.")
    ] = 20.0,
    seed: Annotated[
        int | None, typer.Option(metavar="S", min=0, help="Repeat the faults of that run.")
    ] = None,
    clients: Annotated[
        int, typer.Option(metavar="C", min=1, help="Chats at a time, the first in a real browser.")
    ] = 6,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="FAULT", help="Only such faults; may be given again for more."),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw a timeline into this PNG.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Chat with the stack while replicas are broken at random; find what gets lost.

    One client is a real browser, the others speak Streamlit's protocol.
    Afterwards each prompt that was seen to be kept must be on the volume
    once, in order, with exactly one finished answer, every replica must show
    it, and each error in any log must have a fault that explains it. Exit
    code 1: something was found.

    The stack must be up. Where it is up with --efs, its volume is broken, too.

    Examples: parity torture --minutes 2 --seed 7 --picture torture.png
              parity torture --clients 20 --only "rolling redeploy"
    """
    run = torturing.Run(turns, minutes, seed, clients, picture, as_json, only or [])
    raise typer.Exit(torturing.run_torture(run))
