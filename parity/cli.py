"""The command line: parse, call, print, exit code."""

from __future__ import annotations

import errno
from importlib.metadata import version as installed_version
from pathlib import Path  # noqa: TC003 - Typer reads annotations
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from parity import console
from parity.cluster.aws import DEFAULT_STACK
from parity.cluster.compose import Compose
from parity.errors import ParityError, UsageError
from parity.host.signals import end_in_good_order_on_sigterm
from parity.plan.bill import Architecture, Egress
from parity.plan.estimate import estimate
from parity.plan.figures import parse_assumptions, read_figures
from parity.project import read_settings
from parity.verbs import bench as benchmarks
from parity.verbs import doctor as examination
from parity.verbs import plan as planning
from parity.verbs import ps as listing
from parity.verbs import status as cloud_status
from parity.verbs.deploy import Options, deploy
from parity.verbs.destroy import destroy
from parity.verbs.down import take_down
from parity.verbs.logs import show_logs
from parity.verbs.open_browser import open_page
from parity.verbs.rehearse import run_rehearsal
from parity.verbs.rollback import rollback
from parity.verbs.run_tests import run_tests
from parity.verbs.up import bring_up

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES = """\
[bold]Examples[/]

  scripts/up                             from a bare machine to a running chat
  parity up --replicas 5 --no-sticky     five replicas, plain round robin
  parity kill 2                          kill -9; see the chat go on elsewhere
  parity start 2                         mend it
  parity ps --json | jq '.[].memory'     every table is JSON, too
  parity test --fast                     lint, types, unit tests; no Docker
  scripts/down --volumes                 remove it all, the sessions too

  parity deploy --dry-run                what would change in the cloud
  parity deploy                          the image that passed scripts/test
  parity status                          who runs what there, and whether it drifted
  parity rollback                        back to the image before

[dim].env holds the defaults; the environment wins over it, options over both.[/]"""

PLAN_EXAMPLES = """\
[bold]Examples[/]

  parity plan                           a ladder from 10 to 100,000 users
  parity plan --users 2500              one number of users, line by line
  parity plan --users 10,100 --json     every figure and its source
  parity plan --prices prices.json      prices of your own, some or all
  parity plan --users 5000 --assume minutes_open=45 --assume max_tasks=40

[dim]FILE: {"as_of": "2026-12-01", "figures": {"nat_hour": 0.048}}[/]"""
DEPLOY_EXAMPLES = """\
[bold]Examples[/]

  parity deploy --rehearse                    on emulators; needs no account
  parity deploy --dry-run
  AWS_PROFILE=work AWS_REGION=eu-central-1 parity deploy --stack chat-staging
  parity deploy -p MaxTasks=20 -p "TaskSize=0.5 vCPU, 1 GB"
  parity deploy --receipt 20261123-204755-3b6fa46 --stack chat-production --yes"""
ROLLBACK_EXAMPLES = """\
[bold]Examples[/]

  parity rollback                             to the receipt that was live before
  parity rollback 20261123-204755-3b6fa46     to this one"""
STATUS_EXAMPLES = """\
[bold]Examples[/]

  parity status
  parity status --json | jq '.tasks[].zone'"""
DESTROY_EXAMPLES = """\
[bold]Examples[/]

  parity destroy --stack chat-staging         asks for the name to be typed
  parity destroy --stack chat-staging --yes   for a script"""

INTERRUPTED = 130


class Kit(TyperGroup):
    """The one place where errors become messages and exit codes."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - Typer keeps its context's class private
        """Run the command; 1 for a finding or failure, 2 for wrong usage, 130 for Ctrl-C."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            console.note("interrupted")
            raise typer.Exit(INTERRUPTED) from None
        except (typer.Exit, typer.Abort, typer.TyperException):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise
            if ctx.params.get("verbose"):
                console.err.print_exception()
            known = error if isinstance(error, ParityError) else _unexpected(error)
            console.failure(known)
            raise typer.Exit(2 if isinstance(error, UsageError) else 1) from error


def _unexpected(error: Exception) -> ParityError:
    return ParityError(
        f"unexpected {type(error).__name__}: {error}",
        hint="the same with `parity --verbose`, which shows where it happened",
    )


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - Typer calls it so
    if wanted:
        console.out.print(f"parity {installed_version('parity-kit')}")
        raise typer.Exit


app = typer.Typer(
    cls=Kit,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"]},
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Which = Annotated[
    str, typer.Argument(metavar="N", help="Its number, or its host name as the chat shows it.")
]

CLOUD = "The cloud"
Stack = Annotated[str, typer.Option("--stack", metavar="NAME", help="The CloudFormation stack.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the change; change nothing.")]
Smoke = Annotated[
    bool, typer.Option("--smoke/--no-smoke", help="Try the chat in a browser afterwards.")
]


@app.callback()
def parity(
    *,
    verbose: Annotated[  # noqa: ARG001 - read where errors are printed
        bool, typer.Option("--verbose", help="Show the traceback of an error.")
    ] = False,
    version: Annotated[  # noqa: ARG001 - acts by its callback
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Local-to-cloud parity for stateful Streamlit chatbots."""
    end_in_good_order_on_sigterm()


@app.command(rich_help_panel="The stack")
def up(
    *,
    replicas: Annotated[
        str | None, typer.Option(metavar="N", help="How many replicas.  [dim]REPLICAS[/]")
    ] = None,
    sticky: Annotated[
        bool | None,
        typer.Option("--sticky/--no-sticky", help="Stickiness by cookie, or plain round robin."),
    ] = None,
    port: Annotated[
        str | None, typer.Option(metavar="PORT", help="Port on this machine.  [dim]PORT[/]")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring the stack up, from a bare machine if need be; print its URL.

    Changes only what differs from the options, the environment and .env.
    A host where Docker with Compose v2 runs is left as it is; where there
    is none, it is installed on Debian and Ubuntu, as root.
    """
    stickiness = None if sticky is None else "on" if sticky else "off"
    options = {"REPLICAS": replicas, "STICKINESS": stickiness, "PORT": port}
    settings = read_settings({name: value for name, value in options.items() if value is not None})
    images = bring_up(settings)
    replicas_now = Compose(settings).replicas()
    if as_json:
        console.emit_json(
            {
                "url": settings.url,
                "base_images": {"python": images.python, "nginx": images.nginx},
                "replicas": listing.documents(replicas_now),
            }
        )
        return
    console.table(listing.COLUMNS, listing.rows(replicas_now))
    console.out.print(settings.url)


@app.command(rich_help_panel="The stack")
def down(
    *,
    volumes: Annotated[
        bool, typer.Option("--volumes", help="Delete the sessions, too; asks first.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    keep_images: Annotated[
        bool, typer.Option("--keep-images", help="Keep the images, for a quick next `up`.")
    ] = False,
    keep_engine: Annotated[
        bool, typer.Option("--keep-engine", help="Let Docker Engine run on.")
    ] = False,
) -> None:
    """Remove what `up` made, but for the sessions.

    Goes: containers, networks, images, and the engine, if the kit started it.
    Stays: the sessions (but see --volumes); what other stacks use, be it a
    stand-in base image or the engine; the build cache of an engine that the
    kit did not start (docker builder prune); packages that were installed.
    """
    settings = read_settings()
    if volumes and not yes and settings.data.exists():
        typer.confirm(f"Delete every session in {settings.data}?", abort=True, err=True)
    take_down(settings, volumes=volumes, keep_images=keep_images, keep_engine=keep_engine)


@app.command(rich_help_panel="The stack")
def ps(*, as_json: AsJson = False) -> None:
    """List the replicas; sessions are those served since the start."""
    replicas = Compose(read_settings()).replicas()
    if as_json:
        console.emit_json(listing.documents(replicas))
    elif replicas:
        console.table(listing.COLUMNS, listing.rows(replicas))
    else:
        console.note("no replicas; bring them up: scripts/up")


@app.command(rich_help_panel="The stack")
def logs(
    which: Annotated[
        str | None, typer.Argument(metavar="[N]", help="One replica; else every service.")
    ] = None,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as they grow.")] = False,
    tail: Annotated[
        int | None, typer.Option(metavar="LINES", min=0, help="Only the last lines of each.")
    ] = None,
) -> None:
    """Show the logs of the stack, or of one replica."""
    named = None if which is None else _replica(which)
    raise typer.Exit(show_logs(read_settings(), named, follow=follow, tail=tail))


@app.command(name="open", rich_help_panel="The stack")
def open_() -> None:
    """Open the chat in a browser; prints its URL."""
    url = Compose(read_settings()).url()
    console.out.print(url)
    if not open_page(url):
        console.note("no display here: open the URL above in a browser")


@app.command(rich_help_panel="Do to a replica what the cloud may do to it")
def kill(which: Which) -> None:
    """End replica N at once (SIGKILL); it stays dead."""
    Compose(read_settings()).kill(_replica(which))


@app.command(rich_help_panel="Do to a replica what the cloud may do to it")
def stop(which: Which) -> None:
    """End replica N in good order (SIGTERM, then its grace)."""
    Compose(read_settings()).stop(_replica(which))


@app.command(rich_help_panel="Do to a replica what the cloud may do to it")
def pause(which: Which) -> None:
    """Freeze replica N: connections stay open, nothing answers."""
    Compose(read_settings()).pause(_replica(which))


@app.command(rich_help_panel="Do to a replica what the cloud may do to it")
def cut(which: Which) -> None:
    """Take the network of replica N away while it runs on."""
    Compose(read_settings()).cut(_replica(which))


@app.command(rich_help_panel="Do to a replica what the cloud may do to it")
def start(which: Which) -> None:
    """Mend replica N, whatever was done to it; wait for health."""
    cluster = Compose(read_settings())
    cluster.start(_replica(which))
    cluster.wait_healthy(only=_replica(which))


@app.command(rich_help_panel="Do to a replica what the cloud may do to it")
def scale(
    replicas: Annotated[str, typer.Argument(metavar="N", help="How many there shall be.")],
) -> None:
    """Make it N replicas, leaving those that stay as they are."""
    wanted = read_settings({"REPLICAS": replicas}).replicas
    cluster = Compose(read_settings())
    with console.step(f"Scale to {wanted}"):
        cluster.scale(wanted)
    console.table(listing.COLUMNS, listing.rows(cluster.replicas()))


@app.command(rich_help_panel="Proof")
def doctor(*, as_json: AsJson = False) -> None:
    """Say what is missing here and how to mend it; change nothing."""
    checks = examination.examine(read_settings())
    if as_json:
        console.emit_json([vars(check) | {"state": check.state} for check in checks])
    else:
        console.table(examination.COLUMNS, examination.rows(checks))
    raise typer.Exit(0 if all(check.ok or not check.needed for check in checks) else 1)


@app.command(name="test", rich_help_panel="Proof")
def run_all_checks(
    *,
    fast: Annotated[
        bool, typer.Option("--fast", help="Without Docker: lint, types and unit tests only.")
    ] = False,
) -> None:
    """Run what CI runs: lint, types, unit tests, browser suite.

    The browser suite gets a stack of its own, first with stickiness, then
    without, and nothing of it is left behind.
    """
    raise typer.Exit(0 if run_tests(read_settings(), fast=fast) else 1)


@app.command(rich_help_panel="Proof")
def bench(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A module of bench/.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Run one measured comparison; exit code 1: a target is missed."""
    raise typer.Exit(benchmarks.run_benchmark(name, as_json=as_json))


@app.command(rich_help_panel=CLOUD, epilog=PLAN_EXAMPLES)
def plan(  # noqa: PLR0913 - one parameter an option
    *,
    users: Annotated[
        str | None,
        typer.Option(metavar="N[,N...]", help="Daily users.  [dim]default: 10 to 100,000[/]"),
    ] = None,
    assume: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=NUMBER", help="Another figure of the users or of the stack; repeatable."
        ),
    ] = None,
    profile: Annotated[
        Path | None, typer.Option(metavar="FILE", help="How your users behave, as JSON.")
    ] = None,
    prices: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Prices of your own, as JSON.")
    ] = None,
    architecture: Annotated[
        Architecture, typer.Option(help="The template's parameter of that name.")
    ] = Architecture.X86_64,
    egress: Annotated[
        Egress, typer.Option(help="The template's parameter of that name.")
    ] = Egress.NAT_GATEWAY,
    as_json: AsJson = False,
) -> None:
    """Estimate tasks, EFS, load balancer and cost for so many users.

    Rests on what `parity bench` measured, on dated list prices, and on a
    stated guess at how users behave. Asks nothing of AWS. What each figure
    is and where it comes from: --json. Where EFS ends: docs/scale.md.
    """
    numbers = planning.parse_users(users)
    figures = read_figures(prices=prices, profile=profile)
    figures = figures.assuming(parse_assumptions(assume or []))
    plans = [estimate(n, figures, architecture=architecture, egress=egress) for n in numbers]
    if as_json:
        console.emit_json(planning.documents(plans, figures))
    else:
        planning.show(plans, figures)


@app.command(name="deploy", rich_help_panel=CLOUD, epilog=DEPLOY_EXAMPLES)
def deploy_(  # noqa: PLR0913 - each is an option
    *,
    stack: Stack = DEFAULT_STACK,
    receipt: Annotated[
        str | None, typer.Option(metavar="ID", help="Ship this receipt's image; else the newest.")
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "--parameter", "-p", metavar="NAME=VALUE", help="Of the template; repeatable."
        ),
    ] = None,
    untested: Annotated[
        bool, typer.Option("--untested", help="Without a green receipt; that is recorded.")
    ] = False,
    dry_run: DryRun = False,
    smoke: Smoke = True,
    yes: Yes = False,
    rehearse: Annotated[
        bool,
        typer.Option("--rehearse", help="All of it on emulators and this engine; no account."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --rehearse: print JSON.")] = False,
) -> None:
    """Ship the image that passed `scripts/test` to Fargate; print the URL.

    Checks everything first, pushes the image to ECR, shows the CloudFormation change set, asks,
    changes, waits, and proves that every task runs the tested image. Does no more than is needed:
    nothing at all, if nothing has changed. After Ctrl-C, the same command goes on.
    """
    if rehearse:
        raise typer.Exit(0 if run_rehearsal(read_settings(), as_json=as_json) else 1)
    if as_json:
        raise UsageError("--json goes with --rehearse only", hint="parity deploy --rehearse --json")
    options = Options(
        stack=stack,
        receipt_id=receipt,
        parameters=parameter or [],
        untested=untested,
        dry_run=dry_run,
        smoke=smoke,
    )
    if url := deploy(read_settings(), options, _asker(yes=yes)):
        console.out.print(url)


@app.command(name="rollback", rich_help_panel=CLOUD, epilog=ROLLBACK_EXAMPLES)
def rollback_(
    receipt: Annotated[
        str | None, typer.Argument(metavar="[RECEIPT]", help="Its id; else the one before.")
    ] = None,
    *,
    stack: Stack = DEFAULT_STACK,
    dry_run: DryRun = False,
    smoke: Smoke = True,
    yes: Yes = False,
) -> None:
    """Go back to an image that was live before, through CloudFormation; print the URL.

    Template and parameters stay as they are. Twice in a row leads back to where it began.
    """
    if url := rollback(stack, receipt, _asker(yes=yes), dry_run=dry_run, smoke=smoke):
        console.out.print(url)


@app.command(rich_help_panel=CLOUD, epilog=STATUS_EXAMPLES)
def status(*, stack: Stack = DEFAULT_STACK, as_json: AsJson = False) -> None:
    """Show stack, service, tasks, receipts, and drift; exit code 1: something has drifted."""
    found = cloud_status.read_status(stack)
    if as_json:
        console.emit_json(cloud_status.document(found))
    else:
        cloud_status.show(found)
    raise typer.Exit(0 if found.as_it_should_be else 1)


@app.command(name="destroy", rich_help_panel=CLOUD, epilog=DESTROY_EXAMPLES)
def destroy_(*, stack: Stack = DEFAULT_STACK, yes: Yes = False) -> None:
    """Delete the stack; says first what goes and what is retained, and asks for its name."""

    def ask() -> str:
        return str(typer.prompt(f"Type '{stack}' to delete it", err=True))

    destroy(stack, (lambda: stack) if yes else ask)


def _asker(*, yes: bool) -> Callable[[str], bool]:
    """Return the function that asks the user, or that says yes for them."""
    if yes:
        return lambda _: True
    return lambda question: bool(typer.confirm(question, err=True))


def _replica(text: str) -> int | str:
    """Return a replica's number; host names have 12 digits, so a short number is a number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else text  # noqa: PLR2004


def main() -> None:
    """Run the command line."""
    app(prog_name="parity")
